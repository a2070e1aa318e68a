"""Windows against a second way to tell: minute by minute, by what the clock on the wall shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callbacks import windows
from callbacks.windows import HOUR, Quiet, Rules
from tests.make import instant
from tickets.business_hours import BusinessHours, Hours

MINUTE = timedelta(minutes=1)
# Days around which the clock of a zone does something, and of some where it never does.
TURNS = {
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "Europe/Dublin": ["2026-03-29", "2026-10-25"],  # whose winter is the time that is shifted
    "America/St_Johns": ["2026-03-08", "2026-11-01"],
    "America/Los_Angeles": ["2026-03-08", "2026-11-01"],
    "America/Santiago": ["2026-04-05", "2026-09-06"],  # at midnight
    "America/Havana": ["2026-03-08", "2026-11-01"],  # at midnight and at one
    "America/Caracas": ["2016-05-01"],  # half an hour, for good
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],  # the day before comes back for an hour
    "Asia/Kathmandu": ["2026-05-05"],  # 5:45 ahead
    "Asia/Pyongyang": ["2015-08-15", "2018-05-05"],  # half an hour back, and forth
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],  # by two hours
    "Antarctica/Casey": ["2018-03-11", "2019-10-04"],  # by three hours
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "Pacific/Chatham": ["2026-04-05", "2026-09-27"],  # 12:45 ahead, and 13:45
    "Pacific/Apia": ["2011-12-30"],  # a day that never was
    "UTC": ["2024-02-29"],
}
LENGTH = 6 * 24 * 60
Shown = tuple[int, date, date]  # the minute of the day, the day, and the day before it


@cache
def walls(zone: str, start: datetime) -> list[Shown]:
    """What the clock shows in each minute of the six days from `start` on."""
    found: list[Shown] = []
    shown = before = (start - timedelta(days=4)).astimezone(ZoneInfo(zone)).date()
    for number in range(-48 * 60, LENGTH):
        wall = (start + number * MINUTE).astimezone(ZoneInfo(zone))
        if wall.date() != shown:
            shown, before = wall.date(), shown
        if number >= 0:
            found.append((wall.hour * 60 + wall.minute, shown, before))
    return found


def minute_of(clock: time) -> int:
    return clock.hour * 60 + clock.minute


@dataclass
class Slow:
    """A customer's and our hours, each asked of each minute."""

    day: str
    zone: str
    quiet: Quiet
    contact: Mapping[int, Sequence[Hours]] | None
    ours: BusinessHours | None

    def __post_init__(self) -> None:
        self.start = instant(f"{self.day}T00:00+00:00") - timedelta(days=3)
        there = walls(self.zone, self.start)
        self.sleeps = [self.is_quiet(shown) for shown in there]
        self.wants = [self.is_wanted(shown) for shown in there]
        self.works = [True] * LENGTH
        if self.ours is not None:
            self.works = [self.is_open(shown) for shown in walls(self.ours.zone.key, self.start)]

    def is_quiet(self, shown: Shown) -> bool:
        minute, day, _before = shown
        starts, ends = minute_of(self.quiet.starts), minute_of(self.quiet.ends)
        if day.weekday() in self.quiet.weekdays:
            return True
        return starts <= minute < ends if starts <= ends else minute >= starts or minute < ends

    def is_wanted(self, shown: Shown) -> bool:
        week = self.contact
        if not week or not any(week.values()):
            return True
        return in_hours(shown, lambda day: week.get(day.weekday(), ()))

    def is_open(self, shown: Shown) -> bool:
        ours = self.ours
        assert ours is not None

        def of(day: date) -> Sequence[Hours]:
            if day in ours.days:
                return ours.days[day]
            return () if day in ours.holidays else ours.week.get(day.weekday(), ())

        return in_hours(shown, of)

    def against(self, one: int, other: int) -> str:
        if any(self.sleeps[one:other]):
            return "quiet_hours"
        if not all(self.wants[one:other]):
            return "contact_hours"
        return "" if all(self.works[one:other]) else "closed"

    def rules(self) -> Rules:
        return windows.rules_for(ZoneInfo(self.zone), quiet=self.quiet, contact=self.contact, ours=self.ours)

    def at(self, minute: int) -> datetime:
        return self.start + minute * MINUTE


def in_hours(shown: Shown, of: Callable[[date], Sequence[Hours]]) -> bool:
    """Whether this minute lies in the hours of its day, or in those of the day before that go on after midnight."""
    minute, day, before = shown
    for opens, closes in of(day):
        starts, ends = minute_of(opens), minute_of(closes)
        if starts <= minute < (ends if ends > starts else 24 * 60):
            return True
    return any(closes <= opens and minute < minute_of(closes) for opens, closes in of(before))


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 0, 15, 30, 45, 59]))
spans = st.lists(st.tuples(times, times), max_size=3)
weeks = st.dictionaries(st.integers(0, 6), spans, max_size=7)
busy_weeks = st.fixed_dictionaries(
    {day: st.lists(st.tuples(times, times), min_size=1, max_size=3) for day in range(7)}
)


@st.composite
def customers(draw: st.DrawFn) -> Slow:
    zone = draw(st.sampled_from(sorted(TURNS)))
    day = draw(st.sampled_from(TURNS[zone]))
    near = st.integers(-3, 3).map(lambda days: date.fromisoformat(day) + timedelta(days=days))
    quiet = draw(
        st.just(windows.USUAL) | st.builds(Quiet, times, times, st.frozensets(st.integers(0, 6), max_size=2))
    )
    ours = st.builds(
        BusinessHours,
        st.sampled_from([zone, "Europe/Berlin", "Australia/Lord_Howe"]).map(ZoneInfo),
        busy_weeks | weeks,
        st.sets(near, max_size=1),
        st.dictionaries(near, spans, max_size=1),
    )
    return Slow(day, zone, quiet, draw(st.none() | busy_weeks | weeks), draw(st.none() | ours))


@given(customers(), st.data())
def test_a_window_can_be_promised_if_each_of_its_minutes_is_free(slow: Slow, data: st.DataObject) -> None:
    now, rules = slow.at(0) - HOUR, slow.rules()
    for _ in range(20):
        one = data.draw(st.integers(0, LENGTH - 721))
        other = one + data.draw(st.integers(1, 90) | st.integers(1, 720))
        found = windows.refusal(slow.at(one), slow.at(other), now=now, rules=rules)
        assert found == slow.against(one, other)


@given(customers(), st.data())
def test_the_first_free_window_begins_at_the_first_minute_that_will_do(
    slow: Slow, data: st.DataObject
) -> None:
    now, rules = slow.at(0) - HOUR, slow.rules()
    for _ in range(5):
        after, length = data.draw(st.integers(0, LENGTH - 1)), data.draw(st.integers(1, 720))
        free = windows.first_free(slow.at(after), length * MINUTE, now=now, rules=rules)
        tried = range(after, LENGTH - length + 1)
        expected = next((one for one in tried if not slow.against(one, one + length)), None)
        if expected is not None:
            assert free == windows.Window(slow.at(expected), slow.at(expected + length))
        elif free is not None:
            assert free.end > slow.at(LENGTH)
            assert not windows.refusal(free.start, free.end, now=now, rules=rules)


@given(customers(), st.integers(-2, 2), st.integers(0, LENGTH))
def test_the_hours_offered_are_the_full_hours_the_clock_shows(slow: Slow, days: int, now: int) -> None:
    day = date.fromisoformat(slow.day) + timedelta(days=days)
    expected = []
    for one, (minute, shown, _before) in enumerate(walls(slow.zone, slow.start)[: LENGTH - 60]):
        if shown == day and minute % 60 == 0:
            why_not = "past" if one + 60 <= now else slow.against(one, one + 60)
            if 7 * 60 <= minute < 22 * 60 or not why_not:
                expected.append(windows.Window(slow.at(one), slow.at(one + 60), why_not))
    found = windows.offered(day, ZoneInfo(slow.zone), now=slow.at(now), rules=slow.rules())
    assert [window for window in found if window.end < slow.at(LENGTH)] == expected


def disagreements(refusal: Callable[[datetime, datetime, ZoneInfo], str]) -> set[str]:
    """The zones in which a rule says something else of a quarter of an hour around a change than the minutes do."""
    found = set()
    for zone, days in TURNS.items():
        for day in days:
            slow = Slow(day, zone, windows.USUAL, None, None)
            for one in range(0, LENGTH - 60, 15):
                said = refusal(slow.at(one), slow.at(one + 15), ZoneInfo(zone))
                if said != slow.against(one, one + 15):
                    found.add(zone)
    return found


def test_the_usual_quiet_hours_hold_in_every_quarter_hour_around_every_change() -> None:
    def rule(start: datetime, end: datetime, zone: ZoneInfo) -> str:
        return windows.refusal(start, end, now=start - HOUR, rules=windows.rules_for(zone))

    assert disagreements(rule) == set()


def test_hours_counted_from_midnight_would_be_found() -> None:
    """The negative control: on a day of 23 or 25 hours, eight hours after midnight is not eight o'clock."""

    def rule(start: datetime, end: datetime, zone: ZoneInfo) -> str:
        midnight = datetime.combine(start.astimezone(zone).date(), time(0), zone).astimezone(UTC)
        opens, closes = midnight + 8 * HOUR, midnight + 21 * HOUR
        return "" if opens <= start and end <= closes else "quiet_hours"

    found = disagreements(rule)
    assert {"Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll"} <= found
    assert not {"UTC", "Asia/Kathmandu"} & found


def test_hours_of_the_zone_as_it_is_now_would_be_found() -> None:
    """The negative control: the offset of today is not that of the day of the window."""

    def rule(start: datetime, end: datetime, zone: ZoneInfo) -> str:
        offset = (start - timedelta(days=2)).astimezone(zone).utcoffset() or timedelta(0)
        first, last = ((at + offset).time() for at in (start, end - MINUTE))
        return "" if time(8) <= first <= last < time(21) else "quiet_hours"

    assert {"Europe/Berlin", "Pacific/Chatham", "Asia/Pyongyang"} <= disagreements(rule)
