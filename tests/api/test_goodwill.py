"""Goodwill over the API: the order and the loss it is about, what whoever decides should know, and what waits."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Policy, Reason, Request
from goodwill.services import approve, grant_gift
from tests import make
from tests.api.client import Machine, expect_problem
from tickets.models import Message, Ticket


@pytest.fixture
def body(ticket: Ticket, late_parcel: Reason) -> dict[str, Any]:
    Policy.objects.update(apart_days=None)
    return {"ticket": ticket.reference, "reason": "late-parcel", "points": 100}


def test_what_was_suggested_for_the_loss_is_told(clerk: Machine, body: dict[str, Any]) -> None:
    answer = clerk.post("goodwill/", body | {"loss_minor": 300})
    assert (answer.status_code, answer.json()["suggested"]) == (201, 300)
    request = Request.objects.get()
    assert (request.loss_minor, request.parts[0]["code"]) == (300, "loss")
    assert clerk.rows("goodwill/") == [answer.json()]


def test_the_order_is_named_by_its_number_and_made_good_once(
    clerk: Machine, body: dict[str, Any], ticket: Ticket
) -> None:
    order = make.make_order(customer=ticket.customer, number="A-1")
    assert clerk.post("goodwill/", body | {"order": "A-1"}).status_code == 201
    assert Request.objects.get().order == order
    expect_problem(clerk.post("goodwill/", body | {"order": "A-1"}), 409, "order_made_good")
    other = make.make_ticket(customer=ticket.customer).reference
    expect_problem(clerk.post("goodwill/", body | {"order": "A-1", "ticket": other}), 409, "order_made_good")


def test_an_order_nobody_made_or_of_somebody_else_is_none(
    clerk: Machine, body: dict[str, Any], brand: Brand, other_brand: Brand
) -> None:
    make.make_order(customer=make.make_customer(brand=brand), number="A-2")
    make.make_order(customer=make.make_customer(brand=other_brand), number="A-3")
    for number in ("A-0", "A-2", "A-3"):
        expect_problem(clerk.post("goodwill/", body | {"order": number}), 422, "unknown_order")
    assert not Request.objects.exists()


def test_a_reason_that_needs_an_order_says_so(
    clerk: Machine, body: dict[str, Any], late_parcel: Reason
) -> None:
    Reason.objects.filter(pk=late_parcel.pk).update(needs_order=True)
    expect_problem(clerk.post("goodwill/", body), 409, "order_missing")


def test_words_and_message_wait_with_it_and_it_is_put_to_who_is_there(
    clerk: Machine, body: dict[str, Any], agent: Agent, supervisor: Agent, ticket: Ticket
) -> None:
    make.come(supervisor)
    asked = {"points": 800, "ask": True, "words": "On the phone", "message": "It is yours.", "urgent": True}
    answer = clerk.post("goodwill/", body | asked, key="once")
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    assert clerk.post("goodwill/", body | asked, key="once").json() == answer.json()
    request = Request.objects.get()
    assert (request.words, request.message, request.is_urgent, request.asked_of) == (
        "On the phone", "It is yours.", True, supervisor,
    )  # fmt: skip
    approve(request, by=supervisor)
    (message,) = Message.objects.filter(ticket=ticket, kind="outbound")
    assert (message.text, message.author) == ("It is yours.", agent)
    (row,) = clerk.rows("goodwill/")
    assert (row["state"], row["entry"] is not None) == ("posted", True)


@pytest.mark.parametrize("field", [{"words": "Why"}, {"message": "It is yours."}, {"urgent": True}])
def test_what_belongs_to_asking_is_not_left_out_silently(
    clerk: Machine, body: dict[str, Any], field: dict[str, Any]
) -> None:
    said = expect_problem(clerk.post("goodwill/", body | field), 422, "only_beside_ask")
    assert (said["details"], Request.objects.count()) == ({"fields": list(field)}, 0)


@pytest.mark.parametrize(
    "field",
    [
        {"loss_minor": -1}, {"loss_minor": 1.5}, {"loss_minor": 2**31}, {"order": 5}, {"order": "x" * 41},
        {"words": "x" * 501}, {"message": "x" * 10_001}, {"urgent": "perhaps"},
    ],
)  # fmt: skip
def test_what_is_no_such_thing_is_refused(
    clerk: Machine, body: dict[str, Any], field: dict[str, Any]
) -> None:
    assert clerk.post("goodwill/", body | {"ask": True} | field).status_code == 400
    assert not Request.objects.exists()


def test_what_is_given_instead_of_points_is_named_and_has_no_entry(
    clerk: Machine, body: dict[str, Any], ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    assert clerk.post("goodwill/", body).json()["gift"] is None
    tote = make.make_reward(brand=ticket.brand, code="tote", points=400)
    first = make.make_benefit(ticket.customer.account.programme, code="first")
    for gift in (tote, first):
        grant_gift(ticket, gift, by=agent, reason=late_parcel, key=gift.code)
    rows = [
        (row["gift"], row["points"], row["state"], row["entry"] is None) for row in clerk.rows("goodwill/")
    ]
    assert rows == [
        ("first", 300, "posted", True), ("tote", 400, "posted", True), (None, 100, "posted", False),
    ]  # fmt: skip
    schema = clerk.get("schema/").json()["components"]["schemas"]["GrantOut"]
    assert (schema["properties"]["gift"]["type"], schema["properties"]["gift"]["nullable"]) == (
        "string",
        True,
    )
    assert "for a gift" in schema["description"]


def test_of_who_is_no_member_nothing_is_suggested(
    clerk: Machine, body: dict[str, Any], customer: Customer
) -> None:
    ticket = make.make_ticket(customer=customer)
    expect_problem(clerk.post("goodwill/", body | {"ticket": ticket.reference}), 409, "no_member")
