"""Spending points."""

from __future__ import annotations

from datetime import datetime

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from customers.services import require
from customers.verification import Deed
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
    conversation: str = "",
) -> Entry:
    """Spend `points` (> 0), those that expire first go first; what is due to expire goes before.

    Refused: `not_allowed` for a `by` without the right, `verification_needed` of who asks in the `conversation`,
    `key_conflict`, `account_not_active`, `not_positive`, `not_enough_points`.
    """
    if by is not None:
        expect_right(by, "loyalty.redeem_points", account.brand_id)
        if not Entry.objects.filter(key=key).exists():  # a repeat is answered whoever is verified by now
            require(account.customer, Deed.REDEEM, by=by, conversation=conversation, at=at)
    return spend(account, points, by=by, key=key, contra=contra, at=at, source=source, reason=reason)


def spend(
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
    """What `redeem` does once it is known that `by` may and who asks; refuses the rest of it."""
    expect_positive(points)
    at = at or clock.now()
    entry = Entry(
        account_id=account.pk, kind=Entry.Kind.REDEEM, contra=contra, points=-points, key=key, occurred_at=at,
        request_hash=keys.digest("redeem", account.pk, points, contra, source, reason), actor=by, source=source,
        reason=reason,
    )  # fmt: skip
    return hot.post(entry)[0]
