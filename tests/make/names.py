"""Names and numbers that were not given out before, instants and days to come."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contactcenter import clock

_count = itertools.count(1)


def next_number() -> int:
    """A number that was not given out before."""
    return next(_count)


def unique(prefix: str = "k") -> str:
    """A name that was not given out before: for keys, numbers and codes."""
    return f"{prefix}{next_number()}"


def instant(text: str) -> datetime:
    """The UTC instant of an ISO time with an offset."""
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, f"{text} names no offset"
    return at.astimezone(UTC)


def next_day(zone: str, hour: int = 10, *, days: int = 1, hours: int = 1) -> tuple[datetime, datetime]:
    """A window of `hours` from `hour` o'clock in `zone`, `days` from today."""
    day: date = clock.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    start = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return start, start + timedelta(hours=hours)
