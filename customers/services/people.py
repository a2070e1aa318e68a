"""Deeds by which a customer comes to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.contact import Kind, normalise
from customers.models import ContactPoint, Customer
from customers.services.addresses import insert
from customers.services.history import SERVE, Change, record
from customers.services.profile import cleaned


@transaction.atomic
def create_customer(
    brand: Brand,
    *,
    name: str,
    addresses: Sequence[tuple[str, str]] = (),
    verified: bool = False,
    by: Agent | None = None,
    at: datetime | None = None,
    **profile: Any,
) -> Customer:
    """A new customer of `brand` with contact points `(kind, value)`; `by` is the agent who makes them by hand.

    `profile` may hold language, country, city and time_zone. Refused when an address already
    belongs to a customer of the brand (`address_taken`), and for an agent `not_allowed` or a profile with
    no such language, country or time zone.
    """
    if by is not None:
        expect_right(by, SERVE, brand.pk)
        profile = {field: cleaned(field, value) for field, value in profile.items()}
    at = at or clock.now()
    customer = Customer.objects.create(brand=brand, name=name[:120], created_at=at, **profile)
    for kind, value in addresses:
        insert(customer, kind, value, verified=verified, at=at)
    if by is not None:
        record(customer, Change.CREATED, by=by, at=at)
    return customer


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
