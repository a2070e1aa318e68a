"""Points that end because their member has done nothing for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery

from contactcenter import clock
from loyalty import tier_windows
from loyalty.expiry_ends import asleep_since
from loyalty.models import Account, Entry, Programme
from loyalty.services.book import Book
from loyalty.services.expiry import expire

DEEDS = (Entry.Kind.EARN, Entry.Kind.REDEEM)  # what a member does; all else happens to them


def expire_sleepers(*, at: datetime | None = None) -> int:
    """End the points of all who did nothing for as long as their programme allows; gives of how many accounts.

    Safe to repeat and to run twice at once: each account is looked at again under its lock.
    """
    at = at or clock.now()
    return sum(_end(account, at) for account in sleepers(at))


def sleepers(at: datetime) -> Iterator[Account]:
    """The accounts of programmes with expiry by inactivity that have slept long enough by `at`."""
    for programme in Programme.objects.filter(expiry_mode=Programme.Expiry.INACTIVITY):
        yield from asleep(programme, at).iterator(chunk_size=500)


def asleep(programme: Programme, at: datetime) -> QuerySet[Account]:
    """Its active accounts with points to lose whose last deed, and joining, lies too far back by `at`.

    `last_deed` of each is the instant of that deed, None: there was none.
    """
    since = asleep_since(at, programme.inactivity_months or 0, programme.zone)
    lately = Entry.objects.filter(account=OuterRef("pk"), kind__in=DEEDS, occurred_at__gte=since)
    rows = Account.objects.filter(programme=programme, status=Account.Status.ACTIVE, joined_at__lt=since)
    deeds = Entry.objects.filter(account=OuterRef("pk"), kind__in=DEEDS).order_by("-occurred_at")
    rows = rows.annotate(last_deed=Subquery(deeds.values("occurred_at")[:1]))
    return rows.filter(~Exists(lately), balance__gt=F("held")).select_related("programme").order_by("pk")


def end_of(account: Account) -> datetime:
    """When the points of a sleeper end: the local midnight so many months after the last deed, or joining."""
    return end_after(
        account, account.entries.filter(kind__in=DEEDS).aggregate(last=Max("occurred_at"))["last"]
    )


def end_after(account: Account, last_deed: datetime | None) -> datetime:
    """The same where the instant of the last deed is known; None: there was none."""
    programme = account.programme
    begun = max(last_deed, account.joined_at) if last_deed else account.joined_at
    return tier_windows.months_on(begun, programme.inactivity_months or 0, programme.zone)


@transaction.atomic
def _end(account: Account, at: datetime) -> bool:
    """Give the open lots their end, and let the ledger's own deed expire them; False when somebody was quicker."""
    account = Book.lock(account).account
    ends = end_of(account)
    if ends > at:
        return False
    account.lots.filter(is_open=True, expires_at=None).update(expires_at=ends)
    return expire(account, at=at) is not None
