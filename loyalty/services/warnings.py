"""Telling members that points are about to end: 30, 7 and 1 days before, each once.

What ends next is told of. Goodwill that ends later, but within the longest warning, is told of too: a gift that nobody
remembers is easily lost behind points that end first. Both are one letter about one day, under one key, so that nobody
is told of the same points twice; it says how many of them were a gift.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F, Q, Sum

import customers.services
from contactcenter import clock
from customers.models import Consent, ContactPoint, Notice
from loyalty import offers, tier_windows
from loyalty.models import Account, Lot
from loyalty.services import sleeping

DAYS = (1, 7, 30)
GIFT = "issue.goodwill"  # the contra of lots that were given as goodwill
AT_A_TIME = 500  # accounts: who of them has been told is one question
Ending = tuple[Account, datetime]


def write_warnings(*, at: datetime | None = None) -> int:
    """Write a letter to everybody whose points end within 30 days and who was not told yet; gives how many.

    Of the warnings that are due only the nearest is written: who earned points that end tomorrow is told once. Who was
    given goodwill that ends within them is told of its own day, also where other points end before.
    Only active members who have a mail address and have not left the programme. Safe to repeat: the key of a
    letter names account, day and warning.
    """
    at = at or clock.now()
    ending, written = _ending(at), 0
    while batch := list(islice(ending, AT_A_TIME)):
        batch += _gifts_ending(batch, at)
        due = {_key(account, ends, at): (account, ends) for account, ends in batch}
        told = set(Notice.objects.filter(key__one_of=list(due)).values_list("key", flat=True))
        written += sum(_warn(*due[key], key, at) for key in due if key not in told)
    return written


def _ending(at: datetime) -> Iterator[Ending]:
    """Accounts whose points end within the longest warning, and when: by the index of what ends next."""
    until = at + timedelta(days=DAYS[-1])
    due = Account.objects.filter(next_expiry__gt=at, next_expiry__lte=until, status=Account.Status.ACTIVE)
    for account in (
        due.select_related("programme", "tier").order_by("next_expiry", "pk").iterator(chunk_size=AT_A_TIME)
    ):
        if account.next_expiry:
            yield account, account.next_expiry
    for account in sleeping.sleepers(until):
        ends = sleeping.end_after(account, account.last_deed)  # type: ignore[attr-defined]
        if at < ends <= until:
            yield account, ends


def _gifts_ending(batch: Sequence[Ending], at: datetime) -> list[Ending]:
    """When further goodwill of these accounts ends, of days that are not among theirs. One question."""
    accounts = {account.pk: account for account, _ends in batch}
    lots = Lot.objects.filter(account__in=list(accounts), is_open=True, contra=GIFT)
    within = lots.filter(expires_at__gt=at, expires_at__lte=at + timedelta(days=DAYS[-1]))
    days = (
        within.exclude(expires_at=F("account__next_expiry")).values_list("account", "expires_at").distinct()
    )
    return [(accounts[pk], ends) for pk, ends in days.order_by("expires_at", "account") if ends]


def _key(account: Account, ends: datetime, at: datetime) -> str:
    """The key of the nearest warning that is due: it names account, day and warning."""
    days = next(days for days in DAYS if ends - at <= timedelta(days=days))
    return (
        f"warn:{account.pk}:{tier_windows.last_day_before(ends, account.programme.zone).isoformat()}:{days}"
    )


def _warn(account: Account, ends: datetime, key: str, at: datetime) -> bool:
    last_day = tier_windows.last_day_before(ends, account.programme.zone)
    point = _reached_by(account)
    points, gift = _points(account, ends)
    if point is None or not points:
        return False
    context = {
        "points": points,
        "programme": account.programme.name,
        "last_day": last_day.isoformat(),
        "offer": _example(account, at),
    }
    if gift:
        context["gift"] = gift
    customers.services.write_notice(point, "points_expire", key=key, context=context, at=at, until=ends)
    return True


def _reached_by(account: Account) -> ContactPoint | None:
    """The mail address for letters about points, a verified one first; None for who may not be written to."""
    mails = ContactPoint.objects.filter(customer=account.customer_id, kind=ContactPoint.Kind.MAIL)
    points = sorted(mails, key=lambda point: (point.verified_at is None, point.pk))
    if not points or not customers.services.has_not_refused(account.customer, Consent.Purpose.PROGRAMME):
        return None
    return points[0]


def _points(account: Account, ends: datetime) -> tuple[int, int]:
    """How many points end then, and how many of them were a gift: of lots with that end, of a sleeper without one."""
    lots = account.lots.filter(is_open=True)
    own = (
        lots.filter(expires_at=ends)
        if lots.filter(expires_at=ends).exists()
        else lots.filter(expires_at=None)
    )
    sums = own.aggregate(all=Sum("remaining"), gift=Sum("remaining", filter=Q(contra=GIFT)))
    points = min(sums["all"] or 0, account.available)
    return points, min(sums["gift"] or 0, points)


def _example(account: Account, at: datetime) -> str:
    """The dearest reward that could be had for the points; nothing where there is none."""
    found = [offer for offer in offers.offers(account, at=at) if offer.is_within_reach]
    return max(found, key=lambda offer: offer.points).reward.name if found else ""
