"""The lists of a customer: what their pane shows, beside a ticket or by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery, Sum

from callbacks.models import Callback
from contactcenter.nested import instances, nested
from contactcenter.paging import count_up_to
from contactcenter.prepared import AT
from customers.models import (
    ContactPoint,
    Customer,
    Duplicate,
    Order,
    OrderLine,
    Verification,
    VerificationPolicy,
)
from desk.lists.moments import newest_beside
from loyalty.frozen import last_frozen
from loyalty.kept import extensions
from loyalty.models import AccountEvent, Lot, LotExtension, Redemption
from tickets.models import Ticket

ORDERS_SHOWN = ELSEWHERE_SHOWN = PROMISES_SHOWN = EXTENDED_SHOWN = 3
TWINS_SHOWN = 2
TAKEN_SHOWN = 5


@dataclass(frozen=True)
class CustomerLists:
    """What the pane of a customer shows.

    `facts` is what was found out of who asks and holds still, the newest first; `see` the level that the brand asks
    for before whole addresses; `spend` in minor units within a year; `expiring` points that end next; `extended` what
    the customer still has because they waited on us; `newest` what the timeline begins with, see `desk/timeline.py`.
    """

    contact_points: list[ContactPoint]
    facts: list[Verification]
    see: int
    twins: list[Duplicate]
    elsewhere: list[Ticket]
    promises: list[Callback]
    orders: list[Order]
    order_count: int
    spend: int
    taken: list[Redemption]
    expiring: int
    extended: list[LotExtension]
    frozen: list[AccountEvent]
    newest: list[dict[str, Any]]


def asked_of(customer: str, *, account: str) -> dict[str, Any]:
    """The lists as columns of a statement; `customer` and `account` are the paths from its row to their ids."""
    theirs = {"customer": OuterRef(customer)}
    orders = Order.objects.filter(**theirs)
    lots = Lot.objects.filter(account=OuterRef(account)).open_until(OuterRef(f"{account}__next_expiry"))
    names = ArraySubquery(OrderLine.objects.filter(order=OuterRef("pk")).order_by("id").values("name"))
    taken = Redemption.objects.of_member(OuterRef(account)).usable_first(AT)
    return {
        "contact_points": nested(ContactPoint.objects.filter(**theirs), "id", "kind", "value", "verified_at"),
        "facts": nested(
            Verification.objects.filter(**theirs).holding(AT),
            "id", "level", "method", "by_id", "conversation", "at",
        ),
        "see": Subquery(VerificationPolicy.objects.filter(brand=OuterRef("brand")).values("see")),
        "twins": nested(
            Duplicate.objects.of(OuterRef(customer)).open().likely()[:TWINS_SHOWN],
            "id", "reasons", "one__id", "one__name", "other__id", "other__name",
        ),
        # One more than is shown: the ticket on the screen may be among them.
        "elsewhere": nested(
            Ticket.objects.filter(**theirs).unsolved()[: ELSEWHERE_SHOWN + 1],
            "id", "number", "subject", "assignee__id", "assignee__name", "assignee__email",
        ),
        "promises": nested(
            Callback.objects.filter(**theirs).open().order_by("window_from")[:PROMISES_SHOWN],
            "id", "kind", "state", "window_from", "window_to", "zone",
        ),
        "orders": nested(
            orders.order_by("-placed_at").annotate(names=names)[:ORDERS_SHOWN],
            "id", "number", "status", "currency", "total_minor", "names",
        ),
        "order_count": count_up_to(orders),
        "spend": Subquery(orders.of_twelve_months(AT).spent()),
        "taken": nested(
            taken[:TAKEN_SHOWN],
            "id", "state", "shipped_at", "is_usable", "reward__id", "reward__name", "reward__kind", "reward__sentence",
            "reward__programme__id", "reward__programme__time_zone", "voucher__id", "voucher__code",
            "voucher__valid_until", "voucher__used_at", "voucher__cancelled_at",
        ),
        "expiring": Subquery(lots.order_by().values("account").values(sum=Sum("remaining"))),
        "extended": nested(
            extensions(AT).filter(lot__account=OuterRef(account))[:EXTENDED_SHOWN],
            "id", "source", "waited", "until", "lot__id", "lot__remaining",
        ),
        "frozen": nested(
            last_frozen().filter(account=OuterRef(account))[:1],
            "id", "at", "reason", "actor__id", "actor__name", "actor__email",
        ),
        "newest": newest_beside(customer, account=account),
    }  # fmt: skip


def made_of(beside: Ticket | Customer, asked: dict[str, Any]) -> CustomerLists:
    """The lists of what the statement brought; `beside` is the row that it found."""
    elsewhere = [one for one in instances(Ticket, asked["elsewhere"]) if one != beside]
    for one in elsewhere:
        one.brand = beside.brand  # the database holds a ticket to the brand of its customer
    return CustomerLists(
        contact_points=instances(ContactPoint, asked["contact_points"]),
        facts=instances(Verification, asked["facts"]),
        see=asked["see"] if asked["see"] is not None else VerificationPolicy().see,
        twins=instances(Duplicate, asked["twins"]),
        elsewhere=elsewhere[:ELSEWHERE_SHOWN],
        promises=instances(Callback, asked["promises"]),
        orders=instances(Order, asked["orders"]),
        order_count=asked["order_count"],
        spend=asked["spend"] or 0,
        taken=instances(Redemption, asked["taken"]),
        expiring=asked["expiring"] or 0,
        extended=instances(LotExtension, asked["extended"]),
        frozen=instances(AccountEvent, asked["frozen"]),
        newest=asked["newest"],
    )
