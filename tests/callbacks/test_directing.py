"""Supervisors move and hand over the promises of others: with their right, in their brand, by the customer's rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import callbacks.services
from agents import roles
from agents.models import Agent, Brand, Notification
from callbacks.capacity import fits
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.services import Order, direct, directing, ending, hand_over, put_off
from callbacks.services.directing import shifted
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tickets.models import Ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def boss(brand: Brand) -> Agent:
    return make.make_agent(role=roles.SUPERVISOR, brands=[brand])


@pytest.fixture
def colleague(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand])


@pytest.fixture
def promised(ticket: Ticket, agent: Agent) -> Callback:
    return make.make_callback(ticket=ticket, by=agent, owner=agent)


def window_of(callback: Callback) -> tuple[datetime, datetime]:
    return callback.window_from, callback.window_to


def later(callback: Callback, **by: int) -> tuple[datetime, datetime]:
    return shifted(window_of(callback), ZoneInfo(callback.zone), **by)


def make_due(callback: Callback) -> datetime:
    """Its window opens; gives the instant."""
    at = callback.window_from
    callbacks.services.claim_due(at=at)
    callback.refresh_from_db()
    assert callback.state == "due"
    return at


def test_it_is_moved_without_a_try_and_the_customers_day_counts_anew(promised: Callback, boss: Agent) -> None:
    moved = put_off(promised, later(promised, days=1), by=boss)
    assert (moved.state, moved.promised_to, moved.called_at) == ("moved", promised.window_to + DAY, None)
    assert not Attempt.objects.exists()
    event = CallbackEvent.objects.get(kind="moved")
    assert (event.actor, event.by) == ("agent", boss)


def test_moved_twice_to_the_same_window_it_is_moved_once(promised: Callback, boss: Agent) -> None:
    window, seen = later(promised, days=1), window_of(promised)
    for _ in range(2):
        put_off(promised, window, seen=seen, by=boss)
    assert CallbackEvent.objects.filter(kind="moved").count() == 1


def test_what_was_moved_meanwhile_is_not_moved_again(promised: Callback, boss: Agent) -> None:
    seen = window_of(promised)
    put_off(promised, later(promised, days=2), by=boss)
    with pytest.raises(Refused) as refusal:
        put_off(promised, later(promised, days=3), seen=seen, by=boss)
    assert refusal.value.code == "moved_meanwhile"


@pytest.mark.parametrize(
    ("by", "code"), [({"hours": 12}, "quiet_hours"), ({"days": 100}, "too_far"), ({"days": -3}, "past")]
)
def test_what_holds_for_a_first_promise_holds_for_a_supervisor(
    promised: Callback, boss: Agent, by: dict[str, int], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        put_off(promised, later(promised, **by), by=boss)
    assert refusal.value.code == code
    promised.refresh_from_db()
    assert promised.state == "promised"


def test_by_days_it_keeps_its_time_of_day_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2027, 3, 27, 10, tzinfo=berlin)
    window = shifted((start, start + HOUR), berlin, days=1)
    assert window[0] - start == 23 * HOUR
    assert window[0].astimezone(berlin).hour == 10
    assert shifted((start, start + HOUR), berlin, hours=24)[0] - start == 24 * HOUR


def test_somebody_else_keeps_it_and_is_told(promised: Callback, boss: Agent, colleague: Agent) -> None:
    handed = hand_over(promised, to=colleague, by=boss)
    assert (handed.owner, handed.state) == (colleague, "promised")
    event = CallbackEvent.objects.get(kind="handed")
    assert event.data["has"] == {"owner": colleague.pk, "team": None}
    assert Notification.objects.get(kind="callback_handed").agent == colleague
    hand_over(promised, to=colleague, by=boss)
    assert CallbackEvent.objects.filter(kind="handed").count() == 1


@pytest.mark.parametrize("accepted", [False, True], ids=["offered", "accepted"])
def test_offered_or_accepted_it_goes_back_to_due(
    promised: Callback, agent: Agent, boss: Agent, colleague: Agent, accepted: bool
) -> None:
    at = make_due(promised)
    make.come(agent, at=at)
    assert callbacks.services.offer_some(at=at) == 1
    if accepted:
        callbacks.services.accept(promised, by=agent, at=at)
    handed = hand_over(promised, to=colleague, by=boss, at=at + MINUTE)
    assert (handed.state, handed.owner, handed.offered_to, handed.due_since) == (
        "due", colleague, None, at + MINUTE,
    )  # fmt: skip
    make.come(colleague, at=at + MINUTE)
    assert callbacks.services.offer_some(at=at + MINUTE) == 1
    handed.refresh_from_db()
    assert handed.offered_to == colleague


def test_a_team_keeps_it_where_nobody_owns_it(
    promised: Callback, boss: Agent, colleague: Agent, brand: Brand
) -> None:
    team = make.make_team(brand=brand, agents=[colleague])
    handed = hand_over(promised, team=team, by=boss)
    assert (handed.owner, handed.team) == (None, team)
    assert not Notification.objects.filter(kind="callback_handed").exists()


def refused(code: str, callback: Callback, **order: Any) -> None:
    with pytest.raises(Refused) as refusal:
        hand_over(callback, **order)
    assert refusal.value.code == code


def test_who_may_not_or_is_of_another_brand_is_refused(
    promised: Callback, boss: Agent, agent: Agent, colleague: Agent, other_brand: Brand
) -> None:
    stranger = make.make_agent(role=roles.SUPERVISOR, brands=[other_brand])
    refused("not_allowed", promised, to=colleague, by=agent)
    refused("not_allowed", promised, to=colleague, by=stranger)
    refused("not_of_brand", promised, to=stranger, by=boss)
    refused("not_of_brand", promised, team=make.make_team(brand=other_brand), by=boss)
    refused("nobodys", promised, by=boss)
    with pytest.raises(Refused):
        put_off(promised, later(promised, days=1), by=agent)


def test_a_call_that_runs_and_a_promise_that_is_over_stay_where_they_are(
    promised: Callback, agent: Agent, boss: Agent, colleague: Agent
) -> None:
    Callback.objects.update(state="in_call")
    refused("in_call", promised, to=colleague, by=boss)
    Callback.objects.update(state="promised")
    callbacks.services.done(promised, by=agent, key="d")
    refused("callback_over", promised, to=colleague, by=boss)
    with pytest.raises(Refused):
        put_off(promised, later(promised, days=1), by=boss)


def test_a_task_is_always_an_agents(boss: Agent, agent: Agent, brand: Brand, ticket: Ticket) -> None:
    task = make.make_callback(ticket=ticket, by=agent, kind="task", owner=agent)
    refused("nobodys", task, team=make.make_team(brand=brand), by=boss)


def test_all_that_was_ordered_or_nothing(promised: Callback, boss: Agent, colleague: Agent) -> None:
    with pytest.raises(Refused):
        direct(promised, Order(window=later(promised, hours=12), to=colleague), by=boss)
    promised.refresh_from_db()
    assert promised.owner != colleague
    assert not CallbackEvent.objects.filter(kind="handed").exists()
    done = direct(promised, Order(window=later(promised, days=1), to=colleague), by=boss)
    assert (done.owner, done.state) == (colleague, "moved")
    with pytest.raises(Refused):
        direct(promised, Order(), by=boss)


def test_whoever_is_handed_a_promise_that_waits_is_reminded_of_it(
    promised: Callback, boss: Agent, colleague: Agent
) -> None:
    soon = promised.window_from - 5 * MINUTE
    callbacks.services.look_at_next(at=promised.window_from - 15 * MINUTE)
    handed = hand_over(promised, to=colleague, by=boss, at=soon)
    assert (handed.reminded_at, handed.look_at) == (None, promised.window_from)
    assert clock.now() < soon


def test_control_without_the_rules_of_windows_a_supervisor_would_call_at_night(
    promised: Callback, boss: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "expect_open_window", lambda *_args, **_kwargs: None)
    moved = put_off(promised, later(promised, hours=12), by=boss)
    assert moved.window_from.astimezone(ZoneInfo(moved.zone)).hour == 22


def test_control_without_the_window_that_was_seen_a_form_sent_twice_would_move_it_twice(
    promised: Callback, boss: Agent
) -> None:
    for _ in range(2):
        promised = put_off(promised, later(promised, days=1), by=boss)
    assert CallbackEvent.objects.filter(kind="moved").count() == 2


def test_of_calls_to_come_nobody_is_handed_more_than_they_can_call(
    promised: Callback, boss: Agent, colleague: Agent, brand: Brand
) -> None:
    for _ in range(4):  # one in each quarter of the hour
        make.make_callback(customer=make.make_customer(brand=brand), by=colleague, owner=colleague)
    refused("full", promised, to=colleague, by=boss)
    moved = direct(promised, Order(window=later(promised, hours=2), to=colleague), by=boss)
    assert (moved.owner, moved.state) == (colleague, "moved")


def test_a_call_that_is_due_is_handed_to_whoever_has_how_much_ever(
    promised: Callback, boss: Agent, colleague: Agent, brand: Brand
) -> None:
    for _ in range(4):
        make.make_callback(customer=make.make_customer(brand=brand), by=colleague, owner=colleague)
    at = make_due(promised)
    assert hand_over(promised, to=colleague, by=boss, at=at).owner == colleague


def test_control_without_looking_for_time_more_is_handed_over_than_can_be_called(
    promised: Callback, boss: Agent, colleague: Agent, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make.make_callback(customer=make.make_customer(brand=brand), by=colleague, owner=colleague)
    monkeypatch.setattr(directing, "_expect_time", lambda *_args: None)
    hand_over(promised, to=colleague, by=boss)
    windows = Callback.objects.filter(owner=colleague).values_list("window_from", "window_to")
    assert not fits(windows)
