"""Deeds on what the customers bought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contactcenter import clock
from contactcenter.errors import Invalid, Refused
from customers.models import Customer, Order, OrderLine

# What upper rooms do when an order changes (points follow it); registered in their `apps.ready()`.
ORDER_STEPS: list[Callable[[Order], object]] = []


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
) -> Order:
    """Write down what `customer` bought; what follows from it (points) follows in the same transaction.

    The total is the sum of the lines, in minor units of the brand's currency. A number already
    recorded for this customer with the same total is answered with the order as it is; anything
    else under a known number is refused (`order_conflict`), and so is an order of tomorrow (`in_future`).
    """
    expect_happened(placed_at)
    total = sum(line.amount_minor for line in lines)
    order, made = Order.objects.get_or_create(
        brand_id=customer.brand_id,
        number=number,
        defaults={
            "customer": customer,
            "status": status,
            "currency": customer.brand.currency,
            "total_minor": total,
            "placed_at": placed_at,
        },
    )
    if not made:
        if (order.customer_id, order.total_minor) != (customer.pk, total):
            raise Refused("order_conflict", _("Order %s is already recorded with other content.") % number)
        return order
    OrderLine.objects.bulk_create(OrderLine(order=order, **vars(line)) for line in lines)
    for step in ORDER_STEPS:
        step(order)
    return order


def expect_happened(at: datetime) -> None:
    """Refuse (`in_future`) an instant that is still to come: what is dated so has not been seen to happen."""
    if clock.still_to_come(at):
        raise Invalid("in_future", _("The instant is still to come; give the one at which it happened."))
