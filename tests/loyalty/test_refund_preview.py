"""What a refund takes is said before: the same figures that it then takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Refund, refund_order
from loyalty.models import Account, Entry, Programme
from loyalty.services import Preview, left_of, redeem, refund_preview
from tests import make
from tests.loyalty.test_rules import NOON, buy

LATER = NOON + timedelta(days=40)


@pytest.fixture
def customer(programme: Programme) -> Customer:
    return make.make_member(brand=programme.brand)


def preview(order: Order, at: Any = LATER, **named: int) -> Preview:
    order = Order.objects.get(pk=order.pk)
    lines = {line.sku: line.pk for line in order.lines.all()}
    return refund_preview(order, left_of(order, {lines[sku]: amount for sku, amount in named.items()}), at=at)


def account_of(customer: Customer) -> Account:
    return Account.objects.get(customer=customer)


def test_it_says_by_line_what_goes(customer: Customer) -> None:
    order = buy(customer)
    assert (preview(order, J=4990).points, preview(order, J=990).points, preview(order).points) == (
        245,
        45,
        495,
    )
    said = preview(order)
    assert (said.unspent, said.from_others, said.owed, said.balance_after) == (495, 0, 0, 0)


def test_it_says_what_of_it_is_spent_and_what_is_owed(customer: Customer) -> None:
    order = buy(customer)
    make.give(customer.account, 100, at=NOON)
    redeem(customer.account, 400, by=None, key="s", at=NOON)
    said = preview(order)
    assert (said.unspent, said.from_others, said.owed, said.forgiven, said.balance_after) == (
        95,
        100,
        300,
        0,
        -300,
    )
    Programme.objects.update(clawback="clamp")
    said = preview(order)
    assert (said.unspent, said.from_others, said.owed, said.forgiven, said.balance_after) == (
        95,
        100,
        0,
        300,
        0,
    )


def test_it_says_what_is_only_pending(customer: Customer) -> None:
    Programme.objects.update(pending_days=14)
    with clock.standing_at(NOON):
        order = buy(Customer.objects.get(pk=customer.pk))
    said = preview(order, at=NOON)
    assert (said.points, said.pending, said.unspent, said.balance_after) == (495, 495, 0, 0)


def test_it_says_which_tier_it_would_cost(customer: Customer) -> None:
    order = buy(customer)
    assert preview(order).tier is None  # bronze takes nothing
    more = buy(customer)
    assert account_of(customer).tier.code == "silver"  # type: ignore[union-attr]
    assert preview(more).tier.code == "silver"  # type: ignore[union-attr]
    buy(customer)
    assert preview(more).tier is None


def test_an_order_that_earned_nothing_takes_nothing(customer: Customer) -> None:
    order = buy(make.make_customer(brand=customer.brand))
    said = preview(order)
    assert (said.amount_minor, said.points, said.balance_after) == (9990, 0, None)


def test_what_cannot_be_given_back_is_refused_before(customer: Customer) -> None:
    order = buy(customer)
    with pytest.raises(Refused) as refusal:
        preview(order, J=5000)
    assert refusal.value.code == "more_than_paid"


def test_nothing_is_written_or_locked(customer: Customer) -> None:
    order = buy(customer)
    with CaptureQueriesContext(connection) as queries:
        preview(order)
    said = " ".join(query["sql"] for query in queries)
    assert not [word for word in ("INSERT", "UPDATE", "DELETE") if word in said]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    spent=st.integers(0, 595),
    cuts=st.lists(st.tuples(st.sampled_from("JG"), st.integers(1, 4000)), min_size=1, max_size=4),
    clawback=st.sampled_from(["debt", "clamp"]),
    days=st.sampled_from([1, 900]),
)
def test_what_it_says_is_what_the_refund_then_does(
    spent: int, cuts: list[Any], clawback: str, days: int, customer: Customer
) -> None:
    Programme.objects.update(clawback=clawback)
    customer = make.make_member(brand=customer.brand)
    make.give(customer.account, 100, at=NOON)
    order = buy(customer)
    if spent:
        redeem(customer.account, spent, by=None, key=make.unique("s"), at=NOON)
    at = min(NOON + timedelta(days=days), clock.now())
    for sku, amount in cuts:
        line = order.lines.get(sku=sku)
        if amount > line.amount_minor - line.refunded_minor:
            continue
        said = refund_preview(Order.objects.get(pk=order.pk), [Refund(line, amount)], at=at)
        last = Entry.objects.order_by("-id").values_list("id", flat=True)[0]
        refund_order(order, [Refund(line, amount)], key=make.unique("r"), at=at)
        taken = Entry.objects.filter(id__gt=last, kind="reverse").first()
        account = account_of(customer)
        assert account.balance == said.balance_after
        assert said.points == (taken.breakdown["asked"] if taken else said.forgiven)
        assert -(taken.points if taken else 0) == said.unspent + said.from_others + said.owed
