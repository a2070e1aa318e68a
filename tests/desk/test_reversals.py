"""What an agent reads of points that were taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import Agent
from customers.models import Customer, Order
from customers.services import Refund, refund_order
from loyalty.models import Account, Entry
from loyalty.services import redeem
from tests import make

NOON = make.instant("2026-05-01T12:00+02:00")


@pytest.fixture
def order(brand: object) -> Order:
    member = make.make_member(brand=brand)
    return make.make_order(customer=member, number="A-7", amount_minor=10_000, placed_at=NOON)


def give_back(order: Order, amount_minor: int) -> Entry:
    refund_order(order, [Refund(order.lines.get(), amount_minor)], key=make.unique())
    return Entry.objects.get(kind="reverse")


def why(client: Client, agent: Agent, entry: Entry) -> str:
    client.force_login(agent)
    return client.get(f"/entries/{entry.pk}/why/").content.decode()


def test_it_says_what_money_came_back_and_of_when(client: Client, agent: Agent, order: Order) -> None:
    said = why(client, agent, give_back(order, 4000))
    assert "€40.00 of what was bought on 1 May 2026 was given back." in said
    assert "200 earned on 1 May 2026 with order A-7." in said


def test_it_says_what_is_owed_and_what_paid_it(client: Client, agent: Agent, order: Order) -> None:
    redeem(order.customer.account, 450, by=None, key="s", at=NOON)
    assert "450 were spent already; the next points pay them." in why(client, agent, give_back(order, 10_000))
    make.make_order(customer=order.customer, number="A-8", amount_minor=10_000)
    assert "450 paid what was owed." in why(client, agent, Entry.objects.get(source="order:A-8"))


def test_it_says_what_is_forgiven(client: Client, agent: Agent, order: Order) -> None:
    programme = order.customer.account.programme
    programme.clawback = "clamp"
    programme.save(update_fields=["clawback"])
    redeem(order.customer.account, 450, by=None, key="s", at=NOON)
    assert "450 had expired or are forgiven." in why(client, agent, give_back(order, 10_000))


def test_the_timeline_names_the_order_and_a_debt_shows_nothing_to_spend(
    client: Client, agent: Agent, order: Order, queue: object
) -> None:
    ticket = make.make_ticket(customer=Customer.objects.get(pk=order.customer_id))
    redeem(order.customer.account, 500, by=None, key="s", at=NOON)
    give_back(order, 10_000)
    assert Account.objects.get(customer=order.customer).balance == -500
    client.force_login(agent)
    pane = client.get(f"/tickets/{ticket.reference}/customer/").content.decode()
    assert "refund of order A-7" in pane
    assert '<span class="d-points">0</span>' in pane
    assert "500 points are owed" in pane
