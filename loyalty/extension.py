"""How long points or a tier are kept that ran out while the customer waited on us. Needs no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.tier_windows import last_day_before, midnight


def kept_until(
    end: datetime, waited: timedelta, zone: ZoneInfo, *, first_end: datetime, most_days: int
) -> datetime | None:
    """The later end of what ended at `end` (UTC) during a wait that took `waited`; None where there is none.

    It is as much later as the wait was long, and then to the local midnight that closes that day, as all points end.
    It lies at most `most_days` local days after the day of `first_end`, the end before anything was extended.
    """
    if waited <= timedelta(0):
        return None
    wanted = last_day_before(end + waited, zone)
    furthest = last_day_before(first_end, zone) + timedelta(days=most_days)
    until = midnight(min(wanted, furthest) + timedelta(days=1), zone)
    return until if until > end else None
