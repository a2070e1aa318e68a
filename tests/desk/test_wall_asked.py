"""Goodwill that waits, answered from the wall: by whom, refused where, and once."""

from __future__ import annotations

import pytest
from django.test import Client

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Policy, Reason, Request
from loyalty.models import Account
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Ticket


@pytest.fixture
def asked(ticket: Ticket, agent: Agent, late_parcel: Reason) -> Request:
    """An agent asked for 600 points, more than they may give alone."""
    Policy.objects.update(apart_days=None)
    request: Request = goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="asked")
    return request


def where(asked: Request, step: str = "approve") -> str:
    return f"/wall/goodwill/{asked.pk}/{step}/"


def points_of(asked: Request) -> int:
    return Account.objects.get(pk=asked.account_id).balance


def state_of(asked: Request) -> str:
    return Request.objects.get(pk=asked.pk).state


def test_a_supervisor_agrees_from_the_wall_and_twice_is_once(supervisor: Agent, asked: Request) -> None:
    wall = signed_in(supervisor)
    assert f'hx-post="{where(asked)}"' in wall.get("/wall/").content.decode()
    before = points_of(asked)
    page = wall.post(where(asked)).content.decode()
    assert page.startswith('<div id="wall"')
    assert "600 points" in page
    assert f'hx-post="{where(asked)}"' not in page
    assert wall.post(where(asked)).status_code == 200
    assert (state_of(asked), points_of(asked)) == ("posted", before + 600)


def test_a_supervisor_declines_from_the_wall(supervisor: Agent, asked: Request) -> None:
    assert signed_in(supervisor).post(where(asked, "decline")).status_code == 200
    assert state_of(asked) == "declined"


def test_who_asked_has_no_button_and_is_refused_in_place(supervisor: Agent, asked: Request) -> None:
    own = asked
    Request.objects.filter(pk=own.pk).update(by=supervisor)
    wall = signed_in(supervisor)
    page = wall.get("/wall/").content.decode()
    assert f'id="wall-asked-{own.pk}"' in page
    assert where(own) not in page
    answer = wall.post(where(own), headers={"HX-Request": "true", "Refusal-Slot": f"#wall-refusal-{own.pk}"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == f"#wall-refusal-{own.pk}"
    assert 'role="alert"' in answer.content.decode()
    assert state_of(own) == "waiting"


def test_what_was_withdrawn_meanwhile_is_refused_with_a_sentence(
    supervisor: Agent, agent: Agent, asked: Request
) -> None:
    goodwill.services.withdraw(asked, by=agent)
    answer = signed_in(supervisor).post(where(asked), headers={"Refusal-Slot": "#wall-refusal-1"})
    assert (answer.status_code, state_of(asked)) == (409, "withdrawn")


def test_nobody_else_answers_from_there(asked: Request, desk: Client, other_brand: Brand) -> None:
    other = signed_in(make.make_agent(brands=[other_brand], role=roles.SUPERVISOR))
    assert desk.post(where(asked)).status_code == 403
    assert other.post(where(asked)).status_code == 404
    assert state_of(asked) == "waiting"


def test_it_is_a_deed_with_a_token_and_no_other_step(supervisor: Agent, asked: Request) -> None:
    assert signed_in(supervisor, enforce_csrf_checks=True).post(where(asked)).status_code == 403
    assert signed_in(supervisor).get(where(asked)).status_code == 405
    for step in ("undo", "withdraw", "other"):
        assert signed_in(supervisor).post(where(asked, step)).status_code == 404
    assert state_of(asked) == "waiting"
