"""Deeds by which a customer comes to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.contact import Kind, home_of, normalise
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
    key: str | None = None,
    at: datetime | None = None,
    **profile: Any,
) -> Customer:
    """A new customer of `brand` with contact points `(kind, value)`; `by` is the agent who makes them by hand.

    `profile` may hold language, country, city and time_zone; a country or zone that nobody named is guessed from
    a phone number with +, and stays empty where it tells no single zone. Refused when an address already
    belongs to a customer of the brand (`address_taken`), without a name and an address (`nobody`), and for an
    agent `not_allowed` or a profile with no such language, country or time zone. A repeated `key` gives the
    customer who is there, with other content it is a `key_conflict`.
    """
    if not name.strip() and not addresses:
        raise Refused("nobody", _("Give a name or an address at least."))
    if by is not None:
        expect_right(by, SERVE, brand.pk)
        profile = {field: cleaned(field, value) for field, value in profile.items()}
    said = {field: profile.get(field) or "" for field in ("country", "time_zone")}
    profile |= dict(zip(said, home_of(addresses, **said), strict=True))
    name, at = name[:120], at or clock.now()
    if key is not None:
        keys.claim(Customer, key)
        if earlier := Customer.objects.filter(key=key).first():
            _expect_same(earlier, addresses, brand=brand, name=name, **profile)
            return earlier
    customer = Customer.objects.create(brand=brand, name=name, created_at=at, key=key, **profile)
    for kind, value in addresses:
        insert(customer, kind, value, verified=verified, at=at)
    if by is not None:
        record(customer, Change.CREATED, by=by, at=at)
    return customer


def _expect_same(earlier: Customer, addresses: Sequence[tuple[str, str]], **fields: Any) -> None:
    """Refused (`key_conflict`) when the customer of a key was made as somebody else."""
    asked = {(kind, normalise(kind, value, country=earlier.country)) for kind, value in addresses}
    has = ContactPoint.ever.filter(customer=earlier).values_list("kind", "value")
    if asked - set(has) or any(getattr(earlier, field) != value for field, value in fields.items()):
        raise keys.conflict()


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
