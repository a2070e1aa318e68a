from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_httpserver import HTTPServer

from agents.models import Agent, Brand
from callbacks.dialling import Stage, Standing, Why
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.services import (
    cancel,
    dial,
    done,
    hang_up,
    hear,
    link_of,
    not_reached,
    proposed_outcome,
)
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tests.callbacks import dripping, telephony
from tests.callbacks.telephony import CUSTOMER, Service, make_accepted, sid
from tests.ports import free_port
from tickets.models import Ticket


@pytest.fixture
def service(settings: Any, httpserver: HTTPServer) -> Service:
    return telephony.set_up(settings, httpserver)


@pytest.fixture
def callback(ticket: Ticket, agent: Agent) -> Callback:
    """A due call on a ticket that its owner has accepted; the brand dials by the REST service."""
    callback = make_accepted(by=agent, ticket=ticket)
    telephony.dials_by(callback, "rest")
    return callback


def now_of(callback: Callback) -> Callback:
    return Callback.objects.get(pk=callback.pk)


def refused(code: str, deed: Any, *words: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(*words, **more)
    assert caught.value.code == code
    return caught.value


def test_a_call_is_written_down_and_placed_with_the_agents_line_first(
    callback: Callback, agent: Agent, service: Service
) -> None:
    at = callback.window_from + timedelta(minutes=3)
    attempt = dial(callback, by=agent, key="d1", at=at)
    assert (attempt.dialler, attempt.ref, attempt.fell_back, attempt.outcome) == ("rest", sid(1), "", "")
    assert (attempt.by, attempt.at, attempt.ask_at) == (agent, at, at + timedelta(seconds=15))
    assert [placed["To"] for placed in service.placed] == [[telephony.AGENT]]
    assert CUSTOMER in service.placed[0]["Twiml"][0]
    assert service.placed[0]["StatusCallback"][0].endswith(f"/hooks/calls/{attempt.pk}/")
    assert now_of(callback).state == "in_call"
    assert link_of(attempt) == ""


def test_the_log_of_the_promise_says_who_called_and_how_and_no_number(
    callback: Callback, agent: Agent, service: Service
) -> None:
    dial(callback, by=agent, key="d1")
    called = CallbackEvent.objects.get(callback=callback, kind="called")
    assert (called.by, called.data["dialler"]) == (agent, "rest")
    assert (called.data["before"]["state"], called.data["after"]["state"]) == ("accepted", "in_call")
    hear(callback.attempts.get(), Standing(Stage.ENDED, 0, Why.BUSY))
    said = str(list(CallbackEvent.objects.values_list("data", flat=True)))
    assert telephony.AGENT[1:] not in said
    assert CUSTOMER[1:] not in said


def test_the_same_key_again_rings_nobody(callback: Callback, agent: Agent, service: Service) -> None:
    first = dial(callback, by=agent, key="d1")
    assert dial(callback, by=agent, key="d1") == first
    assert len(service.placed) == 1
    done(callback, by=agent, key="o1")
    assert dial(now_of(callback), by=agent, key="d1") == first
    assert (len(service.placed), callback.attempts.count()) == (1, 1)


def test_a_key_of_another_call_is_refused(callback: Callback, agent: Agent, service: Service) -> None:
    dial(callback, by=agent, key="d1")
    done(callback, by=agent, key="o1")
    other = make_accepted(by=agent, customer=make.make_customer(brand=callback.brand))
    refused("key_conflict", dial, other, by=agent, key="d1")


def test_a_due_call_is_accepted_with_it_and_one_that_is_not_due_or_anothers_is_not_rung(
    callback: Callback, brand: Brand, agent: Agent, service: Service
) -> None:
    colleague = make.make_agent(brands=[brand])
    refused("callback_taken", dial, callback, by=colleague, key="d1")
    later = make.make_callback(by=agent, customer=make.make_customer(brand=brand))
    refused("not_due", dial, later, by=agent, key="d2")
    Callback.objects.filter(pk=callback.pk).update(state="due")
    dial(now_of(callback), by=agent, key="d3")
    kinds = list(CallbackEvent.objects.filter(callback=callback).values_list("kind", flat=True))
    assert kinds[-2:] == ["accepted", "called"]
    assert len(service.placed) == 1


def test_who_may_keep_no_promises_rings_nobody(
    callback: Callback, other_brand: Brand, service: Service
) -> None:
    for stranger in (
        make.make_agent(brands=[other_brand]),
        make.make_agent(brands=[callback.brand], role=None),
    ):
        refused("not_allowed", dial, callback, by=stranger, key="d1")
    assert service.placed == []


def test_an_agent_makes_one_call_at_a_time(callback: Callback, agent: Agent, service: Service) -> None:
    other = make_accepted(by=agent, customer=make.make_customer(brand=callback.brand))
    dial(callback, by=agent, key="d1")
    refused("in_call", dial, callback, by=agent, key="d2")
    refused("in_call", dial, other, by=agent, key="d3")
    assert now_of(other).state == "accepted"
    not_reached(callback, "busy", by=agent, key="o1")
    dial(other, by=agent, key="d3")
    assert len(service.placed) == 2


def test_a_customer_is_rung_by_one_agent_at_a_time(
    callback: Callback, brand: Brand, agent: Agent, member: Customer, service: Service
) -> None:
    colleague = make.make_agent(brands=[brand])
    other = make_accepted(by=colleague, customer=member)
    telephony.dials_by(other, "rest")
    dial(callback, by=agent, key="d1")
    assert "Ada Amsel" in refused("customer_in_call", dial, other, by=colleague, key="d2").sentence
    done(callback, by=agent, key="o1")
    dial(other, by=colleague, key="d2")
    assert len(service.placed) == 2


def test_what_has_no_number_is_not_dialled(callback: Callback, brand: Brand, agent: Agent) -> None:
    task = make.make_callback(by=agent, kind="task", customer=make.make_customer(brand=brand))
    refused("no_number", dial, task, by=agent, key="d1")
    assert callback.contact_point
    type(callback.contact_point).objects.filter(pk=callback.contact_point.pk).update(
        removed_at=callback.window_to
    )
    refused("address_gone", dial, callback, by=agent, key="d2")


def test_a_brand_that_dials_by_hand_gets_an_address_and_rings_nobody(
    callback: Callback, agent: Agent, service: Service
) -> None:
    telephony.dials_by(callback, "tel")
    attempt = dial(callback, by=agent, key="d1")
    assert (attempt.dialler, attempt.ref, attempt.ask_at, attempt.fell_back) == ("tel", "", None, "")
    assert link_of(attempt) == f"tel:{CUSTOMER}"
    assert service.placed == []
    assert now_of(callback).state == "in_call"


def test_without_a_line_of_the_agents_they_dial_by_hand(
    callback: Callback, agent: Agent, service: Service
) -> None:
    agent.line.delete()
    attempt = dial(callback, by=agent, key="d1")
    assert attempt.fell_back == "The telephone system does not know your line. Please dial yourself."
    assert link_of(attempt) == f"tel:{CUSTOMER}"
    assert service.placed == []


@pytest.mark.parametrize("kind", ["rest", "sip"])
def test_a_dialler_that_is_not_set_up_or_down_falls_back_with_a_sentence(
    callback: Callback, agent: Agent, settings: Any, service: Service, kind: str
) -> None:
    telephony.dials_by(callback, kind)
    settings.VOICE_REST = ""
    attempt = dial(callback, by=agent, key="d1")
    assert attempt.fell_back == "The telephone system is not set up. Please dial yourself."
    nowhere = f"http://127.0.0.1:{free_port()}"
    settings.VOICE_REST, settings.SIP_RPC, settings.SIP_DOMAIN = nowhere, nowhere, "sip.example.com"
    attempt = dial(callback, by=agent, key="d2")
    assert attempt.fell_back == "The telephone system cannot be reached. Please dial yourself."
    assert (attempt.ask_at, link_of(attempt)) == (None, f"tel:{CUSTOMER}")
    assert [one.outcome for one in callback.attempts.all()] == ["lost", ""]
    done(callback, by=agent, key="o1")
    assert now_of(callback).state == "kept"


def test_a_dialler_that_is_slow_keeps_the_agent_for_three_seconds_and_is_looked_after(
    callback: Callback, agent: Agent, settings: Any
) -> None:
    with dripping.server(every=None) as address:
        settings.VOICE_REST, settings.VOICE_REST_ACCOUNT = address, telephony.ACCOUNT
        settings.VOICE_REST_TOKEN, settings.VOICE_FROM = telephony.TOKEN, telephony.OURS
        begun = time.monotonic()
        attempt = dial(callback, by=agent, key="d1", at=callback.window_from)
        assert time.monotonic() - begun < 3.5
    assert attempt.fell_back == "The telephone system did not answer in time. Please dial yourself."
    assert attempt.ask_at == callback.window_from


def test_a_try_in_which_nobody_was_rung_does_not_count_against_the_retry_rule(
    callback: Callback, agent: Agent, service: Service
) -> None:
    service.fails_with = 503
    for number in range(6):
        dial(callback, by=agent, key=f"d{number}")
    service.fails_with = 0
    attempt = dial(callback, by=agent, key="d9")
    assert (attempt.fell_back, attempt.ref) == ("", sid(7))
    not_reached(callback, "no_answer", by=agent, key="o1")
    assert now_of(callback).state == "no_answer"
    assert now_of(callback).tries == 1


@pytest.mark.parametrize(
    ("heard", "proposed"),
    [
        (Standing(Stage.ENDED, 0, Why.BUSY), "busy"),
        (Standing(Stage.ENDED, 0, Why.NO_ANSWER), "no_answer"),
        (Standing(Stage.ENDED, 0, Why.FAILED), ""),
        (Standing(Stage.ENDED, 70), ""),
        (Standing(Stage.RINGING), ""),
    ],
)
def test_an_outcome_is_proposed_and_never_said_for_the_agent(
    callback: Callback, agent: Agent, service: Service, heard: Standing, proposed: str
) -> None:
    attempt = hear(dial(callback, by=agent, key="d1"), heard)
    assert proposed_outcome(attempt) == proposed
    assert (attempt.outcome, now_of(callback).state) == ("", "in_call")
    done(callback, by=agent, key="o1")  # whatever was proposed
    assert callback.attempts.get().outcome == "done"


def test_an_agent_who_did_not_pick_up_calls_again(callback: Callback, agent: Agent, service: Service) -> None:
    attempt = hear(dial(callback, by=agent, key="d1"), Standing(Stage.ENDED, 0, Why.AGENT))
    assert attempt.fell_back.startswith("Your own line was not picked up.")
    assert proposed_outcome(attempt) == ""
    again = dial(callback, by=agent, key="d2")
    assert (again.ref, again.fell_back) == (sid(2), "")
    assert [one.outcome for one in callback.attempts.all()] == ["lost", ""]


def test_a_call_is_ended_from_the_page_by_whoever_is_in_it(
    callback: Callback, agent: Agent, brand: Brand, service: Service
) -> None:
    hang_up(callback, by=agent)  # there is none yet
    dial(callback, by=agent, key="d1")
    refused("not_yours", hang_up, callback, by=make.make_agent(brands=[brand]))
    at = callback.window_to
    hang_up(callback, by=agent, at=at)
    assert service.ended == [sid(1)]
    assert callback.attempts.get().ask_at == at
    service.fails_with = 500
    assert "out of order" in refused("out_of_order", hang_up, callback, by=agent).sentence


def test_a_promise_taken_back_while_it_is_being_kept_breaks_the_call_off(
    callback: Callback, agent: Agent, service: Service
) -> None:
    dial(callback, by=agent, key="d1")
    cancel(callback, by=agent)
    assert callback.attempts.get().outcome == "lost"
    assert callback.attempts.get().ask_at is not None  # its end is still of interest
    refused("callback_over", dial, callback, by=agent, key="d2")


def test_nothing_is_asked_of_others_inside_a_transaction(
    own_db: str, settings: Any, httpserver: HTTPServer
) -> None:
    service = telephony.set_up(settings, httpserver)
    seen: list[bool] = []
    service.meanwhile = lambda: seen.append(in_transaction())
    callback = make_accepted()
    telephony.dials_by(callback, "rest")
    assert callback.owner
    dial(callback, by=callback.owner, key="d1")
    hang_up(callback, by=callback.owner)
    assert seen == [False, False]
    done(callback, by=callback.owner, key="o1")
    other = make_accepted(by=callback.owner, customer=make.make_customer(brand=callback.brand))
    with transaction.atomic():  # the control
        dial(other, by=callback.owner, key="d2")
    assert seen[2:] == [True]


def in_transaction() -> bool:
    """Whether any connection to this database, but the one that asks, has a transaction open."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
            )
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


def test_no_number_is_written_to_the_log(
    callback: Callback, agent: Agent, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service.fails_with = 500
    dial(callback, by=agent, key="d1")
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "werkzeug")
    assert "status 500" in said
    assert not [word for word in (telephony.AGENT, CUSTOMER, telephony.TOKEN) if word in said]


def test_calling_costs_so_many_statements(
    callback: Callback, agent: Agent, service: Service, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(29):
        dial(callback, by=agent, key="d1")
    assert Attempt.objects.count() == 1
