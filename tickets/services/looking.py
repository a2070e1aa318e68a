"""What a deed on a ticket must know before it is done: was it done already, and has the conversation moved on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Subquery
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from contactcenter.nested import Columns, instances, nested
from customers.models import ContactPoint
from tickets.models import Clock, Message, Ticket, TicketEvent

# A clock whole, and of its policy what a further promise asks for.
CLOCK = (*(field.attname for field in Clock._meta.concrete_fields), "policy__id", "policy__warn_percent")


@dataclass(frozen=True)
class Before:
    """What there was before a reply: the message of the same key, the word that is `newer` than what was seen, and
    where an answer can go: the customer's addresses, and the one that wrote last (`""` for none); and its clocks."""

    earlier: Message | None
    newer: Message | None
    points: list[ContactPoint]
    heard: str
    clocks: list[Clock]


def look(ticket: Ticket, key: str, *, seen: int | None, by: Agent) -> Before:
    """What a reply must know of a locked ticket whose key is claimed; one statement where nothing went into it."""
    heard = ticket.said().heard_by_mail().order_by("-created_at", "-pk")
    asked: dict[str, Any] = Ticket.objects.filter(pk=ticket.pk).values_list(
        Columns(
            earlier=nested(Message.objects.filter(key=key), "id", "ticket_id", "kind", "text", "seq"),
            newer=nested(
                _said_after(ticket, seen, by)[:1],
                "id", "sender", "text", "created_at", "author__id", "author__name",
            ),
            points=nested(ContactPoint.objects.filter(customer=ticket.customer_id), "id", "kind", "value"),
            heard=Subquery(heard.values("sender")[:1]),
            clocks=nested(Clock.objects.filter(ticket=ticket.pk), *CLOCK),
        ),
        flat=True,
    ).get()  # fmt: skip
    earlier, newer = (
        next(iter(instances(Message, asked[name] or [])), None) for name in ("earlier", "newer")
    )
    return Before(
        earlier,
        newer,
        instances(ContactPoint, asked["points"]),
        asked["heard"] or "",
        instances(Clock, asked["clocks"]),
    )


def _said_after(ticket: Ticket, seen: int | None, by: Agent) -> Any:
    """What the customer or a colleague said to the other after message `seen`, the last first; None has seen all."""
    if seen is None:
        return Message.objects.none()
    later = ticket.said().filter(Q(ticket=ticket.pk, seq__gt=seen) | Q(ticket__in=_came_in(ticket, seen)))
    return later.exclude(kind=Message.Kind.NOTE).exclude(author=by).order_by("-created_at", "-pk")


def expect_unmoved(ticket: Ticket, seen: int | None, by: Agent) -> None:
    """Nobody answers past the others: refused when the customer wrote or a colleague answered after `seen`."""
    expect_nothing_new(ticket, _said_after(ticket, seen, by).select_related("author").first())


def expect_nothing_new(ticket: Ticket, newer: Message | None) -> None:
    """Refuse (`conversation_moved`) what the agent does without having read the `newer` word."""
    if newer is None:
        return
    if newer.author:
        name, sentence = newer.author.name, _("%s answered while you were writing.")
    else:
        name, sentence = ticket.customer.name or newer.sender, _("%s wrote again while you were writing.")
    raise Refused(
        "conversation_moved",
        sentence % name,
        details={"ticket": ticket.reference, "name": name, "text": newer.text, "at": newer.created_at},
    )


def _came_in(ticket: Ticket, seen: int) -> list[int]:
    """The ids of the tickets that went into this one after its word number `seen`: a merge takes a number too."""
    if not ticket.joined_count:
        return []
    merges = ticket.events.filter(kind=TicketEvent.Kind.MERGED, data__end="other", data__seq__gt=seen)
    return [pk for tickets in merges.values_list("data__tickets", flat=True) for pk in tickets]
