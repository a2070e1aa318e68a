"""The rows the desk's pages show, read the plainest way: one `values()` query a table, put together by id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.http import Http404

from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from customers.models import ContactPoint, Customer, Order, OrderLine
from goodwill.models import Reason, Request
from loyalty.models import Account, Entry, Lot, Programme, Tier
from tickets.models import Attachment, Message, Queue, Ticket, TicketEvent

Row = dict[str, Any]
Place = tuple[datetime, int]
PAGE, TIMELINE, THREAD, COUNTED = 24, 12, 50, 1000
OF_TICKET = ("id", "number", "brand_id", "queue_id", "customer_id", "assignee_id", "subject", "status", "priority",
             "due_at", "turn_at", "last_words", "last_was_inbound", "message_seq", "is_open")  # fmt: skip
OF_CALLBACK = (
    "id",
    "customer_id",
    "owner_id",
    "kind",
    "reason",
    "state",
    "window_from",
    "window_to",
    "zone",
    "ended_at",
)


def by_id(rows: Iterable[Any]) -> dict[int, Row]:
    """The rows under their ids."""
    return {row["id"]: row for row in rows}


def of_house(agent: Agent) -> Row:
    """The brands of the agent and their queues, and a left pane without anything in it."""
    brands = by_id(
        Brand.objects.filter(agents=agent.pk).values("id", "code", "name", "currency", "time_zone")
    )
    queues = Queue.objects.filter(brand__in=brands).values("id", "name", "brand_id", "reply_minutes")
    return {"brands": brands, "queues": by_id(queues), "tickets": [], "after": None, "due": [], "counts": {}}


def of_queue(agent: Agent, after: Place | None = None) -> Row:
    """The left pane with all open tickets of the agent's brands, from the place `after` on, and what the head tells."""
    house = of_house(agent)
    brands = house["brands"]
    tickets = _waiting(list(brands), after)
    due = list(
        Callback.objects.filter(owner=agent.pk, state="due")
        .order_by("window_to", "id")
        .values(*OF_CALLBACK)[:10]
    )
    return house | {
        "tickets": tickets[:PAGE],
        "after": tickets[PAGE - 1] if len(tickets) > PAGE else None,
        "due": due,
        "counts": _counts(agent, list(brands)),
    }


def _open(brands: list[int]) -> Any:
    return Ticket.objects.filter(brand__in=brands, is_open=True)


def _waiting(brands: list[int], after: Place | None) -> list[Row]:
    """The tickets whose turn is first after a place: each brand's by its index, in one statement."""
    order = F("turn_at").asc(nulls_last=True), "id"
    later = Q()
    if after:  # the first half is a range of the index
        later = Q(turn_at__gte=after[0]) & (Q(turn_at__gt=after[0]) | Q(pk__gt=after[1]))
    heads = [_open([pk]).filter(later).order_by(*order).values(*OF_TICKET)[: PAGE + 1] for pk in brands]
    found = heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0]
    return sorted(found, key=lambda row: (row["turn_at"] is None, row["turn_at"], row["id"]))[: PAGE + 1]


def _counts(agent: Agent, brands: list[int]) -> dict[str, int]:
    opened = _open(brands)
    views = {
        "mine": opened.filter(assignee=agent.pk),
        "all": opened,
        "unassigned": opened.filter(assignee=None),
    }
    return {name: rows[:COUNTED].count() for name, rows in views.items()}


def people(rows: Row, *, customers: Iterable[int], agents: Iterable[int]) -> None:
    """Add customers, their accounts and tiers, and agents."""
    customers = set(customers)
    rows["customers"] = by_id(
        Customer.objects.filter(pk__in=customers).values("id", "name", "time_zone", "brand_id")
    )
    accounts = Account.objects.filter(customer__in=customers).values(
        "id",
        "customer_id",
        "programme_id",
        "tier_id",
        "balance",
        "held",
        "pending",
        "joined_at",
        "next_expiry",
    )
    rows["accounts"] = {row["customer_id"]: row for row in accounts}
    tiers = Tier.objects.filter(programme__brand__in=rows["brands"]).order_by("rank")
    rows["tiers"] = by_id(tiers.values("id", "programme_id", "rank", "code", "name"))
    rows["agents"] = by_id(Agent.objects.filter(pk__in=set(agents)).values("id", "name"))


def of_ticket(rows: Row, reference: str) -> Row:
    """The conversation and the customer beside what `rows` hold already."""
    now = clock.now()
    ticket = ticket_named(rows["brands"], reference)
    customer = ticket["customer_id"]
    rows |= {"ticket": ticket, **_said(ticket["id"]), **_of_customer(customer, now)}
    rows["reasons"] = {
        row["code"]: row
        for row in Reason.objects.filter(brand=ticket["brand_id"]).values("id", "code", "label", "sentence")
    }
    rows["given"] = (
        Request.objects.filter(ticket=ticket["id"])
        .order_by("-id")
        .values("points", "reason_id", "asked_at")
        .first()
    )
    touched = [*rows["tickets"], *rows["theirs"], ticket]
    agents = {row["assignee_id"] for row in touched} | {row["author_id"] for row in rows["messages"]}
    agents |= {row["by_id"] for row in rows["events"]} | {row["owner_id"] for row in rows["promises"]}
    people(
        rows,
        customers=[customer, *(row["customer_id"] for row in [*rows["tickets"], *rows["due"]])],
        agents=agents - {None},
    )
    if account := rows["accounts"].get(customer):
        rows |= _of_account(account, now)
    return rows


def ticket_named(brands: dict[int, Row], reference: str) -> Row:
    """The ticket that FF-4812 names, of one of these brands."""
    code, _, number = reference.partition("-")
    brand = next(pk for pk, row in brands.items() if row["code"] == code)
    ticket = Ticket.objects.filter(brand=brand, number=int(number)).values(*OF_TICKET).first()
    if ticket is None:
        raise Http404
    return ticket


def _said(ticket: int) -> Row:
    said = Message.objects.filter(ticket=ticket).order_by("-seq").values(
        "id", "seq", "kind", "channel", "author_id", "sender", "recipient_id", "text", "created_at", "state",
        "attempts", "last_error",
    )[: THREAD + 1]  # fmt: skip
    messages = list(said)[::-1]
    files = Attachment.objects.filter(message__in=[row["id"] for row in messages])
    events = TicketEvent.objects.filter(ticket=ticket).exclude(kind="opened").order_by("id")
    return {
        "messages": messages,
        "files": list(files.values("id", "message_id", "name", "content_type", "size")),
        "events": list(events.values("id", "kind", "by_id", "at", "data")),
    }


def _of_customer(customer: int, now: datetime) -> Row:
    orders = list(
        Order.objects.filter(customer=customer)
        .order_by("-placed_at", "-id")
        .values("id", "number", "status", "currency", "total_minor", "placed_at")[: TIMELINE + 1]
    )
    this_year = Q(placed_at__gt=now - timedelta(days=365), placed_at__lte=now) & ~Q(status="cancelled")
    sums = Order.objects.filter(customer=customer).aggregate(
        spend=Sum(F("total_minor") - F("refunded_minor"), filter=this_year), count=Count("id")
    )
    lines = OrderLine.objects.filter(order__in=[row["id"] for row in orders[:3]]).order_by("id")
    points = ContactPoint.objects.filter(customer=customer).order_by("id")
    theirs = Ticket.objects.filter(customer=customer).order_by("-opened_at", "-id")
    promises = Callback.objects.filter(customer=customer).order_by("-window_from")
    return {
        "orders": orders,
        "sums": sums,
        "lines": list(lines.values("order_id", "name")),
        "points": by_id(points.values("id", "kind", "value", "verified_at")),
        "theirs": list(theirs.values(*OF_TICKET, "opened_at")[: TIMELINE + 1]),
        "promises": list(promises.values(*OF_CALLBACK)[: TIMELINE + 4]),
    }


def _of_account(account: Row, now: datetime) -> Row:
    start = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    entries = Entry.objects.filter(account=account["id"])
    lots = Lot.objects.filter(account=account["id"], is_open=True, expires_at=account["next_expiry"])
    return {
        "programme": Programme.objects.filter(pk=account["programme_id"])
        .values("time_zone", "point_value_minor")
        .first(),
        "entries": list(
            entries.order_by("-occurred_at", "-id").values(
                "id", "kind", "contra", "points", "source", "occurred_at"
            )[: TIMELINE + 1]
        ),
        "qualifying": entries.filter(occurred_at__gte=start)
        .exclude(qualifying=0)
        .aggregate(sum=Sum("qualifying"))["sum"],
        "expiring": lots.values("remaining", "expires_at") if account["next_expiry"] else [],
    }
