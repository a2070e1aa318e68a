"""Opening hours against a second way to count them: minute by minute, by what the clock on the wall shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import make
from tickets.business_hours import BusinessHours, Hours, NeverOpen

MINUTE = timedelta(minutes=1)
ALL_DAY = (time(0), time(0))
OFFICE = {day: [(time(9), time(12)), (time(13), time(17, 30))] for day in range(5)}
NIGHTS = {day: [(time(22), time(6))] for day in range(7)}
# Days around which the clock of a zone does something, and of some where it never does.
TURNS = {
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/St_Johns": ["2026-03-08", "2026-11-01"],
    "America/Santiago": ["2026-04-05", "2026-09-06"],  # at midnight
    "America/Havana": ["2026-03-08", "2026-11-01"],  # at midnight and at one
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],  # the day before comes back for an hour
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "Pacific/Chatham": ["2026-04-05", "2026-09-27"],  # 12:45 ahead, and 13:45
    "Pacific/Apia": ["2011-12-30"],  # a day that never was
    "America/Caracas": ["2016-05-01"],  # half an hour, for good
    "Asia/Kathmandu": ["2026-05-05"],
    "UTC": ["2024-02-29"],
}
LENGTH = 6 * 24 * 60


@cache
def walls(zone: str, day: str) -> tuple[datetime, list[tuple[int, date, date]]]:
    """The first minute of the six days around; then of each the minute on the wall, its day, and the day before it."""
    start = make.instant(f"{day}T00:00+00:00") - timedelta(days=3)
    found: list[tuple[int, date, date]] = []
    shown = before = (start - timedelta(days=2)).astimezone(ZoneInfo(zone)).date()
    for number in range(-48 * 60, LENGTH):
        wall = (start + number * MINUTE).astimezone(ZoneInfo(zone))
        if wall.date() != shown:
            shown, before = wall.date(), shown
        if number >= 0:
            found.append((minute_of(wall.time()), shown, before))
    return start, found


def minute_of(clock: time) -> int:
    return clock.hour * 60 + clock.minute


class Slow:
    """The same hours as a list of minutes, each open or not."""

    def __init__(self, hours: BusinessHours, day: str) -> None:
        self.hours = hours
        self.start, told = walls(hours.zone.key, day)
        shown = {days: self.shown(*days) for days in {(wall, before) for _minute, wall, before in told}}
        self.open = [minute in shown[wall, before] for minute, wall, before in told]

    def shown(self, day: date, before: date) -> set[int]:
        """The minutes of a day of the wall that are open."""
        found: set[int] = set()
        for opens, closes in self.of(day):
            found |= set(range(minute_of(opens), minute_of(closes) if closes > opens else 24 * 60))
        for opens, closes in self.of(before):
            found |= set(range(minute_of(closes) if closes <= opens else 0))
        return found

    def of(self, day: date) -> Sequence[Hours]:
        if day in self.hours.days:
            return self.hours.days[day]
        return () if day in self.hours.holidays else self.hours.week.get(day.weekday(), ())

    def at(self, minute: int) -> datetime:
        return self.start + minute * MINUTE


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59]))
day_hours = st.lists(st.one_of(st.tuples(times, times), st.just(ALL_DAY)), max_size=3)


@st.composite
def calendars(draw: st.DrawFn) -> Slow:
    zone = draw(st.sampled_from(sorted(TURNS)))
    day = draw(st.sampled_from(TURNS[zone]))
    near = st.integers(-3, 3).map(lambda days: date.fromisoformat(day) + timedelta(days=days))
    return Slow(
        BusinessHours(
            ZoneInfo(zone),
            draw(st.dictionaries(st.integers(0, 6), day_hours, max_size=7)),
            draw(st.sets(near, max_size=2)),
            draw(st.dictionaries(near, day_hours, max_size=2)),
        ),
        day,
    )


@given(calendars(), st.data())
def test_what_lies_between_is_the_open_minutes(slow: Slow, data: st.DataObject) -> None:
    for _ in range(10):
        one, other = sorted(data.draw(st.tuples(*[st.integers(0, LENGTH)] * 2)))
        expected = 60.0 * sum(slow.open[one:other])
        assert slow.hours.between(slow.at(one), slow.at(other)) == expected
        assert slow.hours.between(slow.at(other), slow.at(one)) == -expected


@given(calendars(), st.data())
def test_adding_goes_minute_by_minute_to_the_first_that_suffices(slow: Slow, data: st.DataObject) -> None:
    one = data.draw(st.integers(0, LENGTH - 1))
    there = sum(slow.open[one:])
    assume(there)
    for minutes in data.draw(st.lists(st.integers(1, there), min_size=1, max_size=10)):
        left, at = minutes, one
        while left:
            left -= slow.open[at]
            at += 1
        assert slow.hours.add(slow.at(one), 60 * minutes) == slow.at(at)


@given(calendars(), st.data())
def test_the_next_opening_and_closing_are_the_next_minutes_that_change(
    slow: Slow, data: st.DataObject
) -> None:
    for _ in range(10):
        one = data.draw(st.integers(0, LENGTH - 1))
        assert slow.hours.is_open(slow.at(one)) == slow.open[one]
        if not any(slow.open[one:]):
            continue
        opens = slow.open.index(True, one)
        assert slow.hours.next_open(slow.at(one)) == slow.at(opens)
        if not all(slow.open[opens:]):
            assert slow.hours.next_close(slow.at(one)) == slow.at(slow.open.index(False, opens))


def hours(zone: str = "Europe/Berlin", week: object = OFFICE, **more: object) -> BusinessHours:
    return BusinessHours(ZoneInfo(zone), week, **more)  # type: ignore[arg-type]


FRIDAY = date(2026, 12, 25)


@pytest.mark.parametrize(
    ("told", "start", "seconds", "end"),
    [
        (hours(), "2026-11-27T16:30+01:00", 7200, "2026-11-30T10:00+01:00"),  # over a weekend
        (hours(), "2026-11-27T11:30+01:00", 3600, "2026-11-27T13:30+01:00"),  # over lunch
        (hours(), "2026-11-27T16:30+01:00", 3600, "2026-11-27T17:30+01:00"),  # up to the last second
        (hours(), "2026-11-28T12:00+01:00", 0, "2026-11-28T12:00+01:00"),  # nothing is nothing, open or not
        (hours(holidays={FRIDAY}), "2026-12-24T17:00+01:00", 3600, "2026-12-28T09:30+01:00"),
        (hours(days={FRIDAY: [(time(10), time(11))]}), "2026-12-24T17:30+01:00", 7200, "2026-12-28T10:00+01:00"),
        (hours(week=NIGHTS, holidays={FRIDAY}), "2026-12-24T23:00+01:00", 6 * 3600, "2026-12-25T05:00+01:00"),
        (hours(week=NIGHTS), "2026-03-28T22:00+01:00", 7 * 3600, "2026-03-29T06:00+02:00"),  # an hour is missing
        (hours(week=NIGHTS), "2026-10-24T22:00+02:00", 9 * 3600, "2026-10-25T06:00+01:00"),  # one comes twice
        (hours("Australia/Lord_Howe", NIGHTS), "2026-10-03T22:00+10:30", 27000, "2026-10-04T06:00+11:00"),
        (hours("Pacific/Apia", {3: NIGHTS[3]}), "2011-12-29T22:00-10:00", 8 * 3600, "2011-12-31T06:00+14:00"),
        (hours("Pacific/Apia", NIGHTS), "2011-12-29T22:00-10:00", 8 * 3600, "2011-12-31T06:00+14:00"),
    ],
)  # fmt: skip
def test_seconds_of_opening_after_an_instant(told: BusinessHours, start: str, seconds: int, end: str) -> None:
    assert told.add(make.instant(start), seconds) == make.instant(end)
    assert told.add(make.instant(start), seconds).tzinfo is UTC
    assert told.between(make.instant(start), make.instant(end)) == seconds


def test_a_calendar_that_is_never_open_refuses() -> None:
    for closed in (hours(week={}), hours(week={0: []}), hours(holidays=Everyday())):
        at = make.instant("2026-01-01T00:00+00:00")
        for ask in (closed.next_open, closed.next_close, lambda at, closed=closed: closed.add(at, 1)):
            with pytest.raises(NeverOpen):
                ask(at)
        assert closed.between(at, at + timedelta(days=3)) == 0


def test_one_that_is_open_on_single_days_only_finds_them_and_ends_after_the_last() -> None:
    fair = hours(week={}, days={date(2029, 5, 1): [(time(10), time(11))]})
    at = make.instant("2026-01-01T00:00+00:00")
    assert fair.add(at, 3600) == make.instant("2029-05-01T11:00+02:00")
    with pytest.raises(NeverOpen):
        fair.add(at, 3601)


def test_who_is_always_there_never_closes() -> None:
    always = hours(week={day: [ALL_DAY] for day in range(7)})
    assert always.next_close(make.instant("2026-01-01T00:00+00:00")) is None


def test_instants_without_a_zone_and_less_than_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        hours().add(datetime(2026, 1, 1), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="forwards"):
        hours().add(make.instant("2026-01-01T00:00+00:00"), -1)


class Everyday:
    """Holidays without end."""

    def __contains__(self, day: object) -> bool:
        return True
