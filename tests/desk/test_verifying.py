"""The dialog in which an agent finds out who asks, and the refusals that lead to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import ContactPoint, Customer, CustomerChange, SentCode, Verification
from customers.services.verifying import digits_of
from loyalty.models import Redemption
from tests import make
from tickets.models import Ticket, TicketEvent


@pytest.fixture(autouse=True)
def wary(brand: Brand) -> None:
    make.make_wary(brand)


@pytest.fixture
def point(member: Customer) -> ContactPoint:
    member.contact_points.filter(kind="mail").update(verified_at=clock.now())
    return member.contact_points.get(kind="mail")


def step(desk: Client, customer: Customer, what: str, ticket: Ticket | None = None, **fields: Any) -> Any:
    conversation = f"ticket:{ticket.pk}" if ticket else ""
    data = {"what": what, "conversation": conversation} | fields
    headers = {"HX-Request": "true", "Refusal-Slot": "#verify-refusal"}
    return desk.post(reverse("desk:verify", args=[customer.pk]), data, headers=headers)


def redeem(desk: Client, ticket: Ticket, key: str) -> Any:
    reward = make.make_reward(brand=ticket.brand)
    headers = {"HX-Request": "true", "Refusal-Slot": "#panel-refusal"}
    data = {"reward": f"{reward.pk}:500", "key": key}
    return desk.post(reverse("desk:redeem", args=[ticket.reference]), data, headers=headers)


def page(desk: Client, ticket: Ticket) -> str:
    return desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()


def test_a_refused_reward_offers_the_dialog_and_goes_through_once_the_code_is_read_out(
    desk: Client, ticket: Ticket, member: Customer, point: ContactPoint, agent: Agent
) -> None:
    assert "Not verified" in page(desk, ticket)
    refused = redeem(desk, ticket, "k")
    told = refused.content.decode()
    assert (refused.status_code, refused["HX-Retarget"]) == (409, "#panel-refusal")
    assert f"{reverse('desk:verify', args=[member.pk])}?conversation=ticket:{ticket.pk}" in told
    assert "takes questions; so far: not verified." in told

    asked = step(desk, member, "send", ticket, point=point.pk).content.decode()
    code = SentCode.objects.get()
    assert "data-modal" in asked
    assert point.value not in asked  # masked
    assert digits_of(code) not in asked
    wrong = step(desk, member, "confirm", ticket, sent=code.pk, code="no")
    assert (wrong.status_code, "4 tries are left" in wrong.content.decode()) == (409, True)
    done = step(desk, member, "confirm", ticket, sent=code.pk, code=digits_of(code)).content.decode()
    assert "data-modal" not in done
    assert "Verified by a code" in done
    assert 'hx-swap-oob="true"' in done

    assert redeem(desk, ticket, "k").status_code == 200
    assert Redemption.objects.get().state == "posted"
    event = ticket.events.get(kind=TicketEvent.Kind.VERIFIED)
    assert (event.by, event.data) == (agent, {"before": 0, "after": 3, "method": "code"})
    assert "Verified by a code" in page(desk, ticket)
    assert "Customer verified by code" in page(desk, ticket)


def test_on_the_customers_page_a_change_is_held_until_questions_are_answered(
    desk: Client, member: Customer, point: ContactPoint
) -> None:
    make.make_order(customer=member, number="A-20931")
    address = reverse("desk:add_address", args=[member.pk])
    data = {"kind": "phone", "value": "+493099887766"}
    held = desk.post(address, data, headers={"HX-Request": "true", "Refusal-Slot": "#add-refusal"})
    assert (held.status_code, "Find out who this is" in held.content.decode()) == (409, True)
    wrong = {"answer-order_number": "A-1", "answer-loyalty_number": "0"}
    assert "Too little of this is right" in step(desk, member, "answer", **wrong).content.decode()
    right = {"answer-order_number": "a 20931", "answer-loyalty_number": member.account.number}
    told = step(desk, member, "answer", **right).content.decode()
    assert "Verified by questions" in told
    assert desk.post(address, data, headers={"HX-Request": "true"}).status_code == 200
    assert member.contact_points.filter(value=data["value"]).exists()


def test_addresses_are_masked_where_the_brand_wants_it_until_the_caller_is_verified(
    desk: Client, ticket: Ticket, member: Customer, brand: Brand
) -> None:
    make.make_wary(brand, see=1)
    point = member.contact_points.get(kind="phone")
    CustomerChange.objects.create(brand=brand, customer=member, kind="added", data={"point": point.pk})
    phone = "+493012345678"
    person = reverse("desk:person", args=[member.pk])
    pane = reverse("desk:customer", args=[ticket.reference])
    for where in (person, pane):
        shown = desk.get(where).content.decode()
        assert phone not in shown
        assert "•••678" in shown
    step(desk, member, "judge", ticket)
    for where in (person, pane):
        assert phone in desk.get(where).content.decode()


@pytest.mark.parametrize("what", ["send", "confirm", "answer", "judge", "nothing"])
def test_nobody_is_verified_in_a_ticket_of_somebody_else_or_of_another_brand(
    what: str, desk: Client, stranger: Client, member: Customer, ticket: Ticket, point: ContactPoint
) -> None:
    other = make.make_ticket(customer=make.make_customer(brand=member.brand))
    fields = {"point": point.pk, "sent": 1, "code": "123456"}
    assert step(desk, member, what, other, **fields).status_code == 404
    assert step(stranger, member, what, ticket, **fields).status_code == 404
    assert not Verification.objects.exists()
    assert not SentCode.objects.exists()
