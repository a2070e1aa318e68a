from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.capacity import QUARTER
from callbacks.windows import (
    ANY_TIME,
    HOUR,
    Quiet,
    Window,
    after_quiet,
    first_free,
    is_quiet,
    offered,
    refusal,
    rules_for,
)
from tests.callbacks.test_capacity import book_of
from tests.make import instant
from tickets.business_hours import BusinessHours

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
    rules = rules_for(BERLIN) if call else ANY_TIME
    assert refusal(instant(start), instant(end), now=NOW, rules=rules) == code


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
    hours = offered(day, zone, now=instant(f"{day}T00:00+00:00") - 24 * HOUR, rules=rules_for(zone))
    local = [window.start.astimezone(zone) for window in hours]
    assert [(at.date(), at.hour, at.minute) for at in local] == [(day, hour, 0) for hour in range(7, 22)]
    quiet = [at.hour for at, window in zip(local, hours, strict=True) if window.why_not == "quiet_hours"]
    assert quiet == [7, 21]
    assert {window.end - window.start for window in hours} == {HOUR}


def test_a_day_that_never_was_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    now = instant("2011-12-20T00:00+00:00")
    assert offered(date(2011, 12, 30), apia, now=now, rules=rules_for(apia)) == []
    assert len(offered(date(2011, 12, 31), apia, now=now, rules=rules_for(apia))) == 15


def test_hours_of_the_night_are_shown_where_they_are_free() -> None:
    early = Quiet(time(23), time(6))
    hours = offered(date(2026, 5, 5), BERLIN, now=NOW, rules=rules_for(BERLIN, quiet=early))
    assert [window.start.astimezone(BERLIN).hour for window in hours] == list(range(6, 23))
    assert not [window for window in hours if window.why_not]


def test_hours_that_are_over_say_so() -> None:
    hours = offered(date(2026, 5, 4), BERLIN, now=NOW, rules=rules_for(BERLIN))
    assert [window.start.astimezone(BERLIN).hour for window in hours if window.why_not == "past"] == list(
        range(7, 14)
    )


OFFICE = BusinessHours(BERLIN, {day: [(time(9), time(17))] for day in range(5)}, {date(2026, 5, 14)})
MORNINGS = {0: [(time(9), time(10)), (time(11), time(12))], 3: [(time(9), time(12))]}


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-05-07T09:00+02:00", "2026-05-07T12:00+02:00", ""),
        ("2026-05-07T09:00+02:00", "2026-05-07T12:01+02:00", "contact_hours"),
        ("2026-05-11T09:00+02:00", "2026-05-11T10:00+02:00", ""),
        ("2026-05-11T09:30+02:00", "2026-05-11T11:30+02:00", "contact_hours"),  # with a pause in it
        ("2026-05-12T09:00+02:00", "2026-05-12T10:00+02:00", "contact_hours"),
        ("2026-05-14T09:00+02:00", "2026-05-14T10:00+02:00", "closed"),  # Ascension Day
        ("2026-05-07T07:00+02:00", "2026-05-07T08:00+02:00", "quiet_hours"),
    ],
)
def test_a_window_lies_in_the_hours_of_both(start: str, end: str, code: str) -> None:
    rules = rules_for(BERLIN, contact=MORNINGS, ours=OFFICE)
    assert refusal(instant(start), instant(end), now=NOW, rules=rules) == code


def test_a_sunday_may_be_quiet_from_midnight_to_midnight() -> None:
    rules = rules_for(BERLIN, quiet=Quiet(weekdays=frozenset({6})))
    for hour in range(24):
        start = instant(f"2026-05-10T{hour:02}:00+02:00")
        assert refusal(start, start + HOUR, now=NOW, rules=rules) == "quiet_hours"
    saturday = instant("2026-05-09T20:30+02:00")
    free = first_free(saturday, HOUR, now=NOW, rules=rules)
    assert free == Window(instant("2026-05-11T08:00+02:00"), instant("2026-05-11T09:00+02:00"))


def test_a_number_of_several_zones_sleeps_in_all_of_them() -> None:
    new_york, los_angeles = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
    rules = rules_for(new_york, los_angeles)
    free = [
        window.start.astimezone(new_york).hour
        for window in offered(date(2026, 5, 5), new_york, now=NOW, rules=rules)
        if not window.why_not
    ]
    assert free == list(range(11, 21))


def test_the_first_free_window_is_the_first_that_keeps_to_everything() -> None:
    rules = rules_for(BERLIN, contact=MORNINGS, ours=OFFICE)
    free = first_free(instant("2026-05-07T11:30+02:00"), HOUR, now=NOW, rules=rules)
    assert free == Window(instant("2026-05-11T09:00+02:00"), instant("2026-05-11T10:00+02:00"))
    longer = first_free(instant("2026-05-07T10:30+02:00"), 2 * HOUR, now=NOW, rules=rules)
    assert longer is not None
    assert longer.start == instant("2026-05-21T09:00+02:00")  # on the Thursday between we are closed


def test_where_nobody_is_ever_free_there_is_no_window() -> None:
    nights = {day: [(time(21), time(8))] for day in range(7)}
    assert first_free(NOW, HOUR, now=NOW, rules=rules_for(BERLIN, contact=nights)) is None
    assert first_free(NOW, HOUR, now=NOW, rules=rules_for(BERLIN, ours=BusinessHours(BERLIN, {}))) is None
    full = rules_for(BERLIN, has_room=lambda _start, _end: False)
    assert first_free(NOW, HOUR, now=NOW, rules=full) is None
    assert first_free(NOW + timedelta(days=91), HOUR, now=NOW, rules=ANY_TIME) is None


def test_a_full_hour_gives_way_to_the_next_quarter_hour_with_room() -> None:
    book = book_of([(NOW, NOW + HOUR)] * 4)
    rules = rules_for(BERLIN, has_room=book.has_room)
    assert refusal(NOW, NOW + HOUR, now=NOW - HOUR, rules=rules) == "full"
    assert first_free(NOW, HOUR, now=NOW, rules=rules) == Window(NOW + QUARTER, NOW + QUARTER + HOUR)


def test_of_a_window_that_runs_only_what_is_left_has_room() -> None:
    half = NOW + HOUR / 2
    rules = rules_for(BERLIN, has_room=book_of([(half, NOW + HOUR)] * 2).has_room)
    assert refusal(NOW, NOW + HOUR, now=NOW, rules=rules) == ""
    assert refusal(NOW, NOW + HOUR, now=half, rules=rules) == "full"


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, 12.5 * HOUR])
def test_a_window_of_no_length_is_not_looked_for(length: timedelta) -> None:
    with pytest.raises(ValueError, match="twelve"):
        first_free(NOW, length, now=NOW, rules=ANY_TIME)


def test_where_no_hour_is_quiet_any_may_be_promised() -> None:
    rules = rules_for(BERLIN, quiet=Quiet(time(0), time(0)))
    assert (
        refusal(instant("2026-05-05T22:00+02:00"), instant("2026-05-06T09:00+02:00"), now=NOW, rules=rules)
        == ""
    )
