"""Spending points."""

from __future__ import annotations

from datetime import datetime

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from loyalty.models import Account, Entry
from loyalty.services import hot
from loyalty.services.book import expect_positive


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
    entry = Entry(
        account_id=account.pk, kind=Entry.Kind.REDEEM, contra=contra, points=-points, key=key, occurred_at=at,
        request_hash=keys.digest("redeem", account.pk, points, contra, source, reason), actor=by, source=source,
        reason=reason,
    )  # fmt: skip
    return hot.post(entry)[0]
