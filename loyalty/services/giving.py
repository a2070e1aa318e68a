"""Giving points, one gift at a time or many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent
from contactcenter import clock, keys
from loyalty.models import Account, Entry
from loyalty.services.book import Book, expect_positive


@transaction.atomic
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
    at = at or clock.now()
    book = Book.lock(account)
    request = keys.digest("earn", account.pk, points, contra, source, reason, qualifying, months)
    if earlier := book.earlier(key, request):
        return earlier
    book.expect_active()
    book.expire(at)
    entry = book.post(
        Entry.Kind.EARN, points, contra=contra, key=key, request=request, at=at, by=by,
        source=source, reason=reason, qualifying=qualifying, breakdown=breakdown,
    )  # fmt: skip
    book.open_lot(entry, months=months or book.account.programme.validity_months)
    book.account.lifetime_earned += points
    book.keep()
    return entry
