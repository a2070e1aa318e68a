"""The demo data: two brands with their people, customers, points, tickets and promises, all relative to now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from agents.models import Brand
from contactcenter import live
from contactcenter.demo import (
    amends,
    brands,
    callbacks,
    conversations,
    customers,
    history,
    mark,
    moving,
    outward,
    people,
    purchases,
    rules,
    showcase,
    sorting,
)
from contactcenter.demo.mark import Mark
from contactcenter.demo.story import Story
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import compare_some
from tickets.models import Clock
from tickets.services import prove_tickets

LOCK = 0x64656D6F  # "demo": two loaders stand in line here


def is_loaded() -> bool:
    """Whether the demo is in this database."""
    return mark.read() is not None


def is_alone() -> bool:
    """Whether the demo is in this database and nobody else's customers are, nor ever were."""
    here = mark.read()
    return bool(here and here.alone) and not Brand.objects.exclude(code__in=brands.BRANDS).exists()


@transaction.atomic
def load(now: datetime, *, among_others: bool = False) -> bool:
    """Write the whole demo as it stands at the instant `now`; False when it is here already.

    All or nothing. Refused: `foreign_customers` in a database with customers that are not the demo's,
    unless `among_others`; `brand_taken` where a brand of ours has the demo's code or name.
    """
    _stand_in_line()
    if is_loaded():
        return False
    _expect_room(among_others)
    alone = not Customer.objects.exists() and not Brand.objects.exists()
    _tell(now)
    mark.write(Mark(now, alone, moving.held()))
    return True


@transaction.atomic
def move_along(now: datetime) -> str:
    """Let a demo that is loaded stand as of `now`, if that is a later day; gives a sentence about it, or none.

    Everything moves along, what people did in it too. Where the year has turned and nobody has done anything,
    nor any row come or gone since it was told, it is told afresh. A demo among somebody's own customers, or
    behind HTTPS, stays as it is.
    """
    _stand_in_line()
    here = mark.read()
    if here is None or settings.HTTPS or not is_alone() or not moving.is_later_day(here.as_of, now):
        return ""
    sleep = moving.since(here.as_of, now)
    turned = moving.year_has_turned(here.as_of, now)
    if turned and sleep.last == here.as_of and moving.held() == here.held:
        moving.wipe()
        _tell(now)
        mark.write(Mark(now, here.alone, moving.held()))
        return "The year has turned and nobody had worked in the demo: it was told afresh."
    mark.write(replace(here, as_of=now))
    moving.move(sleep)
    words = f"The demo moved along by {sleep.length.days} days and {sleep.length.seconds // 3600} hours."
    if turned:
        words += " A new year counts for the tiers by now: RESET=1 tells the demo afresh for it."
    return words


def _stand_in_line() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _tell(now: datetime) -> None:
    """Found the brands and do all that ever happened in them, the oldest deed first."""
    story = Story(now.replace(microsecond=0))
    brands.found(story)
    sorting.found(story)
    people.hire(story)
    profiles = [
        replace(profile, joined=showcase.joined(story.now)) if profile.key == showcase.MARIA else profile
        for profile in customers.read(story.now)
    ]
    talks = conversations.read(story.now, profiles)
    quiet = [profile for profile in profiles if profile.key not in {talk.profile.key for talk in talks}]
    talks += history.talks(story.now, quiet, count=history.TICKETS - len(talks))
    talks.sort(key=lambda talk: talk.opened)
    numbered = purchases.number(_bought(profiles, talks, story.now))
    customers.plan(story, profiles)
    given = conversations.given(talks) + [(showcase.MARIA, order.at) for _number, order in numbered]
    purchases.plan(story, profiles, numbered, given=given)
    showcase.plan(story)
    conversations.plan(story, talks, {order.ticket: number for number, order in numbered if order.ticket})
    callbacks.plan(story, profiles)
    sorting.plan(story)
    with live.without_nudges():
        story.tell()
        outward.tell(story)
        amends.tell(story)
    rules.set_up(story)  # last: they look at what happens from now on
    # What was answered in the past is settled: the clock does not look at it again.
    Clock.objects.filter(wait_ended_at__isnull=False).update(wait_ended_at=None)
    while compare_some(at=story.now):  # who may be one person, as the clock would find it in ten minutes
        pass
    prove_tickets(
        at=story.now
    )  # as the clock would in half an hour: an audit of years waits for no first night


def _bought(
    profiles: list[customers.Profile], talks: list[conversations.Talk], now: datetime
) -> list[purchases.Purchase]:
    """Every order of every customer."""
    spoken_of = [talk.order for talk in talks if talk.order]
    bought = []
    for profile in profiles:
        mine = [order for order in spoken_of if order.customer == profile.key]
        if profile.key == showcase.MARIA:
            bought += mine + showcase.bought(now)
        else:
            bought += purchases.of_customer(profile, mine, now)
    return bought


def _expect_room(among_others: bool) -> None:
    if Customer.objects.exists() and not among_others:
        raise Refused(
            "foreign_customers",
            "This database holds customers that are not the demo's. Use another one, or say --yes to load beside them.",
        )
    taken = Brand.objects.filter(code__in=brands.BRANDS).values_list("code", flat=True)
    if taken:
        raise Refused(
            "brand_taken", f"A brand with the code {', '.join(taken)} is here already; the demo needs it."
        )
