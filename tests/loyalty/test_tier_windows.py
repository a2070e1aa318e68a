from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.tier_windows import calendar_year, midnight, months_on
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
