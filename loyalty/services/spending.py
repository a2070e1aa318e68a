"""Spending points."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from loyalty.models import Account, Entry
from loyalty.services.book import Book, expect_positive


@transaction.atomic
def redeem(
    account: Account,
    points: int,
    *,
    by: Agent | None,
    key: str,
    contra: str = "redeem.reward",
    at: datetime | None = None,
    source: str = "",
    reason: str = "",
) -> Entry:
    """Spend `points` (> 0), those that expire first go first; what is due to expire goes before.

    Refused: `not_allowed` for a `by` without the right, `key_conflict`, `account_not_active`, `not_positive`,
    `not_enough_points`.
    """
    if by is not None:
        expect_right(by, "loyalty.redeem_points", account.brand_id)
    expect_positive(points)
    at = at or clock.now()
    book = Book.lock(account)
    request = keys.digest("redeem", account.pk, points, contra, source, reason)
    if earlier := book.earlier(key, request):
        return earlier
    book.expect_active()
    book.expire_first(at)
    book.expect_available(points)
    entry = book.post(
        Entry.Kind.REDEEM, -points, contra=contra, key=key, request=request, at=at, by=by,
        source=source, reason=reason,
    )  # fmt: skip
    book.use(entry, book.in_spending_order(), points)
    book.account.lifetime_redeemed += points
    book.keep()
    return entry
