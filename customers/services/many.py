"""Many customers, many orders at once: what imports write with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import Brand
from contactcenter import bulk, clock
from contactcenter.errors import Refused
from customers.contact import Kind
from customers.models import Consent, ContactPoint, Customer, Order, OrderLine
from customers.models.people import month_and_day
from customers.services.orders import Line, cleaned_number, expect_happened
from customers.services.standing import those_who_stay

PROFILE = [
    "brand_id",
    "name",
    "language",
    "country",
    "city",
    "time_zone",
    "created_at",
    "birth_month",
    "birth_day",
]


@dataclass
class Newcomer:
    """A customer to be, as it will be stored, addresses (kind, value) too; `customer` is the id once it is there."""

    name: str
    addresses: Sequence[tuple[str, str]]
    language: str = "en"
    country: str = ""
    city: str = ""
    time_zone: str = ""
    birthday: str = ""  # month and day as 02-29
    consents: Sequence[tuple[str, bool]] = ()
    member: bool = False
    joined_at: datetime | None = None
    opening_points: int = 0
    brought_by: str = ""  # the loyalty number or code of a member
    customer: int = 0


@dataclass
class Purchase:
    """An order to be: number, customer (id), when, and what; `order` is there once it is recorded."""

    number: str
    customer: int
    placed_at: datetime
    lines: list[Line] = field(default_factory=list)
    status: str = Order.Status.PLACED
    channel: str = ""
    order: Order | None = None

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


# What upper rooms do with many at once, as they do with one; registered in their `apps.ready()`.
BULK_ORDER_STEPS: list[Callable[[Sequence[Order]], object]] = []
NEWCOMER_STEPS: list[Callable[[Brand, Sequence[Newcomer]], object]] = []
# Who else knows customers by a name of their own (a loyalty number): names to ids, of one brand.
CUSTOMER_FINDERS: list[Callable[[Brand, Sequence[str]], dict[str, int]]] = []


def owners_of(brand: Brand, addresses: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Whose these addresses (kind, normal form) are: address to customer (id), of `brand` alone.

    One that was taken away or corrected, and that nobody has since, is that of the last who had it: a file
    of before still says it.
    """
    found: dict[tuple[str, str], int] = {}
    for kind in Kind.values:
        values = [value for of, value in addresses if of == kind]
        if not values:
            continue
        rows = ContactPoint.ever.filter(brand=brand, kind=kind)
        in_use, gone = rows.filter(removed_at=None), rows.exclude(removed_at=None).order_by("id")
        found |= {(kind, value): pk for value, pk in _of(in_use, values)}
        found |= {(kind, value): pk for value, pk in _of(gone, [v for v in values if (kind, v) not in found])}
    return found


def _of(points: QuerySet[ContactPoint], values: Sequence[str]) -> Iterable[tuple[str, int]]:
    return points.filter(value__one_of=values).values_list("value", "customer") if values else ()


@transaction.atomic
def create_customers(
    brand: Brand, newcomers: Sequence[Newcomer], *, source: str, at: datetime | None = None
) -> None:
    """Write down new customers of `brand`, with addresses and consents said at `source`.

    The caller has seen (`owners_of`) that nobody has or had their addresses; where somebody was quicker, the database
    refuses all of it. Members are enrolled in the same transaction.
    """
    now = at or clock.now()
    rows = [
        (
            brand.pk, one.name, one.language, one.country, one.city, one.time_zone, one.joined_at or now,
            *month_and_day(one.birthday),
        )
        for one in newcomers
    ]  # fmt: skip
    points, consents = [], []
    for one, pk in zip(newcomers, bulk.create(Customer, PROFILE, rows), strict=True):
        one.customer = pk
        who = (brand.pk, pk)
        points += [(*who, kind, value, now) for kind, value in one.addresses]
        consents += [(*who, purpose, given, source, now) for purpose, given in one.consents]
    bulk.copy(ContactPoint, ["brand_id", "customer_id", "kind", "value", "created_at"], points)
    bulk.copy(Consent, ["brand_id", "customer_id", "purpose", "given", "source", "recorded_at"], consents)
    for step in NEWCOMER_STEPS:
        step(brand, newcomers)


@transaction.atomic
def record_orders(brand: Brand, purchases: Sequence[Purchase]) -> list[str | Refused]:
    """Write down what customers of `brand` bought, as `record_order` would one after the other.

    Gives for each what became of it: `taken`, `known`, or the refusal (`bad_number`, `in_future`,
    `order_conflict`). Points follow in the same transaction. Two purchases under one number are the caller's
    to tell apart.
    """
    stays = those_who_stay(purchase.customer for purchase in purchases)
    for purchase in purchases:
        purchase.customer = stays[purchase.customer]
    numbers = [purchase.number.strip() for purchase in purchases]
    rows = Order.objects.filter(brand=brand, number__one_of=numbers)
    known = {
        number: (who, total) for number, who, total in rows.values_list("number", "customer", "total_minor")
    }
    outcomes: list[str | Refused] = []
    fresh = []
    for purchase in purchases:
        outcome = _outcome(purchase, known.get(purchase.number.strip()))
        if outcome == "taken":
            fresh.append(purchase)
        outcomes.append(outcome)
    _write(brand, fresh)
    orders = [purchase.order for purchase in fresh if purchase.order]
    for step in BULK_ORDER_STEPS if orders else ():
        step(orders)
    return outcomes


def _outcome(purchase: Purchase, there: tuple[int, int] | None) -> str | Refused:
    try:
        purchase.number = cleaned_number(purchase.number)
        expect_happened(purchase.placed_at)
    except Refused as refusal:
        return refusal
    if there is None:
        return "taken"
    if there == (purchase.customer, purchase.total_minor):
        return "known"
    sentence = _("Order %s is already recorded with other content.") % purchase.number
    return Refused("order_conflict", sentence)


def _write(brand: Brand, purchases: Sequence[Purchase]) -> None:
    for purchase in purchases:
        purchase.order = Order(
            brand_id=brand.pk,
            customer_id=purchase.customer,
            number=purchase.number,
            status=purchase.status,
            currency=brand.currency,
            total_minor=purchase.total_minor,
            placed_at=purchase.placed_at,
            channel=purchase.channel,
        )
    bulk.insert([purchase.order for purchase in purchases if purchase.order])
    bulk.copy(
        OrderLine,
        ["order_id", "sku", "name", "category", "quantity", "amount_minor", "refunded_minor"],
        [
            (purchase.order.pk, line.sku, line.name, line.category, line.quantity, line.amount_minor, 0)
            for purchase in purchases
            if purchase.order
            for line in purchase.lines
        ],
    )
