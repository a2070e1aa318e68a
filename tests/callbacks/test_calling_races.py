"""Calls whose worker is killed between placing and writing it down, doubled clicks, doubled sweeps; with controls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from callbacks.dialling import DIALLERS, Order
from callbacks.models import Attempt, Callback
from callbacks.services import ask_diallers, dial, following, hear_event
from contactcenter import clock
from contactcenter.errors import Refused
from tests import databases, make
from tests.callbacks import telephony
from tests.callbacks.telephony import Service, make_accepted, sid
from tests.together import at_once

pytestmark = pytest.mark.race
REPOSITORY = Path(__file__).resolve().parents[2]
DIALS = """
import django; django.setup()
from callbacks.models import Callback
from callbacks.services import dial
callback = Callback.objects.get()
dial(callback, by=callback.owner, key="d1")
"""


@pytest.fixture
def service(settings: Any, httpserver: HTTPServer) -> Service:
    return telephony.set_up(settings, httpserver)


@pytest.fixture
def callback(own_db: str) -> Callback:
    callback = make_accepted()
    telephony.dials_by(callback, "rest")
    return callback


def killed_while_placing(own_db: str, service: Service, settings: Any) -> Attempt:
    """A worker that dies after the service has placed its call, and before it has told anybody."""
    names = ("VOICE_REST", "VOICE_REST_ACCOUNT", "VOICE_REST_TOKEN", "VOICE_FROM")
    environment = {
        **os.environ,
        "DATABASE_URL": databases.url_of(own_db),
        "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
    }
    environment |= {name: getattr(settings, name) for name in names}
    worker = subprocess.Popen([sys.executable, "-c", DIALS], cwd=REPOSITORY, env=environment)
    service.meanwhile = lambda: worker.send_signal(signal.SIGKILL)
    assert worker.wait(timeout=60) == -signal.SIGKILL
    service.meanwhile = lambda: None
    return Attempt.objects.get()


def test_a_call_whose_worker_was_killed_is_asked_for_and_never_placed_again(
    own_db: str, callback: Callback, service: Service, settings: Any
) -> None:
    attempt = killed_while_placing(own_db, service, settings)
    assert (len(service.placed), attempt.outcome, attempt.fell_back) == (1, "", "")
    assert attempt.ask_at is not None
    ask_diallers(at=attempt.ask_at - timedelta(seconds=1))
    assert Attempt.objects.get().fell_back == ""
    for seconds in range(0, 600, 15):
        ask_diallers(at=attempt.ask_at + timedelta(seconds=seconds))
    row = Attempt.objects.get()
    assert row.fell_back == "The telephone system knows nothing of this call. Please dial yourself."
    assert Callback.objects.get().state == "in_call"
    # The same click again finds the try it made.
    assert callback.owner
    dial(Callback.objects.get(), by=callback.owner, key="d1")
    assert len(service.placed) == 1


def test_control_a_sweep_that_places_what_it_does_not_find_is_seen(
    own_db: str, callback: Callback, service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = killed_while_placing(own_db, service, settings)
    order = Order(telephony.AGENT, telephony.CUSTOMER)
    monkeypatch.setattr(following, "_lose", lambda _row: DIALLERS["rest"].place(order))
    ask_diallers(at=attempt.ask_at)
    assert len(service.placed) == 2


def test_a_call_whose_worker_was_killed_is_found_by_what_the_service_tells(
    own_db: str, callback: Callback, service: Service, settings: Any
) -> None:
    attempt = killed_while_placing(own_db, service, settings)
    assert hear_event(attempt.pk, telephony.event("ringing"))
    row = Attempt.objects.get()
    assert (row.ref, row.fell_back) == (sid(1), "")
    assert row.ringing_at
    service.becomes("completed", "completed", "30")
    ask_diallers(at=clock.now() + timedelta(minutes=1))
    row = Attempt.objects.get()
    assert row.duration == timedelta(seconds=30)
    assert len(service.placed) == 1


def test_one_click_that_comes_twice_at_once_rings_once(callback: Callback, service: Service) -> None:
    deed = partial(dial, callback, by=callback.owner, key="d1")
    answers = at_once(deed, deed)
    assert len({answer.pk for answer in answers}) == 1
    assert len(service.placed) == 1


def test_control_without_the_lock_the_database_refuses_the_second_try(
    callback: Callback, service: Service
) -> None:
    deed = partial(dial, callback, by=callback.owner, key="d1")
    answers = at_once(deed, deed, unlocked=True)
    (error,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "callbacks_attempt" in str(error)
    assert len(service.placed) == 1


def test_two_clicks_at_once_ring_once(callback: Callback, service: Service) -> None:
    answers = at_once(*[partial(dial, callback, by=callback.owner, key=key) for key in ("d1", "d2")])
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["in_call"]
    assert len(service.placed) == 1


def two_for_one_customer(callback: Callback) -> list[Any]:
    colleague = make.make_agent(brands=[callback.brand])
    other = make_accepted(by=colleague, customer=callback.customer)
    telephony.dials_by(other, "rest", line="+4930111333")
    return [partial(dial, one, by=one.owner, key=f"d{one.pk}") for one in (callback, other)]


def test_two_agents_who_ring_one_customer_at_once(callback: Callback, service: Service) -> None:
    answers = at_once(*two_for_one_customer(callback))
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["customer_in_call"]
    assert len(service.placed) == 1


def test_control_without_the_place_in_line_both_ring(callback: Callback, service: Service) -> None:
    at_once(*two_for_one_customer(callback), unlocked=True)
    assert len(service.placed) == 2


def test_two_sweeps_ask_for_one_call_once(callback: Callback, service: Service) -> None:
    assert callback.owner
    attempt = dial(callback, by=callback.owner, key="d1")
    for number in range(8):
        at = attempt.at + timedelta(minutes=1 + number)
        service.asked = 0
        answers = at_once(*[partial(ask_diallers, at=at)] * 3)
        assert (sum(answers), service.asked) == (1, 1)


def test_control_without_the_claim_one_call_is_asked_for_by_each(
    callback: Callback, service: Service
) -> None:
    assert callback.owner
    attempt = dial(callback, by=callback.owner, key="d1")
    at_once(*[partial(ask_diallers, at=attempt.at + timedelta(minutes=1))] * 2, unlocked=True)
    assert service.asked == 2
