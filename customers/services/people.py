"""Deeds on who the customers are: the person, the ways to reach them, what they allowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.contact import Kind, normalise
from customers.models import Consent, ContactPoint, Customer

ADDRESS_ONCE = "customers_contactpoint_once_a_brand"


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
