"""What a member is about to reach or to lose, as facts a screen can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contactcenter import clock
from loyalty import tier_windows
from loyalty.models import Account, Tier


@dataclass(frozen=True)
class Progress:
    """Qualifying `points` of this year, the `next` tier (None at the top) and what is `missing` to it by `last_day`."""

    points: int
    next: Tier | None
    missing: int
    last_day: date

    @property
    def percent(self) -> int:
        """How much of the way is gone, 0 to 100."""
        if self.next is None:
            return 100
        return min(100, self.points * 100 // (self.next.qualifying_points or 1))


@dataclass(frozen=True)
class Expiring:
    """`points` that end next, at the end of `last_day` in the programme's zone."""

    points: int
    last_day: date


def of_tier(account: Account, at: datetime | None = None) -> Progress:
    """How far this account is from the tier above the one it holds, in the current calendar year."""
    start, end = tier_windows.calendar_year(at or clock.now(), account.programme.zone)
    points = account.entries.qualifying_between(start, end)
    rank = account.tier.rank if account.tier else 0
    above = Tier.objects.filter(programme=account.programme_id, rank__gt=rank).first()
    missing = max(0, above.qualifying_points - points) if above else 0
    return Progress(points, above, missing, tier_windows.last_day_before(end, account.programme.zone))


def expiring_soon(account: Account, *, days: int = 30, at: datetime | None = None) -> Expiring | None:
    """The points that end first, if that is within `days` of `at`; all that end at that same instant together."""
    at = at or clock.now()
    if account.next_expiry is None or account.next_expiry > at + timedelta(days=days):
        return None
    lots = account.lots.filter(is_open=True, expires_at=account.next_expiry).values_list(
        "remaining", flat=True
    )
    last_day = tier_windows.last_day_before(account.next_expiry, account.programme.zone)
    return Expiring(sum(lots), last_day)
