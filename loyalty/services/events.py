"""Points for what nothing is paid for: becoming a member, a first contact on a channel, a birthday."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from contactcenter import clock
from customers.models import Customer
from loyalty import earning
from loyalty.earning import Part
from loyalty.models import Account, EarningRule, Entry, Programme
from loyalty.rulebook import Rulebook
from loyalty.services import caps
from loyalty.services.giving import Gift, earn_many

Event = EarningRule.Event
CATCH_UP_DAYS = 7  # a birthday is seen to so long, should the clock have stood still
AT_A_TIME = 500


@transaction.atomic
def record_contact(customer: Customer, channel: str, at: datetime, key: str) -> Entry | None:
    """The customer wrote or called on `channel`: points for the first time there, if a rule gives any; members only.

    What counts as first is the first since a rule gives points for it. `key` names what told of the contact.
    """
    return _reward(
        Account.objects.filter(customer=customer),
        Event.CONTACT,
        at=at,
        name="contact:{account}:" + channel,
        source=key[:80],
        channel=channel,
    )


@transaction.atomic
def welcome(account: Account, *, at: datetime) -> Entry | None:
    """Points for having become a member at `at`, if a rule gives any; once."""
    rows = Account.objects.filter(pk=account.pk)
    return _reward(rows, Event.SIGNUP, at=at, name="signup:{account}", source="signup")


def welcome_all(programme: Programme, accounts: Sequence[int]) -> int:
    """The same for members (ids of accounts) made just now, each as of having joined; gives how many got some."""
    rules = Rulebook.of([programme.pk], Event.SIGNUP)
    if not rules.rules:
        return 0
    rows = list(Account.objects.filter(pk__in=accounts).order_by("pk").prefetch_related("programme", "tier"))
    return _give(rows, rules, at=None, name="signup:{account}", source="signup")


def give_birthday_points(*, at: datetime | None = None) -> int:
    """Points for the birthdays of today and the days before that were missed; gives how many got some.

    A day is one of the programme's zone; who was born on 29 February has it on the 28th of other years. Once a
    year, whatever day is written down meanwhile; nobody for a day before they were a member.
    """
    at = at or clock.now()
    given = 0
    live = EarningRule.objects.filter(event=Event.BIRTHDAY, versions__live_at__isnull=False)
    for programme in Programme.objects.filter(pk__in=live.values("programme")).order_by("pk"):
        today = at.astimezone(programme.zone).date()
        for days in range(CATCH_UP_DAYS):
            given += _give_for_day(programme, today - timedelta(days=days))
    return given


def _give_for_day(programme: Programme, day: date) -> int:
    start, end = clock.day(day, programme.zone)
    born = [(day.month, day.day)]
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        born.append((2, 29))
    rules, given = Rulebook.of([programme.pk], Event.BIRTHDAY), 0
    for month, number in born:
        rows = Account.objects.filter(programme=programme, joined_at__lt=end)
        rows = rows.filter(customer__birth_month=month, customer__birth_day=number)
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        for place in range(0, len(ids), AT_A_TIME):
            with transaction.atomic():
                free = _locked(rows.filter(pk__in=ids[place : place + AT_A_TIME]), skip_locked=True)
                given += _give(
                    free, rules, at=start, name=f"birthday:{{account}}:{day.year}", source="birthday"
                )
    return given


def _reward(
    rows: QuerySet[Account], event: str, *, at: datetime, name: str, source: str, channel: str = ""
) -> Entry | None:
    accounts = _locked(rows)
    if not accounts:
        return None
    rules = Rulebook.of([accounts[0].programme_id], event)
    if not _give(accounts, rules, at=at, name=name, source=source, channel=channel):
        return None
    return Entry.objects.get(key=name.format(account=accounts[0].pk))


def _locked(rows: QuerySet[Account], *, skip_locked: bool = False) -> list[Account]:
    """The active accounts of these rows with tier and programme, locked in their order."""
    active = rows.filter(status=Account.Status.ACTIVE)
    locked = active.select_for_update(of=("self",), skip_locked=skip_locked)
    return list(locked.select_related("programme", "tier").order_by("pk"))


def _give(
    accounts: Sequence[Account],
    rules: Rulebook,
    *,
    at: datetime | None,
    name: str,
    source: str,
    channel: str = "",
) -> int:
    """Give locked accounts what the rules of `at` (None: of having joined) give, each once under its `name`.

    Gives how many got some.
    """
    known = _known(name.format(account=account.pk) for account in accounts)
    fresh = [account for account in accounts if name.format(account=account.pk) not in known]
    left = caps.left_for([(account, at or account.joined_at) for account in fresh], rules)
    gifts = []
    for account in fresh:
        when = at or account.joined_at
        parts = parts_once(account, rules, at=when, left=left.get(account.pk, {}), channel=channel)
        points = sum(part.points for part in parts)
        if points:
            gifts.append(
                Gift(
                    account=account.pk,
                    points=points,
                    contra="issue.event",
                    key=name.format(account=account.pk),
                    at=when,
                    qualifying=sum(part.qualifying for part in parts),
                    source=source,
                    breakdown={"rules": [part.told() for part in parts if part.points]},
                )
            )
    return earn_many(gifts) if gifts else 0


def parts_once(
    account: Account, rules: Rulebook, *, at: datetime, left: Mapping[str, int], channel: str = ""
) -> list[Part]:
    """What each rule of an event at `at` gives a locked account, also where that is nothing; `left` below the caps."""
    tier = account.tier.code if account.tier else ""
    parts = []
    for rule in rules.of_programme(account.programme_id):
        terms = rule.at(at)
        if terms is None or (terms.channels and channel not in terms.channels):
            continue
        figures = earning.figures_for(
            terms, terms.bonus, tier=tier, boosts=rule.boosts(tier, at), left=left.get(rule.code)
        )
        parts.append(earning.give_once(terms, figures))
    return parts


def _known(keys: Iterable[str]) -> set[str]:
    return set(Entry.objects.filter(key__one_of=list(keys)).values_list("key", flat=True))
