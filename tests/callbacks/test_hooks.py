from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer

from agents.models import Agent
from callbacks.models import Attempt, Callback
from callbacks.services import dial
from tests.callbacks import telephony
from tests.callbacks.telephony import Service, event, make_accepted, sid
from tickets.models import Ticket


@pytest.fixture
def service(settings: Any, httpserver: HTTPServer) -> Service:
    settings.PUBLIC_URL = "https://desk.example.com"
    caches["throttle"].clear()
    return telephony.set_up(settings, httpserver)


@pytest.fixture
def attempt(ticket: Ticket, agent: Agent, service: Service) -> Attempt:
    callback: Callback = make_accepted(by=agent, ticket=ticket)
    telephony.dials_by(callback, "rest")
    return dial(callback, by=agent, key="d1")


def signature(path: str, event: dict[str, str], token: str = telephony.TOKEN) -> str:
    """As the service makes it, written down once more."""
    said = f"https://desk.example.com{path}" + "".join(name + event[name] for name in sorted(event))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def post(attempt: int, event: dict[str, str], **more: Any) -> int:
    path = more.get("path") or reverse("call_heard", args=[attempt])
    signed = more.get("signed") or signature(path, event)
    answer = Client(enforce_csrf_checks=True).post(path, event, headers={"X-Twilio-Signature": signed})
    assert answer.content == b""
    assert not answer.cookies
    return answer.status_code


def test_the_service_tells_what_becomes_of_a_call(attempt: Attempt) -> None:
    for status, seconds in (("initiated", ""), ("ringing", ""), ("in-progress", ""), ("completed", "33")):
        assert post(attempt.pk, event(status, seconds=seconds)) == 204
    assert post(attempt.pk, event("completed", of_customer=False, seconds="40")) == 204
    row = Attempt.objects.get()
    assert row.ringing_at
    assert row.duration is not None
    assert row.duration.total_seconds() <= 33  # it cannot have begun before the call did
    assert (row.why, row.ask_at, row.outcome) == ("", None, "")


def test_an_event_of_which_nobody_knows_anything_changes_nothing(attempt: Attempt) -> None:
    assert post(attempt.pk, event("dancing")) == 204
    assert post(attempt.pk, {"CallSid": sid(1), "CallStatus": "in-progress"}) == 204
    assert post(attempt.pk + 1, event("ringing")) == 404
    assert post(attempt.pk, {"Nothing": "said"}) == 404
    assert Attempt.objects.get() == attempt
    assert Attempt.objects.get().ringing_at is None


@pytest.mark.parametrize("change", ["", "another token", "another address", "another word"])
def test_without_the_services_signature_nothing_is_taken(attempt: Attempt, change: str) -> None:
    path, said = reverse("call_heard", args=[attempt.pk]), event("ringing")
    signed = {
        "": "none",
        "another token": signature(path, said, token="guessed"),
        "another address": signature(reverse("call_heard", args=[attempt.pk + 1]), said),
        "another word": signature(path, said | {"CallStatus": "completed"}),
    }[change]
    assert post(attempt.pk, said, signed=signed) == 403
    assert Attempt.objects.get().ringing_at is None


def test_a_desk_without_a_service_takes_nothing(attempt: Attempt, settings: Any) -> None:
    settings.VOICE_REST_TOKEN = ""
    said = event("ringing")
    path = reverse("call_heard", args=[attempt.pk])
    assert post(attempt.pk, said, signed=signature(path, said, token="")) == 403


def test_who_guesses_is_asked_to_stop_and_the_service_is_heard_all_the_same(
    attempt: Attempt, settings: Any
) -> None:
    settings.LINK_RATE = "3/min"
    answers = [post(attempt.pk, event("ringing"), signed="guess") for _ in range(5)]
    assert answers == [403, 403, 403, 429, 429]
    assert [post(attempt.pk, event("ringing")) for _ in range(6)] == [204] * 6


def test_the_address_takes_events_and_nothing_else(attempt: Attempt, client: Client) -> None:
    path = reverse("call_heard", args=[attempt.pk])
    assert client.get(path).status_code == 405
    assert "no-store" in client.post(path)["Cache-Control"]
    body = client.post(path, b'{"CallStatus": "ringing"}', content_type="application/json")
    assert body.status_code == 403


def test_an_event_for_a_call_by_another_dialler_is_of_no_call_we_know(attempt: Attempt) -> None:
    Attempt.objects.update(dialler="sip")
    assert post(attempt.pk, event("ringing")) == 404


def test_hearing_twice_and_late_does_no_harm(attempt: Attempt) -> None:
    for status in ("completed", "in-progress", "ringing", "completed", "initiated"):
        assert post(attempt.pk, event(status, seconds="12")) == 204
    row = Attempt.objects.get()
    assert row.hung_up_at
    assert row.ringing_at is None
    assert row.ask_at is None
