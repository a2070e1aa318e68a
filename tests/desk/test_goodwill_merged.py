"""Goodwill of a ticket that went into another one: the panel there shows it, and does with it what can be done."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

import tickets.services
from agents.models import Agent
from goodwill.models import Offer, Policy, Reason, Request
from goodwill.services import Option, ask, grant, grant_gift, offer
from loyalty.models import Voucher
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import post
from tickets.models import Ticket


@pytest.fixture
def into(ticket: Ticket) -> Ticket:
    Policy.objects.update(apart_days=None)
    return make.make_ticket(customer=ticket.customer, queue=ticket.queue)


def page(client: Client, ticket: Ticket, name: str = "goodwill") -> str:
    return client.get(reverse(f"desk:{name}", args=[ticket.reference])).text


def test_what_waits_is_agreed_to_there(
    ticket: Ticket, into: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    asked = ask(ticket, 800, by=agent, reason=late_parcel, key="k")
    tickets.services.merge(ticket, into, by=agent)
    boss = signed_in(supervisor)
    assert "Agree" in page(boss, into)
    assert post(boss, "goodwill_step", into.reference, asked.pk, "approve").status_code == 200
    assert Request.objects.get().state == "posted"


def test_what_waits_is_withdrawn_there(
    desk: Client, ticket: Ticket, into: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    asked = ask(ticket, 800, by=agent, reason=late_parcel, key="k")
    tickets.services.merge(ticket, into, by=agent)
    assert "Ask no longer" in page(desk, into)
    assert post(desk, "goodwill_step", into.reference, asked.pk, "withdraw").status_code == 200
    assert Request.objects.get().state == "withdrawn"


def test_points_and_a_voucher_are_undone_there(
    desk: Client, ticket: Ticket, into: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    given = [
        grant(ticket, 100, by=agent, reason=late_parcel, key="p"),
        grant_gift(ticket, make.make_reward(brand=ticket.brand), by=agent, reason=late_parcel, key="v"),
    ]
    tickets.services.merge(ticket, into, by=agent)
    assert page(desk, into).count("Undo") == 2
    for one in given:
        assert post(desk, "goodwill_step", into.reference, one.pk, "undo").status_code == 200
    assert set(Request.objects.values_list("state", flat=True)) == {"undone"}
    assert Voucher.objects.get().cancelled_at


def test_what_the_customer_may_choose_from_is_taken_back_there(
    desk: Client, ticket: Ticket, into: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    offer(ticket, [Option(points=200), Option()], by=agent, reason=late_parcel, key="k", text="We are sorry.")
    tickets.services.merge(ticket, into, by=agent)
    assert "Take it back" in page(desk, into, "remedies")
    assert post(desk, "withdraw_offer", into.reference, Offer.objects.get().pk).status_code == 200
    assert Offer.objects.get().state == "withdrawn"


def test_that_of_another_ticket_of_the_customer_stays_there(
    desk: Client, ticket: Ticket, into: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    asked = ask(ticket, 800, by=agent, reason=late_parcel, key="k")
    assert "Ask no longer" not in page(desk, into)
    assert post(desk, "goodwill_step", into.reference, asked.pk, "withdraw").status_code == 404
