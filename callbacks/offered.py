"""The windows that customers choose from by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.models import Brand
from callbacks import windows
from callbacks.windows import Window
from contactcenter import clock
from customers.models import Customer

DAYS = 7  # so many are shown at a time


@dataclass(frozen=True)
class Day:
    """A day of the calendar in `zone` with the windows that are free on it."""

    day: date
    windows: list[Window]


@dataclass(frozen=True)
class Choice:
    """Some days to choose a window from, and the first day of those before and after, where there are any."""

    days: list[Day]
    earlier: date | None
    later: date | None


def free_on(day: date, *, brand: Brand, customer: Customer | None, at: datetime) -> list[Window]:
    """The windows that begin on `day` in the zone of the customer, or of the brand for somebody we do not know yet."""
    zone = zone_of(brand, customer)
    hours = windows.offered(day, zone, now=at, rules=windows.rules_for(zone))
    return [one for one in hours if one.start > at and not one.why_not]


def zone_of(brand: Brand, customer: Customer | None) -> ZoneInfo:
    """The zone in which windows are shown."""
    return ZoneInfo(customer.zone) if customer else clock.zone(brand.time_zone)


def choice(first: date | None, *, brand: Brand, customer: Customer | None, at: datetime) -> Choice:
    """Seven days from `first` (None or a day that is over: today) with what is free on each."""
    today = at.astimezone(zone_of(brand, customer)).date()
    last = today + windows.FARTHEST
    begins = min(max(first or today, today), last)
    shown = [begins + timedelta(days=n) for n in range(DAYS) if begins + timedelta(days=n) <= last]
    days = [Day(day, free_on(day, brand=brand, customer=customer, at=at)) for day in shown]
    return Choice(
        [day for day in days if day.windows],
        earlier=max(today, begins - timedelta(days=DAYS)) if begins > today else None,
        later=begins + timedelta(days=DAYS) if begins + timedelta(days=DAYS) <= last else None,
    )


def chosen(word: str, *, brand: Brand, customer: Customer | None, at: datetime) -> Window | None:
    """The free window that begins at `word`, seconds since 1970 as the form gives them; None for anything else."""
    if not (word.isascii() and word.isdecimal() and len(word) <= 11):
        return None
    start = datetime.fromtimestamp(int(word), at.tzinfo)
    if not at < start <= at + windows.FARTHEST:
        return None
    day = start.astimezone(zone_of(brand, customer)).date()
    free = free_on(day, brand=brand, customer=customer, at=at)
    return next((one for one in free if one.start == start), None)
