from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from agents import roles
from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Purchase, record_order, record_orders
from tests import make

NOON = make.instant("2026-05-01T12:00+02:00")
LINES = [Line("S1", "Rain jacket", 4990, category="jackets"), Line("S2", "Hat", 1010, quantity=2)]


def test_an_order_is_the_sum_of_its_lines_in_the_currency_of_the_brand(customer: Customer) -> None:
    order = record_order(customer, "A-1", lines=LINES, placed_at=NOON)
    assert (order.total_minor, order.currency, order.brand, order.status) == (
        6000,
        "EUR",
        customer.brand,
        "placed",
    )
    said = list(order.lines.values_list("sku", "name", "category", "quantity", "amount_minor"))
    assert said == [("S1", "Rain jacket", "jackets", 1, 4990), ("S2", "Hat", "", 2, 1010)]


def test_an_order_recorded_again_is_the_order_that_is_there(customer: Customer) -> None:
    orders = {record_order(customer, "A-1", lines=LINES, placed_at=NOON).pk for _ in range(2)}
    assert len(orders) == 1
    assert Order.objects.get().lines.count() == 2


def test_a_known_number_with_another_total_or_for_somebody_else_is_refused(customer: Customer) -> None:
    record_order(customer, "A-1", lines=LINES, placed_at=NOON)
    somebody = make.make_customer(brand=customer.brand)
    for who, lines in ((customer, LINES[:1]), (somebody, LINES)):
        with pytest.raises(Refused) as refusal:
            record_order(who, "A-1", lines=lines, placed_at=NOON)
        assert refusal.value.code == "order_conflict"


def test_an_order_with_an_impossible_line_leaves_nothing_behind(customer: Customer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        record_order(customer, "A-1", lines=[*LINES, Line("S3", "Nothing", 0, quantity=0)], placed_at=NOON)
    assert not Order.objects.exists()


def test_an_order_that_is_still_to_come_is_refused_and_one_of_a_clock_ahead_is_taken(
    customer: Customer,
) -> None:
    ahead, tomorrow = clock.now() + timedelta(hours=23), clock.now() + timedelta(hours=25)
    with pytest.raises(Refused) as refusal:
        record_order(customer, "A-1", lines=LINES, placed_at=tomorrow)
    (outcome,) = record_orders(customer.brand, [Purchase("A-1", customer.pk, tomorrow, LINES)])
    assert isinstance(outcome, Refused)
    assert refusal.value.code == outcome.code == "in_future"
    assert not Order.objects.exists()
    record_order(customer, "A-1", lines=LINES, placed_at=ahead)
    assert record_orders(customer.brand, [Purchase("A-2", customer.pk, ahead, LINES)]) == ["taken"]


def test_a_number_is_stored_without_the_blanks_around_it(customer: Customer) -> None:
    order = record_order(customer, " A-1 ", lines=LINES, placed_at=NOON)
    assert order.number == "A-1"
    assert record_order(customer, "A-1", lines=LINES, placed_at=NOON) == order
    assert record_orders(customer.brand, [Purchase("A-1\t", customer.pk, NOON, LINES)]) == ["known"]
    assert record_orders(customer.brand, [Purchase("A-2 ", customer.pk, NOON, LINES)]) == ["taken"]
    assert Order.objects.filter(number="A-2").exists()


@pytest.mark.parametrize("number", ["", " ", "A\u200b1", "A\n1", "x" * 41])
def test_what_is_no_number_is_refused(customer: Customer, number: str) -> None:
    with pytest.raises(Refused) as refusal:
        record_order(customer, number, lines=LINES, placed_at=NOON)
    (outcome,) = record_orders(customer.brand, [Purchase(number, customer.pk, NOON, LINES)])
    assert isinstance(outcome, Refused)
    assert refusal.value.code == outcome.code == "bad_number"
    assert not Order.objects.exists()


def test_who_brings_an_order_in_needs_the_right_and_stands_in_the_ledger(
    member: Customer, agent: Agent
) -> None:
    shop = make.make_agent(brands=[member.brand], role=roles.INTEGRATION)
    stranger = make.make_agent(brands=[make.make_brand()], role=roles.INTEGRATION)
    for nobody in (agent, stranger):
        with pytest.raises(Refused) as refusal:
            record_order(member, "A-1", lines=LINES, placed_at=NOON, by=nobody)
        assert refusal.value.code == "not_allowed"
    record_order(member, "A-1", lines=LINES, placed_at=NOON, by=shop)
    assert member.account.entries.get(source="order:A-1").actor == shop
