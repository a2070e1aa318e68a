"""A promise that nobody kept: found, told once, and made up for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent, Brand, Notification
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import accept, claim_due, missing, not_reached, offer_some, take_back_some
from callbacks.services.promising import More, promise
from customers.services import record_consent
from tests import make
from tests.callbacks.life import BEFORE, HOUR, MINUTE, TEN, call_of, due_call, log, look, now, of_ticket, told
from tickets.models import Ticket
from tickets.services import merge

pytestmark = pytest.mark.django_db


def every_job(at: object) -> None:
    """What beat sets off, twice over."""
    for _ in range(2):
        while claim_due(at=at):
            pass
        look(at)
        take_back_some(at=at)
        offer_some(at=at)


def test_the_next_sweep_after_the_window_finds_it_tells_once_and_promises_again(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    callback = due_call(brand, by=agent)
    look(TEN + HOUR - MINUTE)
    assert now(callback).state == "due"
    every_job(TEN + HOUR)
    every_job(TEN + HOUR + MINUTE)
    callback = now(callback)
    assert (callback.state, callback.ended_at, callback.look_at) == ("missed", TEN + HOUR, None)
    assert (told(agent, "callback_missed"), told(supervisor, "callback_missed")) == (1, 1)
    again = callback.followed_by
    assert (again.state, again.owner, again.source) == ("promised", agent, "missed")
    assert again.window_from == TEN + HOUR + 30 * MINUTE
    assert log(callback)[-1] == "missed"


def test_accepted_and_never_called_is_missed(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    make.come(agent, at=BEFORE)
    callback = due_call(brand, by=agent)
    accept(callback, by=agent, at=TEN + 50 * MINUTE)
    every_job(TEN + HOUR)
    assert now(callback).state == "missed"
    assert told(supervisor, "callback_missed") == 1


def test_a_missed_promise_on_a_ticket_is_made_up_for_on_it(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    callback = of_ticket(ticket, by=agent)
    every_job(TEN)
    every_job(TEN + HOUR)
    assert now(callback).followed_by.ticket == ticket
    said = [event.data["what"] for event in ticket.events.filter(kind="callback")]
    assert said == ["promised", "missed", "promised"]
    subjects = Notification.objects.filter(agent=supervisor, kind="callback_missed")
    assert [row.subject for row in subjects] == [ticket.reference]


def test_a_missed_promise_on_a_ticket_that_was_merged_is_made_up_for_where_it_goes_on(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    callback = of_ticket(ticket, by=agent)
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    merge(ticket, other, by=agent, at=BEFORE)
    every_job(TEN)
    every_job(TEN + HOUR)
    assert now(callback).followed_by.ticket == other


def test_a_call_the_customer_asked_for_is_made_up_for_though_they_want_no_others(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    customer = make.make_customer(brand=brand, time_zone="Europe/Berlin")
    record_consent(customer, "calls", given=False, source="call", at=BEFORE)
    team = make.make_team(brand=brand, agents=[agent])
    first = promise(
        customer, (TEN, TEN + HOUR), by=None, reason="Please call me", key="page", at=BEFORE,
        contact_point=make.make_phone(customer=customer), more=More(source="page", team=team),
    )  # fmt: skip
    for missed in (first, None):
        callback = missed or now(first).followed_by
        claim_due(at=callback.window_from)
        every_job(callback.window_to)
        assert now(callback).followed_by is not None


def test_it_is_made_up_for_three_times_in_a_row_and_each_is_told(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    callback, at = call_of(brand, by=agent), TEN
    for _ in range(24 * 4):
        every_job(at)
        at += 30 * MINUTE
    rows = list(Callback.objects.order_by("pk"))
    assert [row.state for row in rows] == ["missed"] * 4
    assert [row.follows for row in rows] == [None, *rows[:-1]]
    assert rows[0] == callback
    assert told(supervisor, "callback_missed") == 4


def test_who_left_the_brand_is_promised_for_by_nobody_but_their_team(brand: Brand, agent: Agent) -> None:
    team = make.make_team(brand=brand, agents=[make.make_agent(brands=[brand])])
    CallbackPolicy.objects.create(brand=brand, team=team)
    callback = due_call(brand, by=agent)
    agent.brands.clear()
    every_job(TEN + HOUR)
    again = now(callback).followed_by
    assert (again.owner, again.team) == (None, team)


def test_who_left_the_brand_and_has_no_team_is_told_of_all_the_same(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    callback = due_call(brand, by=agent)
    agent.brands.clear()
    every_job(TEN + HOUR)
    assert now(callback).state == "missed"
    assert not hasattr(now(callback), "followed_by")
    assert told(supervisor, "callback_missed") == 1


def test_a_further_try_that_nobody_made_is_planned_again_and_told_once_a_window(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    callback = not_reached(due_call(brand, by=agent), "no_answer", by=agent, key="t", at=TEN)
    first = callback.window_from
    for minutes in (0, 20, 30, 60):
        every_job(first + minutes * MINUTE)
    callback = now(callback)
    assert (callback.state, callback.window_from) == ("no_answer", first + 80 * MINUTE)
    assert (told(supervisor, "callback_nobody"), told(supervisor, "callback_missed")) == (1, 0)
    assert callback.promised_to == TEN + HOUR


def test_further_tries_that_nobody_makes_come_to_an_end(
    brand: Brand, agent: Agent, supervisor: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "TRIED_FOR", timedelta(hours=6))
    callback = not_reached(due_call(brand, by=agent), "no_answer", by=agent, key="t", at=TEN)
    for hours in range(24):
        every_job(TEN + hours * HOUR)
    assert (now(callback).state, log(callback)[-1]) == ("given_up", "given_up")
    assert callback.events.last().data["outcome"] == "not_tried"


def test_a_house_that_slept_for_two_days_finds_all_and_hands_out_nothing_that_is_over(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    make.come(agent, at=BEFORE)
    offered, waiting, retried = (call_of(brand, by=agent) for _ in range(3))
    team = make.make_team(brand=brand, agents=[supervisor])
    teams = call_of(brand, by=None, more=More(team=team))
    task = call_of(brand, by=agent, kind="task")
    ahead = call_of(brand, by=agent, start=TEN + 50 * HOUR)
    not_reached(retried, "no_answer", by=agent, key="t", at=TEN - HOUR)
    Callback.objects.exclude(pk=offered.pk).update(look_at=TEN + 12 * HOUR)  # the first alone has its turn
    claim_due(at=TEN)
    offer_some(at=TEN)
    assert now(offered).state == "offered"
    woken = TEN + 48 * HOUR
    Callback.objects.exclude(pk__in=[offered.pk, ahead.pk]).update(look_at=TEN)
    every_job(woken)
    states = [now(one).state for one in (offered, waiting, teams, retried, task, ahead)]
    assert states == ["missed", "missed", "missed", "no_answer", "due", "promised"]
    assert now(retried).window_from > woken
    assert (told(agent, "callback_due"), told(supervisor, "callback_missed")) == (1, 3)
    assert told(agent, "task_late") == 1
    assert Callback.objects.filter(follows__isnull=False).count() == 3
