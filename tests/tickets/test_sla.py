"""How clocks count, step by step and from their log: two ways that must agree."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import instant
from tickets import sla
from tickets.business_hours import BusinessHours
from tickets.sla import AROUND_THE_CLOCK, Fact, folded

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BERLIN = BusinessHours(ZoneInfo("Europe/Berlin"), {day: [(time(9), time(17))] for day in range(5)})
NIGHTS = BusinessHours(ZoneInfo("America/St_Johns"), {day: [(time(20), time(4))] for day in range(7)})
HOURS = [AROUND_THE_CLOCK, BERLIN, NIGHTS]
FRIDAY = instant("2026-03-27T16:00+01:00")  # two days before the clocks go forward


def test_a_clock_counts_opening_time_only() -> None:
    reading = sla.started(FRIDAY, 2 * HOUR, BERLIN)
    assert reading.due_at == instant("2026-03-30T10:00+02:00")
    assert reading.used_at(instant("2026-03-29T12:00+02:00"), BERLIN) == HOUR


def test_what_stands_goes_on_with_what_was_left() -> None:
    reading = sla.paused(sla.started(FRIDAY, 2 * HOUR, BERLIN), FRIDAY + 30 * MINUTE, BERLIN)
    assert (reading.used, reading.due_at) == (30 * MINUTE, None)
    later = instant("2026-03-31T12:00+02:00")
    assert sla.resumed(reading, later, BERLIN).due_at == later + 90 * MINUTE


@pytest.mark.parametrize(
    ("target", "due"),
    [
        (4 * HOUR, FRIDAY + 4 * HOUR),
        (90 * MINUTE, FRIDAY + 90 * MINUTE),
        (HOUR, FRIDAY + HOUR),
        (MINUTE, FRIDAY + HOUR),
    ],
)
def test_another_target_keeps_what_is_used_and_a_shorter_one_is_due_at_once(
    target: timedelta, due: datetime
) -> None:
    reading = sla.started(FRIDAY, 2 * HOUR, AROUND_THE_CLOCK)
    assert sla.retargeted(reading, FRIDAY + HOUR, target, AROUND_THE_CLOCK, AROUND_THE_CLOCK).due_at == due


def test_a_warning_comes_when_that_share_of_the_target_is_used() -> None:
    reading = sla.started(FRIDAY, 4 * HOUR, BERLIN)
    assert sla.warn_at(reading, 75, BERLIN) == instant("2026-03-30T11:00+02:00")
    assert sla.warn_at(sla.paused(reading, FRIDAY, BERLIN), 75, BERLIN) is None
    gone_on = sla.resumed(sla.paused(reading, FRIDAY + 30 * MINUTE, BERLIN), FRIDAY + HOUR, AROUND_THE_CLOCK)
    assert sla.warn_at(gone_on, 75, AROUND_THE_CLOCK) == FRIDAY + HOUR + 150 * MINUTE


def test_a_log_begins_with_a_start() -> None:
    with pytest.raises(ValueError, match="begins with its start"):
        folded([])
    with pytest.raises(ValueError, match="begins with its start"):
        folded([Fact("paused", FRIDAY, HOUR, BERLIN)])


steps = st.tuples(
    st.sampled_from(["turn", "retarget", "stop", "again", "warned"]),
    st.integers(0, 5 * 24 * 3600),
    st.integers(1, 40 * 3600),
    st.sampled_from(HOURS),
)


@given(
    st.integers(0, 300 * 24 * 3600),
    st.integers(1, 100 * 3600),
    st.sampled_from(HOURS),
    st.lists(steps, max_size=12),
)
def test_the_log_folded_gives_what_the_clock_was_told_step_by_step(
    start: int, target: int, hours: sla.Hours, told: list[tuple[str, int, int, sla.Hours]]
) -> None:
    at = FRIDAY + timedelta(seconds=start)
    reading = sla.started(at, timedelta(seconds=target), hours)
    log = [Fact("started", at, reading.target, hours)]
    for step, later, seconds, others in told:
        at += timedelta(seconds=later)
        if step == "turn" and reading.runs:
            kind, reading = "paused", sla.paused(reading, at, hours)
        elif step == "turn":
            kind, reading = "resumed", sla.resumed(reading, at, hours)
        elif step == "retarget":
            kind, reading = (
                "retargeted",
                sla.retargeted(reading, at, timedelta(seconds=seconds), hours, others),
            )
            hours = others
        elif step == "again":
            kind, reading = "started", sla.started(at, reading.target, hours)
        elif step == "stop" and reading.runs:
            kind, reading = "met", sla.paused(reading, at, hours)
        else:
            kind = "breached"
        log.append(Fact(kind, at, reading.target, hours))
        assert folded(log) == reading
