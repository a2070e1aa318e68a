"""When points end, by the three ways a programme may choose. Needs no database."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.tier_windows import last_day_before, midnight, months_on


def fixed_day(at: datetime, months: int, zone: ZoneInfo, *, month: int, day: int) -> datetime:
    """The local midnight that ends the first `day`.`month`. on which points of `at` are `months` old or more.

    A day that a year does not have is the last of its month: 29 February is the 28th.
    """
    aged = last_day_before(months_on(at, months, zone), zone)
    ends = (_day(year, month, day) for year in (aged.year, aged.year + 1))
    return midnight(next(end for end in ends if end >= aged) + date.resolution, zone)


def asleep_since(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Whoever did the last thing before this instant has done nothing for `months` by `at`.

    It is the one instant for which `last < asleep_since(at)` says the same as `months_on(last) <= at`.
    """
    yesterday = at.astimezone(zone).date() - timedelta(days=1)
    years, month = divmod(yesterday.year * 12 + yesterday.month - 1 - months, 12)
    month += 1
    # What ends on the last of a month was begun on that day or on one that this month does not have.
    is_last = yesterday.day == monthrange(yesterday.year, yesterday.month)[1]
    return midnight(_day(years, month, 31 if is_last else yesterday.day) + date.resolution, zone)


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
