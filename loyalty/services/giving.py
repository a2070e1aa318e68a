"""Giving points, one gift at a time or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent
from contactcenter import clock, keys
from loyalty.models import Account, Entry
from loyalty.services import hot, tiers
from loyalty.services.book import Book, expect_positive, keep_all


@dataclass(frozen=True)
class Gift:
    """Points to give to an account (its id) as a lot of their own; the words are those of `earn`."""

    account: int
    points: int
    contra: str
    key: str
    at: datetime
    qualifying: int = 0
    months: int | None = None
    source: str = ""
    reason: str = ""
    breakdown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """The digest of what is asked for: one of `earn`, of `earn_many`, is the same."""
        return keys.digest(
            "earn",
            self.account,
            self.points,
            self.contra,
            self.source,
            self.reason,
            self.qualifying,
            self.months,
        )


def earn(
    account: Account,
    points: int,
    *,
    contra: str,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    qualifying: int = 0,
    months: int | None = None,
    source: str = "",
    reason: str = "",
    breakdown: dict[str, Any] | None = None,
) -> Entry:
    """Give `points` (> 0) as a new lot that lives `months` (default: the programme's validity).

    `qualifying` of them count towards tiers, in the year of `at`; a tier reached is held at once.
    Refused: `key_conflict`, `account_not_active`, `not_positive`.
    """
    expect_positive(points)
    gift = Gift(
        account.pk,
        points,
        contra,
        key,
        at or clock.now(),
        qualifying,
        months,
        source,
        reason,
        breakdown or {},
    )
    entry = Entry(
        account_id=account.pk, kind=Entry.Kind.EARN, contra=contra, points=points, qualifying=qualifying, key=key,
        request_hash=gift.request, occurred_at=gift.at, actor=by, source=source, reason=reason,
        breakdown=dict(gift.breakdown),
    )  # fmt: skip
    if qualifying <= 0:
        return hot.post(entry, months=months)[0]
    with transaction.atomic():
        entry, new = hot.post(entry, months=months)
        if new:
            _raise_tier(entry)
    return entry


def _raise_tier(entry: Entry) -> None:
    """Hold the tier that an entry reaches; its account is locked since it was posted."""
    account = Account.objects.select_related("programme", "tier").get(pk=entry.account_id)
    tiers.keep_changes(tiers.reached({account.pk: account}, [entry]))


@transaction.atomic
def earn_many(gifts: Sequence[Gift], held: Mapping[int, Account] | None = None) -> int:
    """Give all of `gifts` as `earn` would one after the other; gives how many were new.

    `held` are accounts (by id) that the caller has locked, as they are now: they are not read again.

    The accounts are locked in the order of their ids. What was given before under its key is passed over, and
    so is an account that is not active. Keys are not claimed: they must name their account, as an order's does;
    the database refuses the whole of it when another account writes one of them at the same instant.
    Refused: `not_positive`, `key_conflict` for a key that is known with other content.
    """
    books = {book.account.pk: book for book in Book.lock_all({gift.account for gift in gifts}, held)}
    known = dict(
        Entry.objects.filter(key__one_of=[gift.key for gift in gifts]).values_list("key", "request_hash")
    )
    for gift in gifts:
        expect_positive(gift.points)
        book, request = books[gift.account], gift.request
        if known.setdefault(gift.key, "") not in ("", request):
            raise keys.conflict()
        if known[gift.key] or book.account.status != Account.Status.ACTIVE:
            continue
        known[gift.key] = request
        _give(book, gift, request)
    moved = [book for book in books.values() if book.entries]
    keep_all(moved)
    return sum(entry.kind == Entry.Kind.EARN for book in moved for entry in book.entries)


def _give(book: Book, gift: Gift, request: str) -> Entry:
    book.expire_first(gift.at)
    entry = book.post(
        Entry.Kind.EARN, gift.points, contra=gift.contra, key=gift.key, request=request, at=gift.at, by=None,
        source=gift.source, reason=gift.reason, qualifying=gift.qualifying, breakdown=dict(gift.breakdown),
    )  # fmt: skip
    book.open_lot(entry, months=gift.months or book.account.programme.validity_months)
    book.account.lifetime_earned += gift.points
    return entry
