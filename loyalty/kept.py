"""Points that a member still has because they waited on us."""

from __future__ import annotations

from datetime import datetime

from contactcenter import clock
from loyalty.models import Account, LotExtension

SHOWN = 3


def extended(account: Account, *, at: datetime | None = None) -> list[LotExtension]:
    """The newest extension of each open lot that would have ended by `at` without it, the first to end first."""
    at = at or clock.now()
    rows = LotExtension.objects.filter(
        lot__account=account, lot__is_open=True, was_until__lte=at, until__gt=at
    ).select_related("lot__account__programme")
    return list(rows.order_by("until", "pk")[:SHOWN])
