from __future__ import annotations

import pytest
from django.db import transaction

import customers.services
import loyalty.services
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Purchase, record_order, record_orders
from loyalty.models import Account, Entry
from tests import make

NOON = make.instant("2026-05-01T12:00+02:00")


def test_a_members_order_gives_points_for_every_whole_unit_paid(member: Customer) -> None:
    lines = [Line("S1", "Rain jacket", 4990), Line("S2", "Hat", 1009, quantity=2)]
    record_order(member, "A-1", lines=lines, placed_at=NOON)
    entry = Entry.objects.get(source="order:A-1")
    assert (entry.points, entry.qualifying, entry.contra) == (295, 295, "issue.order")
    assert (entry.occurred_at, entry.actor) == (NOON, None)
    part = {"rule": "orders", "version": 1, "points_per_unit": 5, "amount_minor": 5999, "points": 295}
    assert entry.breakdown == {"amount_minor": 5999, "currency": "EUR", "rules": [part]}


def test_an_order_recorded_twice_gives_its_points_once(member: Customer) -> None:
    orders = {make.make_order(customer=member, number="A-1").pk for _ in range(2)}
    assert len(orders) == 1
    assert Account.objects.get(customer=member).balance == 1250


def test_an_order_of_somebody_who_is_no_member_gives_nothing(customer: Customer) -> None:
    make.make_order(customer=customer)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("amount", [0, 99])
def test_an_order_of_less_than_one_unit_gives_nothing(member: Customer, amount: int) -> None:
    make.make_order(customer=member, amount_minor=amount)
    assert Account.objects.get(customer=member).version == 1


def test_a_frozen_account_earns_nothing_and_the_order_is_recorded(member: Customer) -> None:
    Account.objects.filter(customer=member).update(status="frozen")
    make.make_order(customer=member, number="A-1")
    assert Order.objects.filter(number="A-1").exists()
    assert Account.objects.get(customer=member).version == 1


def test_order_and_points_are_undone_together(member: Customer) -> None:
    with transaction.atomic():
        make.make_order(customer=member, number="A-1")
        transaction.set_rollback(True)
    assert not Order.objects.exists()
    assert Account.objects.get(customer=member).balance == 1000


def test_an_order_whose_points_cannot_be_written_is_not_recorded(member: Customer) -> None:
    key = f"order:{member.brand_id}:A-1:earn"
    loyalty.services.earn(member.account, 1, contra="issue.campaign", by=None, key=key)
    with pytest.raises(Refused):
        make.make_order(customer=member, number="A-1")
    assert not Order.objects.exists()


def test_two_brands_may_use_one_order_number(member: Customer) -> None:
    elsewhere = make.make_member()
    for who in (member, elsewhere):
        make.make_order(customer=who, number="A-1", amount_minor=1000)
    assert Account.objects.get(customer=elsewhere).balance == 50


def test_points_follow_every_order_because_loyalty_asked_customers_to_tell(db: None) -> None:
    steps = [
        loyalty.services.lock_for_first_order, loyalty.services.earn_for_order, loyalty.services.raise_for_order,
        loyalty.services.reward_referral,
    ]  # fmt: skip
    assert steps == customers.services.ORDER_STEPS


@pytest.mark.parametrize("status", ["cancelled", "returned"])
def test_an_order_first_recorded_as_cancelled_or_returned_gives_nothing(
    member: Customer, status: str
) -> None:
    make.make_order(customer=member, status=status)
    line = Line("S1", "Hat", 5000)
    assert record_orders(member.brand, [Purchase("A-2", member.pk, NOON, [line], status)]) == ["taken"]
    assert Account.objects.get(customer=member).version == 1
