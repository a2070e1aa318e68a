"""How urgent a due time looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.due import Due, due, span
from tests.make import instant

NOW = instant("2026-03-29T00:30:00+00:00")
FOUR_HOURS = timedelta(hours=4)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(0), "0:00"),
        (timedelta(seconds=59), "0:00"),
        (timedelta(minutes=1), "0:01"),
        (timedelta(minutes=59, seconds=59), "0:59"),
        (timedelta(hours=1), "1:00"),
        (timedelta(hours=25, minutes=5), "25:05"),
        (timedelta(hours=47, minutes=59, seconds=59), "47:59"),
        (timedelta(hours=48), "2 d"),
        (timedelta(hours=71, minutes=59), "2 d"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_a_span_reads_as_hours_and_minutes_and_from_two_days_on_as_days(time: timedelta, text: str) -> None:
    assert span(time) == text


@pytest.mark.parametrize(
    ("remaining", "state", "text"),
    [
        (timedelta(days=-3), "over", "3 d"),
        (timedelta(seconds=-61), "over", "0:01"),
        (timedelta(microseconds=-1), "over", "0:00"),
        (timedelta(0), "hot", "0:00"),
        (timedelta(minutes=15, microseconds=-1), "hot", "0:14"),
        (timedelta(minutes=15), "warm", "0:15"),
        (timedelta(hours=1, microseconds=-1), "warm", "0:59"),
        (timedelta(hours=1), "ok", "1:00"),
        (timedelta(days=3), "ok", "3 d"),
    ],
)
def test_the_state_changes_at_the_due_time_a_quarter_and_an_hour_before(
    remaining: timedelta, state: str, text: str
) -> None:
    chip = due(NOW + remaining, now=NOW)
    assert (chip.state, chip.span, chip.at) == (state, text, NOW + remaining)


@pytest.mark.parametrize(
    ("remaining", "allowed", "left"),
    [
        (timedelta(hours=4), FOUR_HOURS, 100),
        (timedelta(hours=2), FOUR_HOURS, 50),
        (timedelta(seconds=1), FOUR_HOURS, 1),
        (timedelta(0), FOUR_HOURS, 1),
        (timedelta(hours=9), FOUR_HOURS, 100),
        (timedelta(hours=-1), FOUR_HOURS, 100),
        (timedelta(hours=1), timedelta(0), 100),
    ],
)
def test_the_share_of_time_left_stays_between_one_and_a_hundred(
    remaining: timedelta, allowed: timedelta, left: int
) -> None:
    since = NOW + remaining - allowed
    assert due(NOW + remaining, now=NOW, since=since).left == left


def test_what_waits_for_somebody_else_has_no_clock() -> None:
    assert due(None, now=NOW) == Due("paused", "", 0)


@pytest.mark.parametrize(
    ("kind", "words"), [("first", "First reply"), ("next", "Next reply"), ("resolution", "Solution")]
)
def test_it_says_what_is_due(kind: str, words: str) -> None:
    assert due(NOW, now=NOW, kind=kind).title.startswith(f"{words} due")
