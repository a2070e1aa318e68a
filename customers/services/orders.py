"""Deeds on what the customers bought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Invalid, Refused
from customers.models import Customer, Order, OrderLine
from customers.services.standing import who_stays

LONGEST_NUMBER = 40
# What upper rooms do with an order and who brought it in (points follow it); registered in their `apps.ready()`.
ORDER_STEPS: list[Callable[[Order, Agent | None], object]] = []
# The same when an order is cancelled: who did it, and when.
CANCEL_STEPS: list[Callable[[Order, Agent | None, datetime], object]] = []


@dataclass(frozen=True)
class Line:
    """One article of an order to record; `amount_minor` is the price of the whole line in minor units."""

    sku: str
    name: str
    amount_minor: int
    quantity: int = 1
    category: str = ""


@transaction.atomic
def record_order(
    customer: Customer,
    number: str,
    *,
    lines: Sequence[Line],
    placed_at: datetime,
    status: str = Order.Status.PLACED,
    channel: str = "",
    by: Agent | None = None,
) -> Order:
    """Write down what `customer` bought; what follows from it (points) follows in the same transaction.

    The total is the sum of the lines, in minor units of the brand's currency. Of somebody who was merged it is
    recorded for the one who stays. A number already recorded for this customer with the same total is answered
    with the order as it is (`just_recorded` tells the two apart); anything else under a known number is refused
    (`order_conflict`). Refused besides: `not_allowed` for a `by` without the right, `bad_number`, `in_future`.
    """
    if by is not None:
        expect_right(by, "customers.add_order", customer.brand_id)
    number = cleaned_number(number)
    expect_happened(placed_at)
    total = sum(line.amount_minor for line in lines)
    customer = who_stays(customer)
    order, made = Order.objects.get_or_create(
        brand_id=customer.brand_id,
        number=number,
        defaults={
            "customer": customer,
            "status": status,
            "currency": customer.brand.currency,
            "total_minor": total,
            "placed_at": placed_at,
            "channel": channel,
        },
    )
    if not made:
        if (order.customer_id, order.total_minor) != (customer.pk, total):
            raise Refused("order_conflict", _("Order %s is already recorded with other content.") % number)
        return order
    order.just_recorded = True
    OrderLine.objects.bulk_create(OrderLine(order=order, **vars(line)) for line in lines)
    for step in ORDER_STEPS:
        step(order, by)
    return order


@transaction.atomic
def cancel_order(order: Order, *, by: Agent | None = None, at: datetime | None = None) -> Order:
    """Write down that `order` will not be delivered nor paid; its points follow. Twice does nothing.

    Refused: `not_allowed` for a `by` without the right to give money back, `on_its_way` once it has been sent.
    """
    if by is not None:
        expect_right(by, "customers.refund_order", order.brand_id)
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if order.status == Order.Status.CANCELLED:
        return order
    if order.status != Order.Status.PLACED:
        raise Refused("on_its_way", _("Order %s has been sent; it can be given back.") % order.number)
    order.status = Order.Status.CANCELLED
    order.save(update_fields=["status"])
    for step in CANCEL_STEPS:
        step(order, by, at or clock.now())
    return order


def expect_happened(at: datetime) -> None:
    """Refuse (`in_future`) an instant that is still to come: what is dated so has not been seen to happen."""
    if clock.still_to_come(at):
        raise Invalid("in_future", _("The instant is still to come; give the one at which it happened."))


def cleaned_number(number: str) -> str:
    """The number of an order as it is stored, without blanks around it; refused (`bad_number`) when it is none."""
    number = number.strip()
    if not number or len(number) > LONGEST_NUMBER or not number.isprintable():
        sentence = _("The number of an order has 1 to %d characters, all of which can be printed.")
        raise Invalid("bad_number", sentence % LONGEST_NUMBER)
    return number
