"""The second page of the goodwill panel: a voucher, a benefit, or two or three things to choose from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from customers.models import Customer
from goodwill.models import Offer, Policy, Reason, Request
from loyalty.models import Reward, Voucher
from tests import make
from tests.desk.deeds import post
from tickets.models import Ticket


@pytest.fixture
def shipping(ticket: Ticket) -> Reward:
    return make.make_reward(brand=ticket.brand, name="Free shipping", points=400)


def sent(client: Client, ticket: Ticket, reason: Reason, remedy: list[str], deed: str, **more: Any) -> Any:
    fields = {"key": "k", "reason": reason.pk, "remedy": remedy, "deed": deed} | more
    return post(client, "remedies", ticket.reference, **fields)


def page(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("desk:remedies", args=[ticket.reference])).text


def test_a_voucher_is_given_undone_and_named_in_the_thread(
    desk: Client, ticket: Ticket, late_parcel: Reason, shipping: Reward
) -> None:
    assert "Free shipping" in page(desk, ticket)
    answer = sent(desk, ticket, late_parcel, [f"reward:{shipping.pk}"], "give")
    assert (answer.status_code, Voucher.objects.count()) == (200, 1)
    assert shipping.code in answer.text
    assert Voucher.objects.get().code in answer.text
    assert "Undo" in page(desk, ticket)
    undone = post(desk, "goodwill_step", ticket.reference, Request.objects.get().pk, "undo")
    assert (undone.status_code, Voucher.objects.get().cancelled_at is not None) == (200, True)


def test_a_reason_that_asks_for_the_order_has_it_named_here_too(
    desk: Client, ticket: Ticket, late_parcel: Reason, shipping: Reward
) -> None:
    Reason.objects.update(needs_order=True)
    order = make.make_order(customer=ticket.customer, number="FF-77")
    assert "FF-77" in page(desk, ticket)
    voucher = [f"reward:{shipping.pk}"]
    assert sent(desk, ticket, late_parcel, voucher, "give").status_code == 409
    assert sent(desk, ticket, late_parcel, voucher, "give", order=order.pk).status_code == 200
    assert Request.objects.get().order == order


def test_who_is_no_member_is_given_a_voucher_from_the_panel(
    desk: Client, customer: Customer, late_parcel: Reason, shipping: Reward
) -> None:
    ticket = make.make_ticket(customer=customer)
    panel = desk.get(reverse("desk:goodwill", args=[ticket.reference])).text
    assert "Give a voucher" in panel
    assert 'value="points"' not in page(desk, ticket)
    assert sent(desk, ticket, late_parcel, ["points"], "give", points=50).status_code == 422
    assert sent(desk, ticket, late_parcel, [f"reward:{shipping.pk}"], "give").status_code == 200
    assert Request.objects.get().account is None


def test_two_things_are_left_to_the_customer_and_taken_back(
    desk: Client, ticket: Ticket, late_parcel: Reason, shipping: Reward
) -> None:
    wanted = ["points", f"reward:{shipping.pk}", "call"]
    answer = sent(desk, ticket, late_parcel, wanted, "offer", points=200, text="We are sorry.")
    assert answer.status_code == 200
    offer = Offer.objects.get()
    assert [row.kind for row in offer.remedies.all()] == ["points", "voucher", "call"]
    assert "/chosen/" in answer.text
    assert "Take it back" in page(desk, ticket)
    assert post(desk, "withdraw_offer", ticket.reference, offer.pk).status_code == 200
    assert Offer.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("remedy", "deed", "more"),
    [
        ([], "give", {}),
        (["reward:999999"], "give", {}),
        (["call"], "give", {}),
        (["points", "call"], "give", {"points": 50}),
        (["points", "call"], "offer", {"points": 50}),
        (["points"], "give", {}),
        (["points"], "give", {"points": "x"}),
        (["points"], "lend", {"points": 50}),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_happens(
    desk: Client, ticket: Ticket, late_parcel: Reason, remedy: list[str], deed: str, more: dict[str, Any]
) -> None:
    assert sent(desk, ticket, late_parcel, remedy, deed, **more).status_code == 422
    assert not Request.objects.exists()


def test_it_says_how_much_is_given_without_asking(desk: Client, ticket: Ticket, late_parcel: Reason) -> None:
    assert "You give 500 points’ worth without asking" in page(desk, ticket)
    Policy.objects.update(second_above=300)  # above it two people have to agree
    assert "You give 300 points’ worth without asking" in page(desk, ticket)


def test_over_the_limit_it_waits_whatever_it_is(
    desk: Client, ticket: Ticket, late_parcel: Reason, agent: Agent
) -> None:
    dear = make.make_reward(brand=ticket.brand, points=900)
    assert sent(desk, ticket, late_parcel, [f"reward:{dear.pk}"], "give").status_code == 200
    assert (Request.objects.get().state, Voucher.objects.count()) == ("waiting", 0)
