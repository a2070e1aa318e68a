"""From when to when points count towards a tier. Needs no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` begins in `zone` (days of 23 and 25 hours come out right)."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def calendar_year(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open window [start, end) of the calendar year in `zone` that holds the instant `at`, in UTC."""
    year = at.astimezone(zone).year
    return midnight(date(year, 1, 1), zone), midnight(date(year + 1, 1, 1), zone)


def months_on(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The local midnight that ends the day `months` after `at`; the 31st becomes the last of a shorter month."""
    day = at.astimezone(zone).date()
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = ((date(year + month // 12, month % 12 + 1, 1)) - date.resolution).day
    return midnight(date(year, month, min(day.day, last)) + date.resolution, zone)


def last_day_before(end: datetime, zone: ZoneInfo) -> date:
    """The last day in `zone` that lies before the instant `end`: what ends at a midnight ends with the day before."""
    return (end - datetime.resolution).astimezone(zone).date()
