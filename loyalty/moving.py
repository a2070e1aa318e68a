"""What a transfer would move, before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from loyalty import tier_windows
from loyalty.models import Account
from loyalty.services.book import expect_positive, not_enough


@dataclass(frozen=True)
class Moved:
    """`points` of one lot, and the last day on which they can be spent, there as here (None: for ever)."""

    points: int
    last_day: date | None


def what_moves(account: Account, points: int, *, at: datetime) -> list[Moved]:
    """The parts that `points` (> 0) would be taken from at `at`: what expires first goes first. Moves nothing.

    Refused: `not_positive`, `not_enough_points`.
    """
    expect_positive(points)
    live = account.lots.in_spending_order().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))
    lots = list(live)
    available = max(0, sum(lot.remaining for lot in lots) - account.held)
    if available < points:
        raise not_enough(available)
    moved = []
    for lot in lots:
        taken = min(points, lot.remaining)
        if taken:
            end = lot.expires_at
            last_day = tier_windows.last_day_before(end, account.programme.zone) if end else None
            moved.append(Moved(taken, last_day))
        points -= taken
    return moved
