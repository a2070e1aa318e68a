"""The call on the desk: rung by a dialler, followed, hung up; by hand where no dialler rings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_httpserver import HTTPServer

from agents.models import Agent
from callbacks.dialling import Stage, Standing, Why
from callbacks.models import Attempt, Callback
from callbacks.services import ask_diallers, hear
from contactcenter import clock
from tests.callbacks import telephony
from tests.callbacks.telephony import CUSTOMER, Service, make_accepted, sid
from tickets.models import Ticket


@pytest.fixture
def service(settings: Any, httpserver: HTTPServer) -> Service:
    return telephony.set_up(settings, httpserver)


@pytest.fixture
def callback(ticket: Ticket, agent: Agent) -> Callback:
    """A call on a ticket that the agent has accepted; the brand dials by the REST service."""
    callback = make_accepted(by=agent, ticket=ticket)
    telephony.dials_by(callback, "rest")
    return callback


def test_the_keys_of_what_came_of_a_call_wait_until_there_was_one(
    desk: Client, callback: Callback, service: Service
) -> None:
    before = desk.get(f"/callbacks/{callback.pk}/").text
    assert f"/callbacks/{callback.pk}/outcome/done/" in before or "Reached" in before  # to be pressed by hand
    assert not [key for key in "12345" if f'data-key="{key}"' in before]
    after = press_call(desk, callback).text
    assert [key for key in "12345" if f'data-key="{key}"' in after] == list("12345")


def press_call(desk: Client, callback: Callback, key: str = "k1") -> Any:
    htmx = {"HX-Request": "true", "HX-Target": "conversation"}
    return desk.post(f"/callbacks/{callback.pk}/call/", {"key": key}, headers=htmx)


def state(desk: Client, callback: Callback) -> str:
    return desk.get(f"/callbacks/{callback.pk}/call/state/").text


def test_the_page_follows_a_call_from_ring_to_end(desk: Client, callback: Callback, service: Service) -> None:
    answer = press_call(desk, callback)
    assert "Your line rings first." in answer.text
    assert len(service.placed) == 1
    attempt = Attempt.objects.get()
    hear(attempt, Standing(Stage.RINGING))
    assert "It rings at the customer." in state(desk, callback)
    hear(attempt, Standing(Stage.ANSWERED), at=clock.now() - timedelta(seconds=65))
    assert "Answered." in state(desk, callback)
    assert ">1:0" in state(desk, callback)
    assert "every 2s" in state(desk, callback)
    desk.post(f"/callbacks/{callback.pk}/call/end/")
    assert service.ended == [sid(1)]
    hear(attempt, Standing(Stage.ENDED, 0), at=clock.now())
    assert "every 2s" not in state(desk, callback)


def test_a_busy_line_is_said_and_the_outcome_is_left_to_the_agent(
    desk: Client, callback: Callback, service: Service
) -> None:
    press_call(desk, callback)
    hear(Attempt.objects.get(), Standing(Stage.ENDED, 0, Why.BUSY))
    assert "The line says: busy." in state(desk, callback)
    assert Callback.objects.get().state == "in_call"


def test_a_dialler_that_is_down_gives_the_number_to_open_a_sentence_and_another_try(
    desk: Client, callback: Callback, service: Service
) -> None:
    service.fails_with = 401
    answer = press_call(desk, callback)
    assert "The telephone system does not let us in. Please dial yourself." in answer.text
    assert f'id="open-number" href="tel:{CUSTOMER}"' in answer.text
    assert "every 2s" not in answer.text
    service.fails_with = 0
    assert f"/callbacks/{callback.pk}/call/" in answer.text  # the button is there
    assert "Your line rings first." in press_call(desk, callback, "k2").text


def test_while_it_rings_there_is_no_second_call_to_press(
    desk: Client, callback: Callback, service: Service
) -> None:
    page = press_call(desk, callback).text
    assert f'formaction="/callbacks/{callback.pk}/call/"' not in page
    assert press_call(desk, callback, "k2").status_code == 409
    assert len(service.placed) == 1


def test_a_call_the_dialler_lost_sight_of_is_followed_no_more_and_said_to_be(
    desk: Client, callback: Callback, service: Service
) -> None:
    press_call(desk, callback)
    hear(Attempt.objects.get(), Standing(Stage.ANSWERED))
    service.placed.clear()  # it started anew
    ask_diallers(at=clock.now() + timedelta(minutes=1))
    page = state(desk, callback)
    assert "The telephone system knows nothing more of this call." in page
    assert "every 2s" not in page


@pytest.mark.parametrize("tried", [0, 20])
def test_following_a_call_costs_the_same_however_often_it_was_tried(
    desk: Client, callback: Callback, agent: Agent, service: Service, tried: int
) -> None:
    for number in range(tried):
        Attempt.objects.create(callback=callback, by=agent, outcome="busy", key=f"t{number}")
    press_call(desk, callback)
    state(desk, callback)
    with CaptureQueriesContext(connection) as queries:
        state(desk, callback)
    assert len(queries) == 6
