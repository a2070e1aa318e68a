"""Which windows of time can be promised. Needs no database.

A window can be promised when the whole of it lies in what is allowed. Allowed is said in times of day, and holds at
every instant at which the clock on the wall there shows one of them: an hour that comes twice is quiet twice, one that
never comes is quiet for nobody. `tickets.business_hours` counts all of them so, whosever hours they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callbacks.capacity import EPOCH, QUARTER
from tickets.business_hours import BusinessHours, Hours, NeverOpen

FARTHEST = timedelta(days=90)
LONGEST = timedelta(hours=12)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SHOWN = range(7, 22)  # hours of the day that are shown even when nobody may be called in them
MIDNIGHT = time(0)
RULES_KEPT = 1000

Week = Mapping[int, Sequence[Hours]]  # by weekday, Monday 0
HasRoom = Callable[[datetime, datetime], bool]


@dataclass(frozen=True)
class Quiet:
    """When nobody in a country is called: from `starts` to `ends`, local times of day, and on whole `weekdays`.

    Where it ends before it starts it goes on until the next day; where both are the same no hour is quiet.
    """

    starts: time = time(21)
    ends: time = time(8)
    weekdays: frozenset[int] = frozenset()


USUAL = Quiet()


@dataclass(frozen=True)
class Rules:
    """What a window must keep to, besides lying ahead; whatever is left out asks for nothing.

    `awake` are the hours that are not quiet, one for each zone in which the customer may be; `contact` those in which
    the customer wants to be called, `ours` those in which we work; `has_room` says whether somebody has time; `barred`
    is a code that stands against every window.
    """

    awake: tuple[BusinessHours, ...] = ()
    contact: BusinessHours | None = None
    ours: BusinessHours | None = None
    has_room: HasRoom | None = None
    barred: str = ""

    def against(self, start: datetime, end: datetime, *, now: datetime) -> str:
        """The code of what stands against [start, end), `""` when nothing does.

        `barred`, `quiet_hours`, `contact_hours`, `closed` or `full`; of a window that runs, what is left at `now` must
        be free.
        """
        if self.barred:
            return self.barred
        for code, hours in self._hours():
            if not _inside(hours, start, end):
                return code
        return "full" if self.has_room and not self.has_room(max(start, now), end) else ""

    def later(self, start: datetime, end: datetime) -> datetime:
        """The first instant after `start` at which a window as long as [start, end) could begin instead.

        Refused: `NeverOpen`.
        """
        if self.barred:
            raise NeverOpen(self.barred)
        for _code, hours in self._hours():
            if not _inside(hours, start, end):
                opens = hours.next_open(start)
                closes = hours.next_close(start)
                return opens if opens > start or closes is None else hours.next_open(closes)
        return EPOCH + ((start - EPOCH) // QUARTER + 1) * QUARTER

    def _hours(self) -> list[tuple[str, BusinessHours]]:
        said = [("contact_hours", self.contact), ("closed", self.ours)]
        asked = [(code, hours) for code, hours in said if hours is not None]
        return [("quiet_hours", hours) for hours in self.awake] + asked


ANY_TIME = Rules()


@dataclass(frozen=True)
class Window:
    """A span of time [start, end) as UTC instants; `why_not` is the code of what stands against promising it."""

    start: datetime
    end: datetime
    why_not: str = ""


def rules_for(
    *zones: ZoneInfo,
    quiet: Quiet = USUAL,
    contact: Week | None = None,
    ours: BusinessHours | None = None,
    has_room: HasRoom | None = None,
    barred: str = "",
) -> Rules:
    """What holds for a call to somebody in one of `zones`, who wants it in `contact` by the clock of the first.

    No contact hours at all means any time.
    """
    wanted = BusinessHours(zones[0], contact) if contact and any(contact.values()) else None
    return Rules(tuple(awake(quiet, zone) for zone in zones), wanted, ours, has_room, barred)


@lru_cache(maxsize=RULES_KEPT)
def awake(quiet: Quiet, zone: ZoneInfo) -> BusinessHours:
    """The hours in which somebody in `zone` may be called."""
    if quiet.starts == quiet.ends:
        free = [(MIDNIGHT, MIDNIGHT)]
    elif quiet.starts > quiet.ends:
        free = [(quiet.ends, quiet.starts)]
    else:
        spans = [(MIDNIGHT, quiet.starts), (quiet.ends, MIDNIGHT)]
        free = [(starts, ends) for starts, ends in spans if starts != ends]
    return BusinessHours(zone, {day: free for day in range(7) if day not in quiet.weekdays})


def refusal(start: datetime, end: datetime, *, now: datetime, rules: Rules = ANY_TIME) -> str:
    """The code of what stands against promising [start, end), `""` when nothing does.

    `past`, `backwards`, `too_long` (12 h), `too_far` (90 days), and what the `rules` of a call say; a task has none.
    """
    if end <= start:
        return "backwards"
    if end <= now:
        return "past"
    if end - start > LONGEST:
        return "too_long"
    if start - now > FARTHEST:
        return "too_far"
    return rules.against(start, end, now=now)


def offered(day: date, zone: ZoneInfo, *, now: datetime, rules: Rules) -> list[Window]:
    """The hours that begin on a full hour of the customer's `day`, each with what stands against it.

    Those from 7:00 to 22:00 always, others where they are free or full. An hour that the clock shows twice is there
    twice, one that never comes is not there, nor is a day that never was.
    """
    windows = []
    for start in _full_hours(day, zone):
        window = Window(start, start + HOUR, refusal(start, start + HOUR, now=now, rules=rules))
        if start.astimezone(zone).hour in SHOWN or window.why_not in ("", "full"):
            windows.append(window)
    return windows


def first_free(after: datetime, length: timedelta, *, now: datetime, rules: Rules) -> Window | None:
    """The first window of this `length` from `after` on that can be promised; None when there is none in 90 days.

    It begins at `after` (the next whole minute), when something opens, or where only time was wanting, at a quarter
    hour. Refused with `ValueError`: a length of nothing, or of more than a promise may span.
    """
    if not timedelta(0) < length <= LONGEST:
        raise ValueError("A window is longer than nothing and spans twelve hours at most.")
    start = EPOCH - (EPOCH - max(after, now)) // MINUTE * MINUTE
    try:
        while start - now <= FARTHEST:
            if not rules.against(start, start + length, now=now):
                return Window(start, start + length)
            start = rules.later(start, start + length)
    except NeverOpen:
        pass
    return None


def is_quiet(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether any part of [start, end) falls into the usual quiet hours (21:00 to 8:00 local time)."""
    return not _inside(awake(USUAL, zone), start, end)


def after_quiet(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """`start`, or the next 8:00 in `zone` when [start, start + length) would touch the usual quiet hours."""
    while is_quiet(start, start + length, zone):
        start = rules_for(zone).later(start, start + length)
    return start


def _inside(hours: BusinessHours, start: datetime, end: datetime) -> bool:
    return hours.between(start, end) == (end - start).total_seconds()


def _full_hours(day: date, zone: ZoneInfo) -> list[datetime]:
    """The UTC instants at which the clock in `zone` shows a full hour of `day`."""
    shown = [datetime.combine(day, time(hour, fold=fold), zone) for hour in range(24) for fold in (0, 1)]
    instants = {at.astimezone(UTC) for at in shown if _is_shown(at, zone)}
    return sorted(instants)


def _is_shown(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock ever shows this; what it leaps over comes back as another time."""
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
