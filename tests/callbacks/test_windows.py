from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.windows import after_quiet, hours_of, is_quiet, refusal
from tests.make import instant

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
SAO_PAULO, KATHMANDU = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu")
NOW = instant("2026-05-04T12:00+00:00")


@pytest.mark.parametrize(
    ("start", "end", "zone", "quiet"),
    [
        ("2026-05-04T08:00+02:00", "2026-05-04T09:00+02:00", BERLIN, False),
        ("2026-05-04T07:59+02:00", "2026-05-04T09:00+02:00", BERLIN, True),
        ("2026-05-04T20:00+02:00", "2026-05-04T21:00+02:00", BERLIN, False),
        ("2026-05-04T20:00+02:00", "2026-05-04T21:00:01+02:00", BERLIN, True),
        ("2026-05-04T21:00+02:00", "2026-05-04T22:00+02:00", BERLIN, True),
        ("2026-05-04T23:30+02:00", "2026-05-05T00:30+02:00", BERLIN, True),
        ("2026-05-04T20:30+02:00", "2026-05-05T08:30+02:00", BERLIN, True),
        ("2026-05-04T03:00+02:00", "2026-05-04T04:00+02:00", BERLIN, True),
        # ten in Berlin is the evening or the early morning of somebody else
        ("2026-05-04T10:00+02:00", "2026-05-04T11:00+02:00", TOKYO, False),
        ("2026-05-04T14:00+02:00", "2026-05-04T15:00+02:00", TOKYO, True),
        ("2026-05-04T10:00+02:00", "2026-05-04T11:00+02:00", SAO_PAULO, True),
        ("2026-05-04T13:00+02:00", "2026-05-04T14:00+02:00", SAO_PAULO, False),
        ("2026-05-04T02:15+00:00", "2026-05-04T03:15+00:00", KATHMANDU, False),
        ("2026-05-04T02:14+00:00", "2026-05-04T03:14+00:00", KATHMANDU, True),
        # the Sundays on which Berlin changes its clocks
        ("2026-03-29T06:00+00:00", "2026-03-29T07:00+00:00", BERLIN, False),
        ("2026-03-29T05:59+00:00", "2026-03-29T07:00+00:00", BERLIN, True),
        ("2026-10-25T07:00+00:00", "2026-10-25T08:00+00:00", BERLIN, False),
        ("2026-10-25T06:59+00:00", "2026-10-25T08:00+00:00", BERLIN, True),
    ],
)
def test_nobody_is_called_in_their_own_night(start: str, end: str, zone: ZoneInfo, quiet: bool) -> None:
    assert is_quiet(instant(start), instant(end), zone) is quiet


@pytest.mark.parametrize(
    ("start", "end", "call", "code"),
    [
        ("2026-05-04T14:00+00:00", "2026-05-04T15:00+00:00", True, ""),
        ("2026-05-04T11:30+00:00", "2026-05-04T12:30+00:00", True, ""),
        ("2026-05-04T15:00+00:00", "2026-05-04T14:00+00:00", True, "backwards"),
        ("2026-05-04T15:00+00:00", "2026-05-04T15:00+00:00", True, "backwards"),
        ("2026-05-04T10:00+00:00", "2026-05-04T12:00+00:00", True, "past"),
        ("2026-05-05T06:00+00:00", "2026-05-05T18:00+00:00", True, ""),
        ("2026-05-05T06:00+00:00", "2026-05-05T18:00:01+00:00", True, "too_long"),
        ("2026-08-02T12:00+00:00", "2026-08-02T13:00+00:00", True, ""),
        ("2026-08-02T12:00:01+00:00", "2026-08-02T13:00+00:00", True, "too_far"),
        ("2026-05-04T20:00+00:00", "2026-05-04T21:00+00:00", True, "quiet_hours"),
        ("2026-05-04T20:00+00:00", "2026-05-04T21:00+00:00", False, ""),
        ("2026-05-04T10:00+00:00", "2026-05-04T12:00+00:00", False, "past"),
    ],
)
def test_what_stands_against_a_window_has_a_code(start: str, end: str, call: bool, code: str) -> None:
    assert refusal(instant(start), instant(end), now=NOW, zone=BERLIN, call=call) == code


@pytest.mark.parametrize(
    ("start", "zone", "opens"),
    [
        ("2026-05-04T15:00+02:00", BERLIN, "2026-05-04T15:00+02:00"),
        ("2026-05-04T20:00+02:00", BERLIN, "2026-05-04T20:00+02:00"),
        ("2026-05-04T20:01+02:00", BERLIN, "2026-05-05T08:00+02:00"),
        ("2026-05-04T23:59+02:00", BERLIN, "2026-05-05T08:00+02:00"),
        ("2026-05-05T00:00+02:00", BERLIN, "2026-05-05T08:00+02:00"),
        ("2026-05-05T07:59+02:00", BERLIN, "2026-05-05T08:00+02:00"),
        ("2026-03-28T22:00+01:00", BERLIN, "2026-03-29T08:00+02:00"),
        ("2026-10-24T22:00+02:00", BERLIN, "2026-10-25T08:00+01:00"),
        ("2026-12-31T22:00+01:00", BERLIN, "2027-01-01T08:00+01:00"),
        ("2026-05-04T14:00+02:00", TOKYO, "2026-05-05T08:00+09:00"),
        ("2026-05-04T10:00+02:00", SAO_PAULO, "2026-05-04T08:00-03:00"),
        ("2026-05-04T15:30+00:00", KATHMANDU, "2026-05-05T08:00+05:45"),
    ],
)
def test_a_retry_that_falls_into_the_night_waits_for_the_morning(
    start: str, zone: ZoneInfo, opens: str
) -> None:
    assert after_quiet(instant(start), timedelta(hours=1), zone) == instant(opens)


@pytest.mark.parametrize("day", [date(2026, 5, 4), date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("zone", [BERLIN, TOKYO, SAO_PAULO, KATHMANDU], ids=str)
def test_the_hours_offered_are_those_of_the_customers_day(day: date, zone: ZoneInfo) -> None:
    hours = hours_of(day, zone)
    local = [window.start.astimezone(zone) for window in hours]
    assert [(at.date(), at.hour, at.minute) for at in local] == [(day, hour, 0) for hour in range(7, 22)]
    assert [at.hour for at, window in zip(local, hours, strict=True) if window.quiet] == [7, 21]
    assert {window.end - window.start for window in hours} == {timedelta(hours=1)}
