"""The small lists that stand beside a ticket and beside its customer, asked for in the one statement that finds them.

One more list is three lines: its rows in `_of_ticket` or `_of_customer` (by `nested`, with the columns the page
prints), a field of `TicketLists` or `CustomerLists`, and its rows made of what came. It costs no further question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import JSONObject

from callbacks.models import Callback
from contactcenter import clock
from contactcenter.nested import instances, nested
from contactcenter.paging import count_up_to
from customers.models import ContactPoint, Customer, Duplicate, Order, OrderLine
from goodwill.models import Request
from loyalty.frozen import last_frozen
from loyalty.models import AccountEvent, Lot, Redemption
from tickets.models import Message, Tag, Ticket, TicketEvent, TicketLink

ORDERS_SHOWN = ELSEWHERE_SHOWN = PROMISES_SHOWN = 3
TWINS_SHOWN = 2
TAKEN_SHOWN = 5
LINKED = ("number", "subject", "is_open", "status")  # of the ticket at either end


@dataclass(frozen=True)
class TicketLists:
    """What the head and the thread of a ticket show beside it.

    `version` is another word as soon as anything was said, done or sent; `heard` the address that wrote last, `""` for
    none; `follows` the number of the closed ticket it goes on from; `given` the last goodwill, `told` where we wrote
    to the customer since.
    """

    version: str
    heard: str
    follows: int | None
    tags: list[Tag]
    links: list[TicketLink]
    given: list[Any]


@dataclass(frozen=True)
class CustomerLists:
    """What the pane of a customer shows: `spend` in minor units within a year, `expiring` points that end next."""

    contact_points: list[ContactPoint]
    twins: list[Duplicate]
    elsewhere: list[Ticket]
    promises: list[Callback]
    orders: list[Order]
    order_count: int
    spend: int
    taken: list[Redemption]
    expiring: int
    frozen: list[AccountEvent]


@dataclass(frozen=True)
class Shown:
    """A ticket with everything its page shows of it, its conversation and the customer's history apart."""

    ticket: Ticket
    lists: TicketLists
    beside: CustomerLists


def shown(tickets: Any) -> list[Shown]:
    """`tickets` (a query set with brand and customer selected) with all their lists, in one statement."""
    found = tickets.annotate(
        asked=JSONObject(
            **_of_ticket(), customer=JSONObject(**_of_customer("customer", account="customer__account"))
        )
    )
    return [
        Shown(one, _ticket_lists(one, one.asked), _customer_lists(one, one.asked["customer"]))
        for one in found
    ]


def version_of(tickets: Any) -> str:
    """A word that is another one as soon as anything was said, done or sent in the ticket; `""` of none. One query."""
    asked = tickets.values_list("message_seq", *_of_version().values()).first()
    return _version(*asked) if asked else ""


def lists_of(customer: Customer) -> CustomerLists:
    """The lists of a customer without a ticket beside it. One query."""
    asked = JSONObject(**_of_customer("pk", account="account"))
    return _customer_lists(
        customer, Customer.objects.filter(pk=customer.pk).values_list(asked, flat=True).get()
    )


def _of_ticket() -> dict[str, Any]:
    said = Message.objects.filter(ticket=OuterRef("pk"))
    answers = Message.objects.filter(ticket=OuterRef("ticket"), kind=Message.Kind.OUTBOUND)
    told = Exists(answers.filter(created_at__gte=OuterRef("asked_at")))
    given = Request.objects.filter(ticket=OuterRef("pk")).annotate(told=told).order_by("-id")
    ends = [f"{end}__{name}" for end in ("one", "other") for name in ("id", *LINKED)]
    return {
        **_of_version(),
        "heard": Subquery(said.heard_by_mail().order_by("-seq").values("sender")[:1]),
        "follows": F("follows__number"),
        "tags": nested(Tag.objects.of(OuterRef("pk")), "id", "name"),
        "links": nested(TicketLink.objects.of(OuterRef("pk")), "id", "kind", *ends),
        "given": nested(given[:1], "id", "points", "told", "reason__id", "reason__sentence"),
    }


def _of_version() -> dict[str, Any]:
    events = TicketEvent.objects.filter(ticket=OuterRef("pk")).order_by("-seq")
    unsent = Message.objects.filter(
        ticket=OuterRef("pk"), state__in=[Message.State.QUEUED, Message.State.SENDING]
    )
    return {"event": Subquery(events.values("seq")[:1]), "waiting": count_up_to(unsent)}


def _version(message: int, event: int | None, waiting: int) -> str:
    return f"{message}.{event or 0}.{waiting}"


def _ticket_lists(ticket: Ticket, asked: dict[str, Any]) -> TicketLists:
    return TicketLists(
        version=_version(ticket.message_seq, asked["event"], asked["waiting"]),
        heard=asked["heard"] or "",
        follows=asked["follows"],
        tags=instances(Tag, asked["tags"]),
        links=instances(TicketLink, asked["links"]),
        given=instances(Request, asked["given"]),
    )


def _of_customer(customer: str, *, account: str) -> dict[str, Any]:
    """By the paths from the row of the statement to the ids of the customer and of the account."""
    at, theirs = clock.now(), {"customer": OuterRef(customer)}
    orders = Order.objects.filter(**theirs)
    lots = Lot.objects.filter(account=OuterRef(account)).open_until(OuterRef(f"{account}__next_expiry"))
    names = ArraySubquery(OrderLine.objects.filter(order=OuterRef("pk")).order_by("id").values("name"))
    taken = Redemption.objects.of_member(OuterRef(account)).usable_first(at)
    return {
        "contact_points": nested(ContactPoint.objects.filter(**theirs), "id", "kind", "value", "verified_at"),
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
        "spend": Subquery(orders.of_twelve_months(at).spent()),
        "taken": nested(
            taken[:TAKEN_SHOWN],
            "id", "state", "shipped_at", "is_usable", "reward__id", "reward__name", "reward__kind", "reward__sentence",
            "reward__programme__id", "reward__programme__time_zone", "voucher__id", "voucher__code",
            "voucher__valid_until", "voucher__used_at", "voucher__cancelled_at",
        ),
        "expiring": Subquery(lots.order_by().values("account").values(sum=Sum("remaining"))),
        "frozen": nested(
            last_frozen().filter(account=OuterRef(account))[:1],
            "id", "at", "reason", "actor__id", "actor__name", "actor__email",
        ),
    }  # fmt: skip


def _customer_lists(beside: Ticket | Customer, asked: dict[str, Any]) -> CustomerLists:
    elsewhere = [one for one in instances(Ticket, asked["elsewhere"]) if one != beside]
    for one in elsewhere:
        one.brand = beside.brand  # the database holds a ticket to the brand of its customer
    return CustomerLists(
        contact_points=instances(ContactPoint, asked["contact_points"]),
        twins=instances(Duplicate, asked["twins"]),
        elsewhere=elsewhere[:ELSEWHERE_SHOWN],
        promises=instances(Callback, asked["promises"]),
        orders=instances(Order, asked["orders"]),
        order_count=asked["order_count"],
        spend=asked["spend"] or 0,
        taken=instances(Redemption, asked["taken"]),
        expiring=asked["expiring"] or 0,
        frozen=instances(AccountEvent, asked["frozen"]),
    )
