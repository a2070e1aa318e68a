"""The windows that customers choose from by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from callbacks import services, windows

DAYS = 7  # so many are shown at a time


@dataclass(frozen=True)
class Day:
    """A day of the calendar in `zone` with the windows that are free on it."""

    day: date
    windows: list[services.Choice]


@dataclass(frozen=True)
class Choice:
    """Some days to choose a window from, and the first day of those before and after, where there are any."""

    days: list[Day]
    earlier: date | None
    later: date | None


def choice(first: date | None, asked: services.Asked, *, at: datetime) -> Choice:
    """Seven days from `first` (None or a day that is over: today) with what is free on each, in the customer's zone."""
    today = at.astimezone(asked.place.zone).date()
    last = today + windows.FARTHEST
    begins = min(max(first or today, today), last)
    shown = [begins + timedelta(days=n) for n in range(DAYS) if begins + timedelta(days=n) <= last]
    booking = services.Booking(asked, at)
    days = [Day(day, _free_on(day, booking)) for day in shown]
    return Choice(
        [day for day in days if day.windows],
        earlier=max(today, begins - timedelta(days=DAYS)) if begins > today else None,
        later=begins + timedelta(days=DAYS) if begins + timedelta(days=DAYS) <= last else None,
    )


def chosen(word: str, asked: services.Asked, *, at: datetime) -> services.Choice | None:
    """The free window that begins at `word`, seconds since 1970 as the form gives them; None for anything else."""
    if not (word.isascii() and word.isdecimal() and len(word) <= 11):
        return None
    start = datetime.fromtimestamp(int(word), at.tzinfo)
    if not at < start <= at + windows.FARTHEST:
        return None
    free = _free_on(start.astimezone(asked.place.zone).date(), services.Booking(asked, at))
    return next((one for one in free if one.start == start), None)


def _free_on(day: date, booking: services.Booking) -> list[services.Choice]:
    """The windows that begin on `day` and are still to begin."""
    return [one for one in booking.day(day) if one.start > booking.at and not one.why_not]
