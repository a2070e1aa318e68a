"""Deeds on the ways to reach a customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.contact import normalise
from customers.models import ContactPoint, Customer
from customers.services.history import SERVE, Change, lock, record
from customers.services.requiring import require
from customers.verification import Deed

ADDRESS_ONCE = "customers_contactpoint_once_a_brand"

# What upper rooms do before an address is taken away (the second is None) or another takes its place; each
# may refuse. Customer and address are locked by then: a step locks no ticket. Registered in their `apps.ready()`.
ADDRESS_STEPS: list[Callable[[ContactPoint, ContactPoint | None], object]] = []


@transaction.atomic
def add_contact_point(
    customer: Customer,
    kind: str,
    value: str,
    *,
    verified: bool = False,
    by: Agent | None = None,
    conversation: str = "",
    at: datetime | None = None,
) -> ContactPoint:
    """One more way to reach `customer`, or that way when it is theirs; `by` is the agent who was told it.

    A phone number in national writing is dialled in the customer's country.
    Refused: `not_allowed`, `verification_needed` of who asks in the `conversation`, `bad_address`,
    `customer_merged`, and `address_taken` with the other `customer`'s id.
    """
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    customer = lock(customer)  # not shared: `record` writes to them, and two would wait for each other
    at = at or clock.now()
    require(customer, Deed.CHANGE, by=by, conversation=conversation, at=at)
    point, made = insert(customer, kind, value, verified=verified, at=at)
    if made:
        record(customer, Change.ADDED, by=by, at=at, point=point.pk)
    return point


@transaction.atomic
def remove_contact_point(point: ContactPoint, *, by: Agent, at: datetime | None = None) -> ContactPoint:
    """Take an address away: nobody is reached by it any more, what went to it keeps it. Twice does nothing.

    Refused: `not_allowed`, `verification_needed`.
    """
    expect_right(by, SERVE, point.brand_id)
    at = at or clock.now()
    lock(point.customer)
    point = ContactPoint.ever.select_related("customer").get(pk=point.pk)
    if point.removed_at is None:
        require(point.customer, Deed.CHANGE, by=by, at=at)
        _retire(point, None, at)
        record(point.customer, Change.REMOVED, by=by, at=at, point=point.pk)
    return point


@transaction.atomic
def correct_contact_point(
    point: ContactPoint, value: str, *, by: Agent, at: datetime | None = None
) -> ContactPoint:
    """Mend a slip in an address: the right one takes its place, unconfirmed; the wrong one stays in the history.

    Refused: `address_gone` when somebody took it away meanwhile, `verification_needed`, `bad_address`,
    `address_taken`.
    """
    expect_right(by, SERVE, point.brand_id)
    at = at or clock.now()
    customer = lock(point.customer)
    point = ContactPoint.ever.select_related("customer").get(pk=point.pk)
    if point.removed_at is not None:
        raise Refused("address_gone", _("Somebody took %s away meanwhile.") % point.value)
    require(customer, Deed.CHANGE, by=by, at=at)
    right, _made = insert(customer, point.kind, value, verified=False, at=at)
    if right.pk != point.pk:
        _retire(point, right, at)
        record(customer, Change.CORRECTED, by=by, at=at, point=point.pk, to=right.pk)
    return right


@transaction.atomic
def verify_contact_point(point: ContactPoint, *, by: Agent, at: datetime | None = None) -> ContactPoint:
    """The customer has shown that this address is theirs. Twice does nothing.

    Refused: `not_allowed`, `address_gone`, `verification_needed`: codes go to such an address from then on.
    """
    expect_right(by, SERVE, point.brand_id)
    at = at or clock.now()
    lock(point.customer)
    point = ContactPoint.ever.select_related("customer").get(pk=point.pk)
    if point.removed_at is not None:
        raise Refused("address_gone", _("Somebody took %s away meanwhile.") % point.value)
    if point.verified_at is None:
        require(point.customer, Deed.CHANGE, by=by, at=at)
        point.verified_at = at
        point.save(update_fields=["verified_at"])
        record(point.customer, Change.VERIFIED, by=by, at=at, point=point.pk)
    return point


def insert(
    customer: Customer, kind: str, value: str, *, verified: bool, at: datetime
) -> tuple[ContactPoint, bool]:
    """The address as a new row, or the one that is theirs already, and whether it was made. Leaves no line."""
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
    else:
        return point, True
    if own := customer.contact_points.filter(kind=kind, value=point.value).first():
        return own, False
    raise address_taken(customer.brand, kind, point.value)


def address_taken(brand: Brand, kind: str, value: str) -> Refused:
    """The refusal of an address that reaches another customer of the brand, with that customer's id."""
    owner = ContactPoint.objects.filter(brand=brand, kind=kind, value=value).values_list(
        "customer", flat=True
    )
    sentence = _("%s already belongs to a customer.") % value
    return Refused("address_taken", sentence, details={"customer": owner.first()})


def _retire(point: ContactPoint, successor: ContactPoint | None, at: datetime) -> None:
    # A reply that has chosen this address holds it until it is written: only then the steps look.
    ContactPoint.ever.select_for_update(no_key=True).get(pk=point.pk)
    for step in ADDRESS_STEPS:
        step(point, successor)
    point.removed_at = at
    point.save(update_fields=["removed_at"])
