"""When a customer who was not reached is tried again: the search by itself, and the deed that goes by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent, Brand
from callbacks import retries, windows
from callbacks.models import RetryRule
from callbacks.services import cancel, move, no_answer, not_reached
from callbacks.services.again import rule_of
from contactcenter.errors import Refused
from tests import make
from tests.callbacks.life import HOUR, MINUTE, TEN, begin, due_call, log, now

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]
INSTANTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: make.instant("2026-01-01T00:00Z") + minutes * MINUTE
)


def usual(instant: datetime, zone: ZoneInfo = BERLIN) -> datetime:
    return windows.after_quiet(instant, retries.LENGTH, zone)


@pytest.mark.parametrize(
    ("start", "tried", "found"),
    [
        ("2026-05-04T10:20+02:00", [], "2026-05-04T10:20+02:00"),
        ("2026-05-04T10:20+02:00", [10], "2026-05-04T11:00+02:00"),
        ("2026-05-04T10:20+02:00", [11], "2026-05-04T12:00+02:00"),  # the window would reach into eleven
        ("2026-05-04T11:00+02:00", [10], "2026-05-04T11:00+02:00"),
        ("2026-05-04T10:20+02:00", [10, 11, 12], "2026-05-04T13:00+02:00"),
        ("2026-05-04T20:10+02:00", [], "2026-05-05T08:00+02:00"),  # not at night
        ("2026-05-04T19:10+02:00", [19], "2026-05-04T20:00+02:00"),
        ("2026-05-04T19:10+02:00", [19, 20], "2026-05-05T08:00+02:00"),
        ("2026-05-04T19:10+02:00", [19, 20, 8], "2026-05-05T09:00+02:00"),
        ("2026-05-04T10:20+02:00", range(24), "2026-05-04T10:20+02:00"),  # rather a tried hour than never
        (
            "2026-03-28T20:30+01:00",
            [8],
            "2026-03-29T09:00+02:00",
        ),  # the night in which the clock is put forward
        ("2026-10-24T20:30+02:00", [8], "2026-10-25T09:00+01:00"),
    ],
)
def test_the_next_try_is_in_another_hour_and_never_in_quiet_ones(start: str, tried: list, found: str) -> None:
    answer = retries.search(make.instant(start), allowed=usual, tried=list(tried), zone=BERLIN)
    assert answer == make.instant(found)


def test_hours_narrower_than_those_that_were_tried_end_the_search() -> None:
    """Whoever wants to be called from ten to eleven only, and was tried then, is tried then again."""
    asked = []

    def from_ten(instant: datetime) -> datetime:
        asked.append(instant)
        ten = instant.astimezone(BERLIN).replace(hour=10, minute=0, second=0, microsecond=0)
        return (ten if ten >= instant else ten + timedelta(days=1)).astimezone(UTC)

    answer = retries.search(TEN + MINUTE, allowed=from_ten, tried=[10], zone=BERLIN)
    assert answer == TEN + timedelta(days=1)
    assert len(asked) <= 10


def test_where_nothing_can_be_promised_there_is_no_next_try() -> None:
    assert retries.search(TEN, allowed=lambda _instant: None, tried=[], zone=BERLIN) is None


@given(
    INSTANTS,
    st.frozensets(st.integers(0, 23)),
    st.sampled_from(ZONES),
)
def test_whatever_was_tried_the_next_window_is_allowed_later_and_in_a_new_hour_if_there_is_one(
    start: datetime, tried: frozenset[int], name: str
) -> None:
    zone = ZoneInfo(name)
    found = retries.search(start, allowed=lambda at: usual(at, zone), tried=tried, zone=zone)
    assert found is not None
    assert start <= found <= start + timedelta(days=8)
    assert not windows.is_quiet(found, found + retries.LENGTH, zone)
    touched = {(found + minutes * MINUTE).astimezone(zone).hour for minutes in range(60)}
    free = set(range(8, 21)) - tried
    if touched & tried:  # only where every hour of the day was
        assert not free
        assert found == usual(start, zone)


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_full_hour_is_the_first_of_the_wall_clock(instant: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    full = retries.next_hour(instant, zone)
    assert instant <= full <= instant + HOUR
    assert full.astimezone(zone).minute in (0, 30)  # thirty: only where the clock was put on by half an hour
    assert retries.next_hour(full + retries.TICK, zone) > full


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "times", "after"),
    [("no_answer", 3, 20), ("busy", 4, 10), ("voicemail", 2, 240), ("wrong_number", 0, 0)],
)
def test_each_outcome_has_its_rule_and_then_it_is_given_up(
    brand: Brand, agent: Agent, outcome: str, times: int, after: int
) -> None:
    callback, at, hours = due_call(brand, by=agent), TEN, []
    for number in range(times):
        hours.append(at.astimezone(BERLIN).hour)
        callback = not_reached(callback, outcome, by=agent, key=f"t{number}", at=at)
        assert callback.state == "no_answer"
        assert callback.window_from >= at + after * MINUTE
        assert not windows.is_quiet(callback.window_from, callback.window_to, BERLIN)
        at = callback.window_from
    callback = not_reached(callback, outcome, by=agent, key="last", at=at)
    assert (callback.state, callback.tries, log(callback)[-1]) == ("given_up", times + 1, "given_up")
    if outcome != "busy":
        assert len(set(hours)) == len(hours)


@pytest.mark.django_db
def test_a_busy_line_is_tried_again_in_the_same_hour(brand: Brand, agent: Agent) -> None:
    callback = not_reached(due_call(brand, by=agent), "busy", by=agent, key="t", at=TEN)
    assert callback.window_from == TEN + 10 * MINUTE


@pytest.mark.django_db
def test_the_rule_of_the_brand_goes_before_the_shipped_one(brand: Brand, agent: Agent) -> None:
    RetryRule.objects.create(brand=brand, outcome="busy", after_minutes=90, times=1, other_hour=True)
    assert rule_of(brand.pk, "busy") == retries.Rule(timedelta(minutes=90), 1, True)
    assert rule_of(brand.pk, "voicemail") == retries.SHIPPED["voicemail"]
    callback = not_reached(due_call(brand, by=agent), "busy", by=agent, key="t1", at=TEN)
    assert callback.window_from == TEN + 90 * MINUTE
    callback = not_reached(callback, "busy", by=agent, key="t2", at=callback.window_from)
    assert callback.state == "given_up"


@pytest.mark.django_db
def test_a_call_that_was_moved_has_all_its_tries_anew(brand: Brand, agent: Agent) -> None:
    RetryRule.objects.create(brand=brand, outcome="no_answer", after_minutes=20, times=1)
    callback = due_call(brand, by=agent)
    no_answer(callback, by=agent, key="n1", at=TEN)
    later = (TEN + 24 * HOUR, TEN + 25 * HOUR)
    move(now(callback), later, by=None, key="m", at=TEN + HOUR)
    assert no_answer(now(callback), by=agent, key="n2", at=later[0]).state == "no_answer"
    assert no_answer(now(callback), by=agent, key="n3", at=later[0] + 2 * HOUR).state == "given_up"


@pytest.mark.django_db
def test_many_tries_at_all_hours_come_to_an_end(brand: Brand, agent: Agent) -> None:
    for outcome in RetryRule.Outcome.values:
        RetryRule.objects.create(brand=brand, outcome=outcome, after_minutes=1, times=10, other_hour=True)
    callback, tries, at = due_call(brand, by=agent), 0, TEN
    for outcome in RetryRule.Outcome.values * 11:
        if not callback.is_open:
            break
        callback = not_reached(callback, outcome, by=agent, key=f"t{tries}", at=at)
        tries, at = tries + 1, callback.window_from
        assert not windows.is_quiet(callback.window_from, callback.window_to, BERLIN)
    assert callback.state == "given_up"
    assert tries == 41  # ten of each, and the one too many


@pytest.mark.django_db
def test_a_call_that_rings_is_not_moved_or_cancelled_by_the_customer(brand: Brand, agent: Agent) -> None:
    callback = due_call(brand, by=agent)
    begin(callback, at=TEN)
    later = (TEN + 24 * HOUR, TEN + 25 * HOUR)
    for deed in (
        lambda: move(callback, later, by=None, key="m", at=TEN),
        lambda: cancel(callback, by=None, at=TEN),
    ):
        with pytest.raises(Refused) as refusal:
            deed()
        assert refusal.value.code == "in_call"
    assert move(callback, later, by=agent, key="m", at=TEN).state == "moved"
    assert [one.outcome for one in now(callback).attempts.all()] == ["moved"]
