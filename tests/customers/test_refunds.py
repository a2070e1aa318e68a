from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order, OrderLineRefund, OrderRefund
from customers.services import Line, Refund, record_order, refund_order
from tests import make

NOON = make.instant("2026-05-01T12:00+02:00")
LATER = make.instant("2026-05-20T09:00+02:00")
LINES = [Line("S1", "Rain jacket", 4990), Line("S2", "Hat", 1010, quantity=2)]


@pytest.fixture
def order(customer: Customer) -> Order:
    return record_order(customer, "A-1", lines=LINES, placed_at=NOON)


def refund(order: Order, sku: str, amount_minor: int, quantity: int = 0) -> Refund:
    return Refund(order.lines.get(sku=sku), amount_minor, quantity)


def figures(order: Order) -> tuple[int, list[int]]:
    order.refresh_from_db()
    return order.refunded_minor, list(order.lines.values_list("refunded_minor", flat=True))


def test_a_part_of_a_line_is_given_back_and_written_down(order: Order, supervisor: Agent) -> None:
    made = refund_order(order, [refund(order, "S2", 505, quantity=1)], key="r1", by=supervisor, at=LATER)
    assert (made.amount_minor, made.refunded_at, made.by) == (505, LATER, supervisor)
    assert list(made.lines.values_list("line__sku", "amount_minor", "quantity")) == [("S2", 505, 1)]
    assert figures(order) == (505, [0, 505])


def test_several_refunds_add_up_on_each_line_and_on_the_order(order: Order) -> None:
    refund_order(order, [refund(order, "S1", 1000), refund(order, "S2", 505)], key="r1")
    refund_order(order, [refund(order, "S1", 3990)], key="r2")
    assert figures(order) == (5495, [4990, 505])


def test_a_refund_asked_for_twice_is_given_once(order: Order) -> None:
    made = {refund_order(order, [refund(order, "S1", 1000)], key="r1").pk for _ in range(2)}
    assert len(made) == 1
    assert figures(order) == (1000, [1000, 0])


def test_a_repeat_is_answered_even_when_nothing_is_left(order: Order) -> None:
    everything = [refund(order, "S1", 4990), refund(order, "S2", 1010, quantity=2)]
    assert refund_order(order, everything, key="r1") == refund_order(order, everything, key="r1")


@pytest.mark.parametrize(("sku", "amount_minor"), [("S1", 1001), ("S2", 1000)])
def test_the_same_key_with_other_content_is_refused(order: Order, sku: str, amount_minor: int) -> None:
    refund_order(order, [refund(order, "S1", 1000)], key="r1")
    with pytest.raises(Refused) as refusal:
        refund_order(order, [refund(order, sku, amount_minor)], key="r1")
    assert refusal.value.code == "key_conflict"


@pytest.mark.parametrize(
    ("amount_minor", "quantity", "code"),
    [
        (1011, 0, "more_than_paid"),
        (0, 1, "not_positive"),
        (-5, 0, "not_positive"),
        (100, -1, "not_positive"),
        (1010, 3, "more_than_bought"),
    ],
)
def test_what_cannot_be_given_back_is_refused(
    order: Order, amount_minor: int, quantity: int, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        refund_order(order, [refund(order, "S2", amount_minor, quantity)], key="r1")
    assert refusal.value.code == code
    assert figures(order) == (0, [0, 0])


def test_refunds_together_never_exceed_what_was_paid_or_bought(order: Order) -> None:
    refund_order(order, [refund(order, "S2", 800, quantity=2)], key="r1")
    for amount, quantity, code in [(211, 0, "more_than_paid"), (210, 1, "more_than_bought")]:
        with pytest.raises(Refused) as refusal:
            refund_order(order, [refund(order, "S2", amount, quantity)], key="r2")
        assert refusal.value.code == code
    refund_order(order, [refund(order, "S2", 210)], key="r2")


def test_a_refund_of_which_one_line_is_refused_gives_nothing_back(order: Order) -> None:
    with pytest.raises(Refused):
        refund_order(order, [refund(order, "S1", 1000), refund(order, "S2", 9999)], key="r1")
    assert not OrderRefund.objects.exists()
    assert figures(order) == (0, [0, 0])


def test_only_articles_of_the_order_are_given_back_and_each_once(order: Order) -> None:
    elsewhere = make.make_order(customer=order.customer)
    line = refund(order, "S1", 10)
    for lines, code in [
        ([Refund(elsewhere.lines.get(), 10)], "unknown_line"),
        ([line, line], "line_twice"),
        ([], "nothing_to_refund"),
    ]:
        with pytest.raises(Refused) as refusal:
            refund_order(order, lines, key="r1")
        assert refusal.value.code == code
    assert not OrderLineRefund.objects.exists()


def test_of_a_cancelled_order_nothing_is_given_back(customer: Customer) -> None:
    order = record_order(customer, "A-2", lines=LINES, placed_at=NOON, status="cancelled")
    with pytest.raises(Refused) as refusal:
        refund_order(order, [refund(order, "S1", 10)], key="r1")
    assert refusal.value.code == "order_cancelled"


def test_who_may_not_refund_does_not(order: Order, agent: Agent) -> None:
    with pytest.raises(Refused) as refusal:
        refund_order(order, [refund(order, "S1", 10)], key="r1", by=agent)
    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("at", "code"),
    [(NOON - timedelta(seconds=1), "before_order"), (clock.now() + timedelta(days=2), "in_future")],
)
def test_money_goes_back_after_the_order_and_not_tomorrow(order: Order, at: datetime, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        refund_order(order, [refund(order, "S1", 10)], key="r1", at=at)
    assert refusal.value.code == code
    assert figures(order)[0] == 0


def test_an_order_of_a_clock_ahead_of_ours_can_be_refunded_now(customer: Customer) -> None:
    order = record_order(customer, "A-2", lines=LINES, placed_at=clock.now() + timedelta(hours=1))
    assert refund_order(order, [refund(order, "S1", 10)], key="r1").amount_minor == 10
