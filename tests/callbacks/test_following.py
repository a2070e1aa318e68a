from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_httpserver import HTTPServer

from agents.models import Agent
from callbacks.dialling import Stage, Standing, Why
from callbacks.models import Attempt, Callback
from callbacks.services import ask_diallers, dial, done, hear, hear_event
from callbacks.tasks import ask_diallers as asking
from tests import make
from tests.callbacks import telephony
from tests.callbacks.telephony import Service, make_accepted, sid
from tests.contactcenter.test_plans import plan_of_the_claim
from tests.ports import free_port
from tickets.models import Ticket

SECOND = timedelta(seconds=1)
RINGING, ANSWERED = Standing(Stage.RINGING), Standing(Stage.ANSWERED)
ENDED = Standing(Stage.ENDED, 60)


@pytest.fixture
def service(settings: Any, httpserver: HTTPServer) -> Service:
    return telephony.set_up(settings, httpserver)


@pytest.fixture
def callback(ticket: Ticket, agent: Agent) -> Callback:
    callback = make_accepted(by=agent, ticket=ticket)
    telephony.dials_by(callback, "rest")
    return callback


@pytest.fixture
def attempt(callback: Callback, agent: Agent, service: Service) -> Attempt:
    """A call that was placed as the window opened."""
    return dial(callback, by=agent, key="d1", at=callback.window_from)


def after(attempt: Attempt, seconds: int) -> Any:
    return attempt.at + seconds * SECOND


def told(attempt: Attempt) -> tuple[Any, ...]:
    """When it rang, was answered and ended, in seconds after it began; why it ended."""
    row = Attempt.objects.get(pk=attempt.pk)
    instants = (row.ringing_at, row.answered_at, row.hung_up_at)
    return (*(one and (one - row.at).total_seconds() for one in instants), row.why)


def test_ringing_answered_ended_and_how_long_they_talked_land_on_the_try(attempt: Attempt) -> None:
    hear(attempt, RINGING, at=after(attempt, 8))
    hear(attempt, ANSWERED, at=after(attempt, 12))
    assert told(attempt) == (8, 12, None, "")
    row = hear(attempt, ENDED, at=after(attempt, 75))
    assert told(attempt) == (8, 15, 75, "")
    assert (row.duration, row.ask_at, row.outcome) == (timedelta(seconds=60), None, "")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_and_twice_it_comes_to_the_same_end(attempt: Attempt, order: tuple[int, ...]) -> None:
    heard = [(RINGING, 8), (ANSWERED, 12), (ENDED, 75)]
    for turn in [*order, *order]:
        hear(attempt, heard[turn][0], at=after(attempt, heard[turn][1]))
    rang, answered, ended, why = told(attempt)
    assert (answered, ended, why) == (15, 75, "")
    assert rang in (8, None)  # heard of too late nobody knows any more when it rang


def test_what_was_never_answered_has_no_length(attempt: Attempt) -> None:
    row = hear(attempt, Standing(Stage.ENDED, 0, Why.NO_ANSWER), at=after(attempt, 40))
    assert told(attempt) == (None, None, 40, "no_answer")
    assert row.duration is None


def test_a_length_that_reaches_before_the_call_ends_with_its_beginning(attempt: Attempt) -> None:
    hear(attempt, Standing(Stage.ENDED, 500), at=after(attempt, 20))
    assert told(attempt) == (None, 0, 20, "")


def test_a_clock_that_is_behind_ends_no_call_before_it_was_answered(attempt: Attempt) -> None:
    hear(attempt, ANSWERED, at=after(attempt, 12))
    hear(attempt, Standing(Stage.ENDED, None), at=after(attempt, 10))
    assert told(attempt) == (None, 12, 12, "")


def test_the_end_is_kept_also_when_the_agent_has_said_before_what_came_of_it(
    callback: Callback, attempt: Attempt, agent: Agent, service: Service
) -> None:
    done(callback, by=agent, key="o1", at=after(attempt, 10))
    service.becomes("completed", "completed", "90")
    assert ask_diallers(at=after(attempt, 100)) == 1
    row = Attempt.objects.get()
    assert (row.outcome, row.duration, row.ask_at) == ("done", timedelta(seconds=90), None)


def test_what_is_not_told_is_asked_for(attempt: Attempt, service: Service) -> None:
    assert ask_diallers(at=after(attempt, 14)) == 0
    service.becomes("in-progress", "ringing")
    assert asking(at=after(attempt, 15)) == 1
    assert ask_diallers(at=after(attempt, 29)) == 0
    service.becomes("in-progress", "in-progress")
    ask_diallers(at=after(attempt, 31))
    service.becomes("completed", "completed", "45")
    ask_diallers(at=after(attempt, 80))
    assert told(attempt) == (15, 35, 80, "")
    assert ask_diallers(at=after(attempt, 900)) == 0


def test_a_dialler_that_is_down_is_left_alone_for_a_while_and_every_call_is_asked_for_again(
    attempt: Attempt, settings: Any, service: Service
) -> None:
    second = make_accepted(customer=make.make_customer(brand=attempt.callback.brand))
    telephony.dials_by(second, "rest", line="+4930111333")
    assert second.owner
    dial(second, by=second.owner, key="d2", at=attempt.at)
    works, settings.VOICE_REST = settings.VOICE_REST, f"http://127.0.0.1:{free_port()}"
    assert ask_diallers(at=after(attempt, 20)) == 1  # the other is not asked for in vain
    assert list(Attempt.objects.values_list("ask_at", flat=True)) == [after(attempt, 30)] * 2
    settings.VOICE_REST = works
    service.becomes("in-progress", "in-progress")
    assert ask_diallers(at=after(attempt, 30)) == 2
    assert not Attempt.objects.filter(answered_at=None).exists()


def test_a_call_the_dialler_forgot_is_asked_for_no_more(attempt: Attempt, service: Service) -> None:
    hear(attempt, ANSWERED, at=after(attempt, 5))
    service.placed.clear()
    ask_diallers(at=after(attempt, 30))
    row = Attempt.objects.get()
    assert (row.why, row.ask_at, row.hung_up_at, row.fell_back) == ("lost", None, None, "")


def test_a_call_is_not_followed_for_ever(attempt: Attempt, service: Service) -> None:
    service.becomes("in-progress", "in-progress")
    ask_diallers(at=after(attempt, 15))
    asked = service.asked
    ask_diallers(at=after(attempt, 4 * 3600))
    assert service.asked == asked
    assert Attempt.objects.get().ask_at is None


def fallen_back(callback: Callback, agent: Agent, service: Service) -> Attempt:
    """A call that was placed although the service answered with an error."""
    service.fails_with = 500
    attempt = dial(callback, by=agent, key="d1", at=callback.window_from)
    service.fails_with = 0
    assert attempt.fell_back
    return attempt


def event_of(attempt: Attempt, **event: str) -> None:
    assert hear_event(attempt.pk, event, at=after(attempt, 4))


def test_a_call_that_was_placed_all_the_same_is_ended_while_only_the_agents_line_rings(
    callback: Callback, agent: Agent, service: Service
) -> None:
    attempt = fallen_back(callback, agent, service)
    event_of(attempt, **telephony.event("ringing", of_customer=False))
    service.becomes("ringing")
    ask_diallers(at=after(attempt, 5))
    assert service.ended == [sid(1)]
    service.becomes("canceled")
    ask_diallers(at=after(attempt, 30))
    row = Attempt.objects.get()
    assert (row.ask_at, bool(row.fell_back), row.hung_up_at) == (None, True, None)


def test_a_call_that_was_placed_all_the_same_is_the_call_where_the_agent_has_picked_up(
    callback: Callback, agent: Agent, service: Service
) -> None:
    attempt = fallen_back(callback, agent, service)
    event_of(attempt, **telephony.event("ringing"))
    service.becomes("in-progress", "ringing")
    ask_diallers(at=after(attempt, 5))
    assert service.ended == []
    row = Attempt.objects.get()
    assert (row.fell_back, row.ref, row.ringing_at) == ("", sid(1), after(attempt, 5))


def test_a_call_nobody_ever_hears_of_again_was_not_placed(
    callback: Callback, agent: Agent, service: Service
) -> None:
    attempt = fallen_back(callback, agent, service)
    ask_diallers(at=after(attempt, 5))
    row = Attempt.objects.get()
    assert (row.ask_at, row.fell_back) == (None, attempt.fell_back)


def test_a_run_asks_for_so_many_calls_and_each_costs_the_same(
    attempt: Attempt, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost() -> int:
        Attempt.objects.update(ask_at=attempt.at)
        with CaptureQueriesContext(connection) as queries:
            ask_diallers(at=after(attempt, 5))
        return len(queries)

    alone = cost()
    for number in range(3):
        other = make_accepted(customer=make.make_customer(brand=attempt.callback.brand))
        telephony.dials_by(other, "rest", line=f"+4930111{number}44")
        assert other.owner
        dial(other, by=other.owner, key=f"d{number}x", at=attempt.at)
    nothing_due = 4  # the look that finds nothing more
    assert cost() <= 4 * alone + nothing_due
    monkeypatch.setattr("callbacks.services.following.AT_ONCE", 2)
    Attempt.objects.update(ask_at=attempt.at)
    assert ask_diallers(at=after(attempt, 5)) == 2
    assert ask_diallers(at=after(attempt, 5)) == 2
    assert ask_diallers(at=after(attempt, 5)) == 0


MANY = """INSERT INTO callbacks_attempt (callback_id, by_id, at, outcome, note, key, request_hash)
SELECT callback_id, by_id, at, 'no_answer', '', 'many' || n, '' FROM callbacks_attempt, generate_series(1, 20000) n"""


def test_the_sweep_walks_its_own_index_whatever_is_on_file_and_without_it_would_not(attempt: Attempt) -> None:
    Attempt.objects.update(ask_at=after(attempt, 10**6))
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("ANALYZE callbacks_attempt")
    assert "callbacks_attempt_to_ask" in {node.get("Index Name") for node in plan_of_the_claim(ask_diallers)}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX callbacks_attempt_to_ask")
    assert "callbacks_attempt_to_ask" not in {
        node.get("Index Name") for node in plan_of_the_claim(ask_diallers)
    }
