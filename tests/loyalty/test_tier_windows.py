from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from loyalty.tier_windows import Window, calendar_year, midnight, months_on
from tests.make import instant

BERLIN, SAO_PAULO, TOKYO = "Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo"
APIA, HAVANA, KATHMANDU = "Pacific/Apia", "America/Havana", "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        (date(2026, 3, 29), BERLIN, "2026-03-28T23:00+00:00"),
        (date(2026, 3, 30), BERLIN, "2026-03-29T22:00+00:00"),
        (date(2026, 10, 26), BERLIN, "2026-10-25T23:00+00:00"),
        (date(2026, 6, 1), TOKYO, "2026-05-31T15:00+00:00"),
        (date(2026, 6, 1), KATHMANDU, "2026-05-31T18:15+00:00"),
        # clocks went from 0:00 to 1:00: the day began at what was called one o'clock
        (date(2018, 11, 4), SAO_PAULO, "2018-11-04T03:00+00:00"),
        # 0:00 came twice: the day began with the first
        (date(2026, 11, 1), HAVANA, "2026-11-01T04:00+00:00"),
        # a day that never was begins and ends where the next begins
        (date(2011, 12, 30), APIA, "2011-12-30T10:00+00:00"),
        (date(2011, 12, 31), APIA, "2011-12-30T10:00+00:00"),
    ],
)
def test_a_day_begins_at_its_local_midnight(day: date, zone: str, begins: str) -> None:
    assert midnight(day, ZoneInfo(zone)) == instant(begins)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2026, 7, 1), BERLIN, 24),
        (date(2018, 11, 4), SAO_PAULO, 23),
        (date(2018, 2, 17), SAO_PAULO, 25),
        (date(2011, 12, 30), APIA, 0),
        (date(2026, 3, 29), TOKYO, 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, zone: str, hours: int) -> None:
    length = midnight(day + timedelta(days=1), ZoneInfo(zone)) - midnight(day, ZoneInfo(zone))
    assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("at", "zone", "start", "end"),
    [
        ("2026-06-01T12:00+00:00", BERLIN, "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("2025-12-31T23:30-03:00", SAO_PAULO, "2025-01-01T00:00-03:00", "2026-01-01T00:00-03:00"),
        ("2026-01-01T00:00-03:00", SAO_PAULO, "2026-01-01T00:00-03:00", "2027-01-01T00:00-03:00"),
        ("2025-12-31T15:00+00:00", TOKYO, "2026-01-01T00:00+09:00", "2027-01-01T00:00+09:00"),
        ("2025-12-31T14:59:59+00:00", TOKYO, "2025-01-01T00:00+09:00", "2026-01-01T00:00+09:00"),
        ("2011-12-31T12:00+14:00", APIA, "2011-01-01T00:00-10:00", "2012-01-01T00:00+14:00"),
        ("2024-02-29T12:00+01:00", BERLIN, "2024-01-01T00:00+01:00", "2025-01-01T00:00+01:00"),
    ],
)
def test_a_calendar_year_runs_from_local_new_year_to_local_new_year(
    at: str, zone: str, start: str, end: str
) -> None:
    assert calendar_year(instant(at), ZoneInfo(zone)) == (instant(start), instant(end))


@pytest.mark.parametrize(
    ("at", "months", "zone", "end"),
    [
        ("2026-01-15T12:00+01:00", 1, BERLIN, "2026-02-16T00:00+01:00"),
        ("2026-01-31T12:00+01:00", 1, BERLIN, "2026-03-01T00:00+01:00"),
        ("2024-01-31T12:00+01:00", 1, BERLIN, "2024-03-01T00:00+01:00"),
        ("2024-02-29T12:00+01:00", 12, BERLIN, "2025-03-01T00:00+01:00"),
        ("2024-02-29T12:00+01:00", 48, BERLIN, "2028-03-01T00:00+01:00"),
        ("2025-02-28T12:00+01:00", 12, BERLIN, "2026-03-01T00:00+01:00"),
        ("2026-12-31T12:00+01:00", 2, BERLIN, "2027-03-01T00:00+01:00"),
        ("2026-11-30T12:00+01:00", 1, BERLIN, "2026-12-31T00:00+01:00"),
        ("2026-12-31T12:00+01:00", 12, BERLIN, "2028-01-01T00:00+01:00"),
        ("2026-02-28T12:00+01:00", 1, BERLIN, "2026-03-29T00:00+01:00"),
        ("2026-03-28T12:00+01:00", 1, BERLIN, "2026-04-29T00:00+02:00"),
        ("2025-12-31T23:30-03:00", 1, SAO_PAULO, "2026-02-01T00:00-03:00"),
        ("2011-11-29T12:00-10:00", 1, APIA, "2011-12-31T00:00+14:00"),
        ("2026-01-31T16:00+00:00", 1, TOKYO, "2026-03-02T00:00+09:00"),
    ],
)
def test_points_live_through_the_whole_last_local_day(at: str, months: int, zone: str, end: str) -> None:
    assert months_on(instant(at), months, ZoneInfo(zone)) == instant(end)


LORD_HOWE, LONDON = "Australia/Lord_Howe", "Europe/London"


def window(
    kind: str, zone: str, *, months: int = 12, starts: tuple[int, int] = (1, 1), joined: str = ""
) -> Window:
    joined_at = instant(joined or "2020-05-05T12:00+00:00")
    return Window.of(kind, ZoneInfo(zone), months=months, starts=starts, joined_at=joined_at)


calendar, programme = partial(window, "calendar_year"), partial(window, "programme_year")
anniversary, rolling = partial(window, "anniversary"), partial(window, "rolling")


@pytest.mark.parametrize(
    ("rule", "at", "start", "end"),
    [
        # calendar year: half past eleven of the last evening is the old year, whatever UTC says
        (calendar(SAO_PAULO), "2025-12-31T23:30-03:00", "2025-01-01T00:00-03:00", "2026-01-01T00:00-03:00"),
        (calendar(TOKYO), "2025-12-31T23:30+09:00", "2025-01-01T00:00+09:00", "2026-01-01T00:00+09:00"),
        (calendar(TOKYO), "2025-12-31T23:30+00:00", "2026-01-01T00:00+09:00", "2027-01-01T00:00+09:00"),
        # a clock that goes back half an hour: summer is +11:00, the rest of the year +10:30
        (calendar(LORD_HOWE), "2025-12-31T23:30+11:00", "2025-01-01T00:00+11:00", "2026-01-01T00:00+11:00"),
        (
            programme(LORD_HOWE, starts=(7, 1)),
            "2026-01-05T00:00+11:00",
            "2025-07-01T00:00+10:30",
            "2026-07-01T00:00+10:30",
        ),
        # programme years that begin on days of 23 and 25 hours
        (
            programme(BERLIN, starts=(3, 29)),
            "2026-03-29T00:00+01:00",
            "2026-03-29T00:00+01:00",
            "2027-03-29T00:00+02:00",
        ),
        (
            programme(BERLIN, starts=(3, 29)),
            "2026-03-28T23:59:59+01:00",
            "2025-03-29T00:00+01:00",
            "2026-03-29T00:00+01:00",
        ),
        (
            programme(BERLIN, starts=(10, 26)),
            "2026-10-26T00:00+01:00",
            "2026-10-26T00:00+01:00",
            "2027-10-26T00:00+02:00",
        ),
        (
            programme(LONDON, starts=(4, 6)),
            "2026-04-05T23:30+01:00",
            "2025-04-06T00:00+01:00",
            "2026-04-06T00:00+01:00",
        ),
        (
            programme(BERLIN, starts=(2, 29)),
            "2026-02-28T12:00+01:00",
            "2026-02-28T00:00+01:00",
            "2027-02-28T00:00+01:00",
        ),
        (
            programme(BERLIN, starts=(2, 29)),
            "2027-12-01T12:00+01:00",
            "2027-02-28T00:00+01:00",
            "2028-02-29T00:00+01:00",
        ),
        # the year of membership, joined on 29 February
        (
            anniversary(BERLIN, joined="2024-02-29T15+01"),
            "2025-02-27T12:00+01:00",
            "2024-02-29T00:00+01:00",
            "2025-02-28T00:00+01:00",
        ),
        (
            anniversary(BERLIN, joined="2024-02-29T15+01"),
            "2025-02-28T00:00+01:00",
            "2025-02-28T00:00+01:00",
            "2026-02-28T00:00+01:00",
        ),
        (
            anniversary(BERLIN, joined="2024-02-29T15+01"),
            "2028-02-28T23:59+01:00",
            "2027-02-28T00:00+01:00",
            "2028-02-29T00:00+01:00",
        ),
        # joined on 31 December where the shop is, on 1 January as UTC has it
        (
            anniversary(SAO_PAULO, joined="2023-12-31T23:30-03:00"),
            "2025-12-31T00:00-03:00",
            "2025-12-31T00:00-03:00",
            "2026-12-31T00:00-03:00",
        ),
        (
            anniversary(TOKYO, joined="2023-12-31T15:30+00:00"),
            "2025-06-01T00:00+09:00",
            "2025-01-01T00:00+09:00",
            "2026-01-01T00:00+09:00",
        ),
        # a rolling window ends with the day
        (rolling(BERLIN), "2024-01-01T12:00+01:00", "2023-01-02T00:00+01:00", "2024-01-02T00:00+01:00"),
        (
            rolling(BERLIN, months=6),
            "2026-03-29T12:00+02:00",
            "2025-09-30T00:00+02:00",
            "2026-03-30T00:00+02:00",
        ),
        (rolling(BERLIN), "2025-02-28T12:00+01:00", "2024-03-01T00:00+01:00", "2025-03-01T00:00+01:00"),
        (rolling(BERLIN), "2024-02-28T12:00+01:00", "2023-02-28T00:00+01:00", "2024-02-29T00:00+01:00"),
        (
            rolling(BERLIN, months=1),
            "2026-03-30T12:00+02:00",
            "2026-02-28T00:00+01:00",
            "2026-03-31T00:00+02:00",
        ),
        (
            rolling(LORD_HOWE, months=1),
            "2026-04-05T12:00+10:30",
            "2026-03-06T00:00+11:00",
            "2026-04-06T00:00+10:30",
        ),
    ],
)
def test_a_window_runs_from_local_midnight_to_local_midnight(
    rule: Window, at: str, start: str, end: str
) -> None:
    assert rule.holding(instant(at)) == (instant(start), instant(end))


@pytest.mark.parametrize(
    ("rule", "reached", "until"),
    [
        (calendar(BERLIN), "2024-06-01T12:00+02:00", "2026-01-01T00:00+01:00"),
        (calendar(SAO_PAULO), "2024-12-31T23:30-03:00", "2026-01-01T00:00-03:00"),
        (programme(LONDON, starts=(4, 6)), "2025-04-05T12:00+01:00", "2026-04-06T00:00+01:00"),
        (anniversary(BERLIN, joined="2024-02-29T15+01"), "2026-03-01T12:00+01:00", "2028-02-29T00:00+01:00"),
        # 200 entered on 1 January 2024 with twelve months: held through 1 January 2025
        (rolling(BERLIN), "2024-01-01T12:00+01:00", "2025-01-02T00:00+01:00"),
        (rolling(BERLIN), "2024-02-29T12:00+01:00", "2025-03-01T00:00+01:00"),
        (rolling(LORD_HOWE, months=6), "2025-10-05T12:00+11:00", "2026-04-06T00:00+10:30"),
    ],
)  # fmt: skip
def test_a_tier_is_held_to_the_end_of_the_next_period_or_so_many_months(
    rule: Window, reached: str, until: str
) -> None:
    assert rule.valid_until(instant(reached)) == instant(until)


@pytest.mark.parametrize("kind", ["calendar_year", "programme_year", "anniversary"])
@pytest.mark.parametrize("zone", [BERLIN, SAO_PAULO, TOKYO, LORD_HOWE, APIA, HAVANA])
def test_the_years_of_a_member_meet_without_a_gap(kind: str, zone: str) -> None:
    rule = window(kind, zone, starts=(2, 29), joined="2008-02-29T12:00+00:00")
    at = instant("2009-01-15T12:00+00:00")
    for _ in range(12):
        start, end = rule.holding(at)
        assert start <= at < end
        assert rule.before(end) == (start, end)
        assert rule.holding(end)[0] == end
        at = end


def test_what_was_ever_earned_counts_for_life_and_never_ends() -> None:
    rule = window("lifetime", BERLIN)
    start, end = rule.holding(instant("2026-06-01T12:00+00:00"))
    assert start < instant("1970-01-01T00:00+00:00") < instant("2999-01-01T00:00+00:00") < end
    assert rule.valid_until(instant("2026-06-01T12:00+00:00")) is None


@pytest.mark.parametrize(
    ("at", "windows"),
    [
        # at the new year: the year that is over keeps a tier for the new one, what is earned from now on for one more
        ("2026-01-01T00:00+01:00", [("2025-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
                                    ("2026-01-01T00:00+01:00", "2028-01-01T00:00+01:00")]),
        ("2026-03-15T00:00+01:00", [("2025-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
                                    ("2026-01-01T00:00+01:00", "2028-01-01T00:00+01:00")]),
    ],
)  # fmt: skip
def test_a_review_looks_at_the_year_that_is_over_and_at_the_one_that_runs(
    at: str, windows: list[tuple[str, str]]
) -> None:
    found = calendar(BERLIN).still_valid(instant(at))
    assert [(start, until) for (start, _end), until in found] == [
        (instant(a), instant(b)) for a, b in windows
    ]


def test_a_review_of_a_rolling_window_looks_at_the_months_that_end_with_it() -> None:
    found = rolling(BERLIN).still_valid(instant("2025-01-02T00:00+01:00"))
    span = (instant("2024-01-02T00:00+01:00"), instant("2025-01-02T00:00+01:00"))
    assert found == [(span, instant("2026-01-02T00:00+01:00"))]
