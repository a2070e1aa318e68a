"""Promises over the API: what is shown, what can be said of them, and nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents import roles
from agents.models import Agent, Brand
from callbacks.models import Attempt, Callback
from callbacks.services import claim_due
from contactcenter import clock
from customers.models import Customer
from tests import make
from tests.api.client import Machine, expect_problem
from tests.api.test_rooms import window
from tickets.models import Ticket


@pytest.fixture
def due(ticket: Ticket, agent: Agent) -> Callback:
    """A call of the agent's whose window is open."""
    now = clock.now()
    one = make.make_callback(ticket=ticket, by=agent)
    opened = {"window_from": now - timedelta(minutes=5), "window_to": now + timedelta(hours=1)}
    Callback.objects.filter(pk=one.pk).update(**opened, look_at=opened["window_from"])
    claim_due()
    return one


def test_a_promise_tells_all_that_is_known_of_it(
    clerk: Machine, brand: Brand, ticket: Ticket, member: Customer
) -> None:
    team, topic = make.make_team(brand=brand, agents=[clerk.agent]), make.make_contact_reason(brand=brand)
    Ticket.objects.filter(pk=ticket.pk).update(reason=topic)
    body = {
        "customer": member.pk, "ticket": ticket.reference, "reason": "The parcel", "notes": "Be kind",
        "team": team.pk, **window(),
    }  # fmt: skip
    answer = clerk.post("callbacks/", body)
    assert answer.status_code == 201, answer.content
    told = clerk.get(f"callbacks/{answer.json()['id']}/").json()
    expected = {
        "channel": "voice", "notes": "Be kind", "topic": topic.pk, "source": "desk", "priority": 1, "tries": 0,
        "owner": None, "team": {"id": team.pk, "name": team.name}, "promised_to": told["window_to"],
        "follows": None, "attempts": [],
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert [row["id"] for row in clerk.rows("callbacks/", team=team.pk)] == [told["id"]]
    assert clerk.rows("callbacks/", team=team.pk + 1) == []


def test_a_machine_says_that_it_comes_from_another_system(
    shop: Machine, brand: Brand, member: Customer, agent: Agent
) -> None:
    body = {
        "customer": member.pk,
        "reason": "Asked for on the web",
        "team": make.make_team(brand=brand, agents=[agent]).pk,
        **window(),
    }
    assert shop.post("callbacks/", body).json()["source"] == "api"


def test_a_video_call_goes_to_a_mail_address(clerk: Machine, member: Customer) -> None:
    body = {"customer": member.pk, "reason": "Show it", "channel": "video", **window()}
    expect_problem(clerk.post("callbacks/", body | {"number": "+493012345678"}), 422, "unknown_number")
    member.contact_points.filter(kind="mail").update(removed_at=clock.now())
    expect_problem(clerk.post("callbacks/", body), 409, "no_number")


def test_a_call_is_accepted_and_given_back(clerk: Machine, due: Callback) -> None:
    taken = clerk.post(f"callbacks/{due.pk}/accept/").json()
    assert (taken["state"], taken["owner"]["id"]) == ("accepted", clerk.agent.pk)
    assert clerk.post(f"callbacks/{due.pk}/decline/").json()["state"] == "due"


def test_who_is_too_late_is_told_who_has_it(clerk: Machine, brand: Brand, due: Callback) -> None:
    other = Machine(make.make_agent(brands=[brand], name="Bea Biber"))
    clerk.post(f"callbacks/{due.pk}/accept/")
    said = expect_problem(other.post(f"callbacks/{due.pk}/accept/"), 409, "callback_taken")
    assert "Ada Amsel" in said["detail"]


@pytest.mark.parametrize(
    ("outcome", "state", "kept_as"),
    [
        ("reached", "kept", "done"),
        ("no_answer", "no_answer", "no_answer"),
        ("busy", "no_answer", "busy"),
        ("voicemail", "no_answer", "voicemail"),
        ("wrong_number", "given_up", "wrong_number"),
    ],
)
def test_every_outcome_is_said_once_and_stands_with_the_promise(
    clerk: Machine, due: Callback, outcome: str, state: str, kept_as: str
) -> None:
    body, path = {"outcome": outcome, "note": "Rang long"}, f"callbacks/{due.pk}/outcome/"
    for _ in range(2):
        told = clerk.post(path, body, key="k1").json()
        assert (told["state"], told["tries"]) == (state, 1)
    (tried,) = told["attempts"]
    assert (tried["outcome"], tried["note"], tried["by"]["name"], tried["seconds"]) == (
        kept_as,
        "Rang long",
        "Ada Amsel",
        None,
    )
    assert Attempt.objects.count() == 1
    expect_problem(clerk.post(path, body | {"note": "Else"}, key="k1"), 422, "key_reused")


def test_control_with_another_key_it_is_another_try(clerk: Machine, due: Callback) -> None:
    for number in range(2):
        clerk.post(f"callbacks/{due.pk}/outcome/", {"outcome": "busy"}, key=f"k{number}")
    assert clerk.get(f"callbacks/{due.pk}/").json()["tries"] == 2 == Attempt.objects.count()


@pytest.mark.parametrize("outcome", ["moved", "lost", "", "done"])
def test_what_is_no_outcome_is_refused(clerk: Machine, due: Callback, outcome: str) -> None:
    expect_problem(clerk.post(f"callbacks/{due.pk}/outcome/", {"outcome": outcome}), 400, "invalid")


def test_a_task_reaches_nobody(clerk: Machine, ticket: Ticket, agent: Agent) -> None:
    task = make.make_callback(ticket=ticket, by=agent, kind="task", contact_point=None)
    path = f"callbacks/{task.pk}/outcome/"
    expect_problem(clerk.post(path, {"outcome": "busy"}), 409, "no_outcome")
    assert clerk.post(path, {"outcome": "reached"}).json()["state"] == "kept"


def test_a_supervisor_hands_it_over_and_an_agent_does_not(
    clerk: Machine, supervisor: Agent, brand: Brand, due: Callback
) -> None:
    other = make.make_agent(brands=[brand])
    path, body = f"callbacks/{due.pk}/hand-over/", {"owner": other.pk}
    expect_problem(clerk.post(path, body), 403, "not_allowed")
    assert Machine(supervisor).post(path, body).json()["owner"]["id"] == other.pk
    expect_problem(Machine(supervisor).post(path, {"owner": 99_999_999}), 422, "unknown_owner")


def asked(machine: Machine, **query: Any) -> Any:
    answer = machine.get("callbacks/windows/", **query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_free_windows_of_a_day_can_be_promised(clerk: Machine, member: Customer) -> None:
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    free = asked(clerk, customer=member.pk, day=day)
    assert (free["zone"], free["day"]) == ("Europe/Berlin", day)
    assert len(free["windows"]) == 13  # from 8 to 21
    body = {"customer": member.pk, "reason": "x", **free["windows"][-1]}
    assert clerk.post("callbacks/", body).status_code == 201


def test_days_that_are_over_or_too_far_have_none_and_without_a_day_it_is_today(
    clerk: Machine, member: Customer
) -> None:
    for day in ("0001-01-01", "2020-02-29", "9999-12-31"):
        assert asked(clerk, customer=member.pk, day=day)["windows"] == []
    assert asked(clerk, customer=member.pk)["day"] >= clock.now().date().isoformat()


def test_the_free_windows_are_those_of_the_team_that_is_named(
    shop: Machine, brand: Brand, member: Customer, agent: Agent
) -> None:
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    team = make.make_team(brand=brand, agents=[agent])
    free = asked(shop, customer=member.pk, day=day, team=team.pk)["windows"]
    assert len(free) == 13
    body = {"reason": "x", "team": team.pk, **free[0]}
    for _ in range(4):  # as many as one person can call in an hour
        other = make.make_member(brand=brand, phone=make.unique("+4930888"))
        assert shop.post("callbacks/", {"customer": other.pk, **body}).status_code == 201
    assert asked(shop, customer=member.pk, day=day, team=team.pk)["windows"] == free[1:]
    assert asked(shop, customer=member.pk, day=day)["windows"] == free  # its own time is another's


def test_windows_are_asked_for_soundly(clerk: Machine, other_shop: Machine, member: Customer) -> None:
    expect_problem(other_shop.get("callbacks/windows/", customer=member.pk), 422, "unknown_customer")
    expect_problem(clerk.get("callbacks/windows/", customer=member.pk, team=9_999_999), 422, "unknown_team")
    for query in ({}, {"customer": "x"}, {"customer": member.pk, "day": "tomorrow"}, {"who": 1}):
        assert clerk.get("callbacks/windows/", **query).status_code == 400, query


def test_a_token_that_may_only_read_says_nothing(agent: Agent, due: Callback) -> None:
    reader = Machine(agent, scopes=["callbacks:read"])
    assert reader.get("callbacks/windows/", customer=due.customer_id).status_code == 200
    for deed in ("accept", "decline", "outcome", "move", "cancel", "hand-over"):
        assert reader.post(f"callbacks/{due.pk}/{deed}/").status_code == 403, deed


def test_a_machine_hands_nothing_over(shop: Machine, due: Callback) -> None:
    assert shop.agent.groups.get().name == roles.INTEGRATION
    expect_problem(shop.post(f"callbacks/{due.pk}/hand-over/", {}), 403, "not_allowed")
