"""The demo data: two brands with their people, customers, points, tickets and promises, all relative to now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from agents.models import Brand
from contactcenter import live
from contactcenter.demo import brands, callbacks, conversations, customers, people, purchases, showcase
from contactcenter.demo.story import Story
from contactcenter.errors import Refused
from customers.models import Customer
from tickets.models import Ticket

LOCK = 0x64656D6F  # "demo": two loaders stand in line here


def is_loaded() -> bool:
    """Whether the demo's tickets are in this database."""
    return Ticket.objects.filter(key=f"demo:{showcase.TICKET}").exists()


@transaction.atomic
def load(now: datetime, *, among_others: bool = False) -> bool:
    """Write the whole demo as it stands at the instant `now`; False when it is here already.

    All or nothing. Refused: `foreign_customers` in a database with customers that are not the demo's,
    unless `among_others`; `brand_taken` where a brand of ours has the demo's code or name.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if is_loaded():
        return False
    _expect_room(among_others)
    story = Story(now.replace(microsecond=0))
    brands.found(story)
    people.hire(story)
    profiles = [
        replace(profile, joined=showcase.joined(story.now)) if profile.key == showcase.MARIA else profile
        for profile in customers.read(story.now)
    ]
    talks = conversations.read(story.now, profiles)
    numbered = purchases.number(_bought(profiles, talks, story.now))
    customers.plan(story, profiles)
    purchases.plan(story, profiles, numbered)
    showcase.plan(story)
    conversations.plan(story, talks, {order.ticket: number for number, order in numbered if order.ticket})
    callbacks.plan(story, profiles)
    with live.without_nudges():
        story.tell()
    return True


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
