"""An order's points on the desk: why there are none, posting what is due, and what a refund would take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter import clock
from customers.models import Customer, Order
from customers.services import Line, record_order
from loyalty.models import Account
from tests import make
from tests.desk.deeds import KEY, post


@pytest.fixture
def order(member: Customer) -> Order:
    """An order of two articles that came in while the account was frozen."""
    Account.objects.filter(customer=member).update(status="frozen", joined_at=clock.now() - timedelta(days=9))
    lines = [Line("J", "Rain jacket", 4990), Line("H", "Hat", 1010)]
    order = record_order(member, "A-7", lines=lines, placed_at=clock.now())
    Account.objects.filter(customer=member).update(status="active")
    return order


def ask(client: Client, customer: Customer, number: str) -> str:
    return client.get(reverse("desk:absent", args=[customer.pk]), {"order": number}).content.decode()


def refund(client: Client, order: Order, *lines: Any) -> str:
    return client.get(reverse("desk:refund", args=[order.pk]), {"line": lines}).content.decode()


def test_what_is_missing_is_said_and_posted_once_from_where_it_is_said(
    desk: Client, member: Customer, order: Order
) -> None:
    page = ask(desk, member, "A-7")
    assert "300 points are missing" in page
    key = KEY.search(page.replace('"key": "', 'name="key" value="'))
    assert key
    for _ in range(2):
        answer = post(desk, "missing", order.pk, key=key[1])
        assert (answer.status_code, "300 points are posted" in answer.content.decode()) == (200, True)
    assert Account.objects.get(customer=member).balance == 1300
    assert "Post 300" not in ask(desk, member, "A-7")
    again = post(desk, "missing", order.pk, key="another")
    assert "It earned 300 points" in again.content.decode()


def test_an_order_of_another_customer_says_no_more_than_that(desk: Client, member: Customer) -> None:
    friend = make.make_member(brand=member.brand, name="Frida Friend")
    make.make_order(customer=friend, number="B-1")
    page = ask(desk, member, "B-1")
    assert "bought by another customer" in page
    assert "Frida" not in page
    assert "There is no order C-9 here" in ask(desk, member, "C-9")


def test_an_order_of_another_brand_is_not_there(desk: Client, member: Customer, stranger: Client) -> None:
    elsewhere = make.make_order(customer=make.make_member(), number="Z-1")
    assert "There is no order Z-1 here" in ask(desk, member, "Z-1")
    assert desk.get(reverse("desk:refund", args=[elsewhere.pk])).status_code == 404
    assert post(desk, "missing", elsewhere.pk, key="k").status_code == 404


def test_what_a_refund_would_take_is_shown_whole_and_by_line(desk: Client, member: Customer) -> None:
    lines = [Line("J", "Rain jacket", 4990), Line("H", "Hat", 1010)]
    order = record_order(member, "A-8", lines=lines, placed_at=clock.now())
    assert "300 points go" in refund(desk, order)
    page = refund(desk, order, order.lines.get(sku="H").pk)
    assert "55 points go" in page
    assert page.count("checked") == 1


def test_the_orders_of_the_pane_lead_there(desk: Client, member: Customer, order: Order) -> None:
    page = desk.get(reverse("desk:person_pane", args=[member.pk])).content.decode()
    assert f"{reverse('desk:absent', args=[member.pk])}?order=A-7" in page


def test_everything_that_can_be_said_is_said_in_a_sentence(
    desk: Client, member: Customer, order: Order
) -> None:
    said = []
    for status, expected in (("frozen", "not active"), ("active", "missing")):
        Account.objects.filter(customer=member).update(status=status)
        said.append(expected in ask(desk, member, "A-7"))
    make.make_order(customer=member, number="A-9", status="cancelled")
    said.append("was cancelled" in ask(desk, member, "A-9"))
    Account.objects.filter(customer=member).update(joined_at=clock.now() + timedelta(days=1))
    said.append("before joining" in ask(desk, member, "A-7"))
    stranger = make.make_customer(brand=member.brand)
    make.make_order(customer=stranger, number="A-10")
    said.append("no member" in ask(desk, stranger, "A-10"))
    assert all(said), said
