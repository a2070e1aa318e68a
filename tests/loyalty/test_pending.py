"""Points of an order that are pending first: they mature, shrink with what is given back, or never come to be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import customers.services
import loyalty.services
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Purchase, Refund, cancel_order, record_orders, refund_order
from loyalty.models import Account, Entry, PendingGrant, Programme
from loyalty.services import mature_next
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once

NOW = make.instant("2026-05-01T12:00+02:00")
MIDNIGHT = make.instant("2026-05-16T00:00+02:00")  # the day of the order and 14 more


@pytest.fixture
def customer(programme: Programme) -> Customer:
    Programme.objects.filter(pk=programme.pk).update(pending_days=14)
    return make.make_member(brand=programme.brand)


def buy(customer: Customer, amount: int = 10_000, *, at: datetime = NOW) -> Order:
    with clock.standing_at(NOW):
        return make.make_order(customer=customer, amount_minor=amount, placed_at=at)


def account_of(customer: Customer) -> Account:
    account = Account.objects.get(customer=customer)
    expect_sound(account)
    waiting = PendingGrant.objects.filter(account=account, is_open=True)
    assert account.pending == sum(waiting.values_list("points", flat=True))
    return account


def figures(customer: Customer) -> tuple[int, int]:
    account = account_of(customer)
    return account.balance, account.pending


def give_back(order: Order, amount: int, *, at: datetime = NOW) -> None:
    with clock.standing_at(at):
        refund_order(order, [Refund(order.lines.get(), amount)], key=make.unique("refund"), at=at)


def mature(at: datetime = MIDNIGHT) -> None:
    with clock.standing_at(at):
        while mature_next(at=at):
            pass


def test_an_order_is_pending_till_the_local_midnight_after_its_days(customer: Customer) -> None:
    order = buy(customer)
    assert figures(customer) == (0, 500)
    assert PendingGrant.objects.get().matures_at == MIDNIGHT
    mature(MIDNIGHT - timedelta(microseconds=1))
    assert figures(customer) == (0, 500)
    mature()
    assert figures(customer) == (500, 0)
    entry, grant = Entry.objects.get(), PendingGrant.objects.get()
    assert (entry.key, grant.entry, grant.state) == (f"pend:{grant.pk}", entry, "matured")
    assert (entry.occurred_at, entry.qualifying, entry.source) == (NOW, 500, f"order:{order.number}")
    assert entry.breakdown["rules"][0]["rule"] == "orders"


def test_maturing_again_does_nothing(customer: Customer) -> None:
    buy(customer)
    mature()
    assert mature_next(at=MIDNIGHT) == 0
    assert figures(customer) == (500, 0)


def test_pending_points_count_towards_tiers_only_when_they_are_owned(customer: Customer) -> None:
    buy(customer)
    assert account_of(customer).tier.code == "bronze"  # type: ignore[union-attr]
    mature()
    assert account_of(customer).tier.code == "silver"  # type: ignore[union-attr]


def test_a_refund_before_maturing_shrinks_and_the_whole_of_it_cancels(customer: Customer) -> None:
    order = buy(customer)
    give_back(order, 4000)
    assert figures(customer) == (0, 300)
    give_back(order, 6000)
    assert figures(customer) == (0, 0)
    grant = PendingGrant.objects.get()
    assert (grant.state, grant.granted, grant.points) == ("cancelled", 500, 0)
    mature()
    assert not Entry.objects.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(parts=st.lists(st.integers(1, 700), min_size=1, max_size=5), matured_after=st.integers(0, 5))
def test_given_back_in_any_parts_before_or_after_maturing_nothing_is_left(
    parts: list[int], matured_after: int, customer: Customer
) -> None:
    order = buy(customer, sum(parts))
    for number, part in enumerate(parts):
        if number == matured_after:
            mature()
        give_back(order, part, at=MIDNIGHT)
        order.refresh_from_db()
        left = (order.total_minor - order.refunded_minor) // 100 * 5
        assert sum(figures(customer)) == left
    mature()
    assert figures(customer) == (0, 0)


def test_an_order_recorded_twice_is_pending_once(customer: Customer) -> None:
    order = buy(customer)
    again = loyalty.services.earn_for_order(order)
    assert again == PendingGrant.objects.get()
    assert figures(customer) == (0, 500)


def test_orders_whose_days_are_over_are_owned_at_once_one_by_one_or_many(customer: Customer) -> None:
    old, lines = NOW - timedelta(days=30), [Line("S", "Shoe", 1000)]
    buy(customer, 1000, at=old)
    with clock.standing_at(NOW):
        record_orders(
            customer.brand,
            [Purchase("B-1", customer.pk, old, lines), Purchase("B-2", customer.pk, NOW, lines)],
        )
    assert figures(customer) == (100, 50)


def test_a_cancelled_order_takes_back_what_it_earned_pending_or_owned(customer: Customer) -> None:
    first, second = buy(customer), buy(customer)
    give_back(first, 4000)
    with clock.standing_at(NOW):
        cancel_order(first)
        cancel_order(first)
    assert figures(customer) == (0, 500)
    mature()
    cancel_order(second)
    assert figures(customer) == (0, 0)
    assert Entry.objects.get(kind="reverse").reason == "cancel"


def test_an_order_on_its_way_is_not_cancelled(customer: Customer, agent: object) -> None:
    order = buy(customer)
    Order.objects.filter(pk=order.pk).update(status="shipped")
    with pytest.raises(Refused) as refusal:
        cancel_order(order)
    assert refusal.value.code == "on_its_way"
    with pytest.raises(Refused):
        cancel_order(order, by=agent)  # type: ignore[arg-type]


def test_points_of_a_frozen_account_wait(customer: Customer) -> None:
    buy(customer)
    Account.objects.filter(customer=customer).update(status="frozen")
    mature()
    assert figures(customer) == (0, 500)
    Account.objects.filter(customer=customer).update(status="active")
    mature()
    assert figures(customer) == (500, 0)


def test_points_follow_a_cancelled_order_because_loyalty_asked_customers_to_tell(db: None) -> None:
    assert [
        loyalty.services.lock_for_cancel, loyalty.services.take_back_for_cancel, loyalty.services.lower_after_cancel,
        loyalty.services.take_back_referral_for_cancel,
    ] == customers.services.CANCEL_STEPS  # fmt: skip


@pytest.mark.race
def test_maturing_at_once_and_giving_back_meanwhile_moves_every_point_once(own_db: str) -> None:
    member = make.make_member()
    Programme.objects.update(pending_days=14, time_zone="Europe/Berlin")
    orders = [buy(member, 1000) for _ in range(12)]

    def back() -> None:
        for order in orders[:6]:
            refund_order(order, [Refund(order.lines.get(), 1000)], key=make.unique("r"))

    answers = at_once(mature, mature, back)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    mature()
    assert figures(member) == (300, 0)
