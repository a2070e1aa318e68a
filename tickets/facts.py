"""What rules know of tickets: loaded for many at once, in a constant number of queries, and only what is asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import Left

from agents.models import Brand
from customers.contact import plain
from customers.models import Order
from loyalty.models import Lot, Tier
from tickets.calendars import counted_by
from tickets.conditions import Words
from tickets.models import Calendar, Message, Queue, Tag, Ticket, TicketEvent, TicketQuerySet, TicketTag

READ = 20_000  # letters of what was written last
HOUR = timedelta(hours=1)
Facts = dict[str, Any]


def words_of(brand: Brand) -> Words:
    """The names that conditions of a brand may speak of: three queries."""
    tiers = list(Tier.objects.filter(programme__brand=brand).order_by("rank"))
    return Words(
        queues=dict(Queue.objects.filter(brand=brand).values_list("pk", "name")),
        tags=dict(Tag.objects.filter(brand=brand).order_by("name").values_list("pk", "name")),
        tiers={tier.code: tier.name for tier in tiers},
        ranks={tier.code: tier.rank for tier in tiers},
    )


def with_customers(tickets: TicketQuerySet) -> TicketQuerySet:
    """The tickets with all that `facts_of` looks at on the rows themselves."""
    return tickets.select_related("brand", "queue", "assignee", "customer__account__tier", "customer__brand")


def facts_of(
    tickets: Sequence[Ticket], asked: Collection[str], *, words: Words, at: datetime
) -> dict[int, Facts]:
    """The facts `asked` for of tickets of one brand, by the ids of the tickets; what is not known is left out.

    At most eight queries, however many tickets there are. They were read by `with_customers`.
    """
    facts: dict[int, Facts] = {ticket.pk: _of_the_row(ticket, words, at) for ticket in tickets}
    if tickets:
        for names, load in _LOADERS:
            if names & set(asked):
                load(tickets, facts, at)
    return facts


def _of_the_row(ticket: Ticket, words: Words, at: datetime) -> Facts:
    account = getattr(ticket.customer, "account", None)
    tier = account.tier.code if account and account.tier else None
    known = {
        "status": ticket.status, "priority": ticket.priority, "type": ticket.type, "channel": ticket.channel,
        "queue": ticket.queue_id, "assigned": ticket.assignee_id is not None, "subject": ticket.subject,
        "language": ticket.customer.language, "hours_since_opened": (at - ticket.opened_at) / HOUR,
        "hours_since_last_word": (at - ticket.last_message_at) / HOUR,
        "last_word_by": "customer" if ticket.last_was_inbound else "us", "waiting_on": _waiting_on(ticket),
        "late": ticket.due_at is not None and ticket.due_at < at, "member": account is not None, "tier": tier,
        "vip": tier is not None and words.ranks.get(tier) == max(words.ranks.values(), default=None),
    }  # fmt: skip
    if ticket.due_at is not None:
        known["due_in_minutes"] = (ticket.due_at - at) / timedelta(minutes=1)
    if account is not None:
        known["balance"] = account.balance
    return known


def _waiting_on(ticket: Ticket) -> str:
    if ticket.status in Ticket.ENDED:
        return "nobody"
    return {"pending": "customer", "on_hold": "others"}.get(ticket.status, "us")


def _tags(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    for one in facts.values():
        one["tags"] = set()
    for ticket, tag in TicketTag.objects.filter(ticket__in=tickets).values_list("ticket", "tag"):
        facts[ticket]["tags"].add(tag)


def _last_words(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    heard = Message.objects.filter(ticket__in=tickets, kind=Message.Kind.INBOUND)
    newest = heard.order_by("ticket", "-seq").distinct("ticket").annotate(read=Left("text", READ))
    for ticket, read, sender in newest.values_list("ticket", "read", "sender"):
        address = plain(sender)
        facts[ticket] |= {"words": read, "sender": address, "sender_domain": address.rpartition("@")[2]}


def _reopened(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    lines = TicketEvent.objects.filter(ticket__in=tickets, kind=TicketEvent.Kind.REOPENED).order_by()
    counted = dict(lines.values_list("ticket").annotate(times=Count("pk")))
    for pk, one in facts.items():
        one["reopened"] = counted.get(pk, 0)


def _callbacks(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    """What the conversation last said of a promise; nothing where none was ever made."""
    lines = TicketEvent.objects.filter(ticket__in=tickets, kind=TicketEvent.Kind.CALLBACK)
    newest = lines.order_by("ticket", "-pk").distinct("ticket")
    for ticket, what in newest.values_list("ticket", "data__what"):
        facts[ticket]["callback"] = what


def _expiring(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    """Open lots that end within a year, as (days left, points)."""
    lots = Lot.objects.filter(
        account__customer__in={ticket.customer_id for ticket in tickets},
        is_open=True, expires_at__gt=at, expires_at__lte=at + timedelta(days=366),
    )  # fmt: skip
    ending = defaultdict(list)
    for customer, ends, points in lots.values_list("account__customer", "expires_at", "remaining"):
        ending[customer].append(((ends - at) / timedelta(days=1), points))
    for ticket in tickets:
        if facts[ticket.pk]["member"]:
            facts[ticket.pk]["points_expiring"] = ending[ticket.customer_id]


def _spend(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    orders = Order.objects.filter(
        customer__in={ticket.customer_id for ticket in tickets},
        placed_at__gt=at - timedelta(days=365), placed_at__lte=at,
    )  # fmt: skip
    sums = (
        orders.paid()
        .order_by()
        .values_list("customer")
        .annotate(sum=Sum(F("total_minor") - F("refunded_minor")))
    )
    spent = dict(sums)
    for ticket in tickets:
        facts[ticket.pk]["spend_12_months"] = spent.get(ticket.customer_id, 0) / 100


def _tickets(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    recent = Ticket.objects.filter(
        customer__in={ticket.customer_id for ticket in tickets},
        opened_at__gt=at - timedelta(days=30), opened_at__lte=at,
    )  # fmt: skip
    counted = Counter(dict(recent.order_by().values_list("customer").annotate(count=Count("pk"))))
    for ticket in tickets:
        facts[ticket.pk]["tickets_30_days"] = counted[ticket.customer_id]


def _office(tickets: Sequence[Ticket], facts: dict[int, Facts], at: datetime) -> None:
    """By the first calendar of the brand that is in force; without one the office is always open."""
    calendars = Calendar.objects.filter(brand=tickets[0].brand_id, hours__isnull=False).select_related(
        "hours"
    )
    first = calendars.order_by("pk").first()
    is_open = counted_by(first.hours.rules).is_open(at) if first and first.hours else True
    for one in facts.values():
        one["office_open"] = is_open


_LOADERS: list[tuple[set[str], Callable[[Sequence[Ticket], dict[int, Facts], datetime], None]]] = [
    ({"tags"}, _tags),
    ({"words", "sender", "sender_domain"}, _last_words),
    ({"reopened"}, _reopened),
    ({"callback"}, _callbacks),
    ({"points_expiring"}, _expiring),
    ({"spend_12_months"}, _spend),
    ({"tickets_30_days"}, _tickets),
    ({"office_open"}, _office),
]
