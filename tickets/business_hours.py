"""When somebody is there: opening hours by the clock on the wall of their zone. Needs no database.

Open is every instant at which that clock shows a time within the hours of its day. So where the clock goes back, the
hour that comes twice is open twice, and where it goes forward, the hour that never comes is open for nobody.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NO_TIME = timedelta(0)
LONGEST_CLOSED = timedelta(days=400)  # a year and what a year of holidays may shift
KEPT_DAYS = 2000

Hours = tuple[
    time, time
]  # from, to; up to or before its beginning it ends on the next day, 00:00 to 00:00 is all day
Span = tuple[datetime, datetime]  # half-open
Moment = TypeVar("Moment", datetime, timedelta)


class NeverOpen(ValueError):  # noqa: N818  as a refusal, it is an answer
    """Hours that are not open once in more than a year: nothing can be counted by them."""


@dataclass(frozen=True)
class _Steady:
    """A stretch of time in which the zone's clock runs evenly: from `starts` to `ends` (UTC), `offset` ahead of UTC."""

    starts: datetime
    ends: datetime
    offset: timedelta


class BusinessHours:
    """The hours of a `week` in `zone`: by weekday (Monday 0) any number of `Hours`; a day without any is closed.

    A day in `holidays` is closed (those of a country by the `holidays` package, or any set of days); `days` says of
    single days which hours they have, none being closed, whatever weekday or holiday they are. Hours belong to the day
    on which they begin: Friday's night shift works on, though Saturday is a holiday.
    All instants in and out are UTC; one without a zone is a `ValueError`.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        week: Mapping[int, Sequence[Hours]],
        holidays: Container[date] = (),
        days: Mapping[date, Sequence[Hours]] | None = None,
    ) -> None:
        self.zone = zone
        self.week = week
        self.holidays = holidays
        self.days = days or {}
        self._open_on = lru_cache(maxsize=KEPT_DAYS)(self._find_open)

    def add(self, instant: datetime, seconds: float) -> datetime:
        """The first instant by which `seconds` (0 or more) of opening have passed since `instant`.

        Refused: `NeverOpen`; `ValueError` for less than 0.
        """
        left = timedelta(seconds=seconds)
        if left < NO_TIME:
            raise ValueError("Opening hours are counted forwards: seconds must be 0 or more.")
        instant = _utc(instant)
        if not left:
            return instant
        for starts, ends in self._open_from(instant):
            if left <= ends - starts:
                return starts + left
            left -= ends - starts
        raise NeverOpen(f"Nobody is there within {LONGEST_CLOSED.days} days.")

    def between(self, start: datetime, end: datetime) -> float:
        """How many seconds of opening lie between two instants; below 0 where `end` is before `start`."""
        start, end = _utc(start), _utc(end)
        if end < start:
            return -self.between(end, start)
        found = NO_TIME
        day = start.date()
        while day <= end.date():
            for opens, closes in self._open_on(day):
                found += max(NO_TIME, min(closes, end) - max(opens, start))
            day += DAY
        return found.total_seconds()

    def is_open(self, instant: datetime) -> bool:
        instant = _utc(instant)
        return any(opens <= instant < closes for opens, closes in self._open_on(instant.date()))

    def next_open(self, instant: datetime) -> datetime:
        """The first instant from `instant` on at which somebody is there. Refused: `NeverOpen`."""
        for starts, _ends in self._open_from(_utc(instant)):
            return starts
        raise NeverOpen(f"Nobody is there within {LONGEST_CLOSED.days} days.")

    def next_close(self, instant: datetime) -> datetime | None:
        """When the hours that run at `instant`, or else the next ones, are over; None where they never are.

        Refused: `NeverOpen`.
        """
        instant, end = _utc(instant), None
        for starts, ends in self._open_from(instant):
            if end is not None and starts > end:
                return end
            end = ends
            if end - instant > LONGEST_CLOSED:
                return None
        if end is None:
            raise NeverOpen(f"Nobody is there within {LONGEST_CLOSED.days} days.")
        return end

    def _open_from(self, instant: datetime) -> Iterator[Span]:
        """What is open from `instant` on, until it has been closed for too long or time ends."""
        day, last = instant.date(), instant
        while datetime.combine(day, time.min, UTC) - max(last, self._last_of_days) <= LONGEST_CLOSED:
            for opens, closes in self._open_on(day):
                if closes > instant:
                    yield max(opens, instant), closes
                    last = closes
            if day == date.max:
                return
            day += DAY

    @property
    def _last_of_days(self) -> datetime:
        return datetime.combine(max(self.days, default=date.min), time.min, UTC)

    def _find_open(self, day: date) -> tuple[Span, ...]:
        """What is open on a day of UTC."""
        found: list[Span] = []
        for piece in _steady(self.zone, day):
            starts, ends = ((at + piece.offset).replace(tzinfo=None) for at in (piece.starts, piece.ends))
            wall = starts.date()
            while datetime.combine(wall, time.min) < ends:
                for opens, closes in self._hours_of(wall):
                    begin = max(datetime.combine(wall, time.min) + opens, starts)
                    end = min(datetime.combine(wall, time.min) + closes, ends)
                    if begin < end:
                        found.append(
                            (
                                (begin - piece.offset).replace(tzinfo=UTC),
                                (end - piece.offset).replace(tzinfo=UTC),
                            )
                        )
                wall += DAY
        return tuple(_joined(found))

    def _hours_of(self, day: date) -> list[tuple[timedelta, timedelta]]:
        """The hours of a day on the wall, without overlaps: its own, and those of the day before that go on."""
        found = [(_of(starts), DAY if ends <= starts else _of(ends)) for starts, ends in self._begun_on(day)]
        for starts, ends in self._begun_on(self._day_before(day)):
            if NO_TIME < _of(ends) <= _of(starts):
                found.append((NO_TIME, _of(ends)))
        return _joined(found)

    def _begun_on(self, day: date) -> Sequence[Hours]:
        if day in self.days:
            return self.days[day]
        return () if day in self.holidays else self.week.get(day.weekday(), ())

    def _day_before(self, day: date) -> date:
        """The day before; where the zone left one out, as Samoa did with 30 December 2011, the one before that."""
        before = day - DAY
        there = datetime.combine(before, time(12), self.zone).astimezone(UTC).astimezone(self.zone)
        return before if there.date() == before else before - DAY


def _steady(zone: ZoneInfo, day: date) -> list[_Steady]:
    """A day of UTC in pieces in which the clock of `zone` runs evenly; it is looked at every hour."""
    found: list[_Steady] = []
    start = datetime.combine(day, time.min, UTC)
    marks = [start + timedelta(hours=hour) for hour in range(25)]
    for one, other in pairwise(marks):
        if _offset(zone, one) == _offset(zone, other):
            continue
        turn = _turn(zone, one, other)
        if turn < marks[-1]:
            found.append(_Steady(start, turn, _offset(zone, one)))
            start = turn
    return [*found, _Steady(start, marks[-1], _offset(zone, start))]


def _turn(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second between two instants at which the clock of `zone` is put forward or back."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or NO_TIME


def _joined(spans: Sequence[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """Spans in order, those that touch or overlap as one."""
    found: list[tuple[Moment, Moment]] = []
    for starts, ends in sorted(spans):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((starts, ends))
    return found


def _of(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant needs a zone.")
    return instant.astimezone(UTC)
