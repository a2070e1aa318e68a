"""Deeds on customers: the only writers of this room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.contact import Kind, normalise
from customers.models import Consent, ContactPoint, Customer, Order, OrderLine

ADDRESS_ONCE = "customers_contactpoint_once_a_brand"

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
def create_customer(
    brand: Brand,
    *,
    name: str,
    addresses: Sequence[tuple[str, str]] = (),
    verified: bool = False,
    at: datetime | None = None,
    **profile: Any,
) -> Customer:
    """A new customer of `brand` with contact points `(kind, value)`.

    `profile` may hold language, country, city and time_zone. Refused when an address already
    belongs to a customer of the brand.
    """
    at = at or clock.now()
    customer = Customer.objects.create(brand=brand, name=name[:120], created_at=at, **profile)
    for kind, value in addresses:
        add_contact_point(customer, kind, value, verified=verified, at=at)
    return customer


@transaction.atomic
def add_contact_point(
    customer: Customer, kind: str, value: str, *, verified: bool = False, at: datetime | None = None
) -> ContactPoint:
    """One more way to reach `customer`, or that way when it is theirs; refused: nobody's or another's address."""
    at = at or clock.now()
    point = ContactPoint(
        brand_id=customer.brand_id,
        customer=customer,
        kind=kind,
        value=normalise(kind, value, country=customer.country),
        verified_at=at if verified else None,
        created_at=at,
    )
    try:
        with transaction.atomic():
            point.save(force_insert=True)
    except IntegrityError as error:
        if broken(error) != ADDRESS_ONCE:
            raise
        if own := customer.contact_points.filter(kind=kind, value=point.value).first():
            return own
        raise Refused("address_taken", _("%s already belongs to a customer.") % point.value) from None
    return point


def customer_of_address(brand: Brand, address: str, *, name: str = "") -> tuple[Customer, ContactPoint]:
    """The customer of `brand` whom this mail address reaches, made when it is the first time it writes.

    Two mails of a new sender at once agree on one customer: the address is unique within the brand.
    """
    address = normalise(Kind.MAIL, address)
    known = ContactPoint.objects.select_related("customer").filter(brand=brand, kind=Kind.MAIL, value=address)
    if point := known.first():
        return point.customer, point
    try:
        with transaction.atomic():
            customer = create_customer(brand, name=name, addresses=[(Kind.MAIL, address)])
            return customer, customer.contact_points.get()
    except Refused:
        point = known.get()
        return point.customer, point


def record_consent(
    customer: Customer,
    purpose: str,
    *,
    given: bool,
    source: str,
    by: Agent | None = None,
    at: datetime | None = None,
) -> Consent:
    """Write down what the customer allowed (`given`) or forbade; earlier lines stay as history."""
    return Consent.objects.create(
        brand_id=customer.brand_id,
        customer=customer,
        purpose=purpose,
        given=given,
        source=source,
        by=by,
        recorded_at=at or clock.now(),
    )


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
    else under a known number is refused.
    """
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
