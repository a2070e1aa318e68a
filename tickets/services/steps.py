"""What every deed on a ticket is made of: lock, look, write, and leave the audit line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from contactcenter.nested import instances, nested
from customers.models import ContactPoint
from tickets.lifecycle import may_move
from tickets.models import Message, Ticket, TicketEvent

Event, Actor = TicketEvent.Kind, TicketEvent.Actor
WORK = "tickets.work_ticket"
Status = Ticket.Status


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends: the first lock of the house's order."""
    locked = Ticket.objects.select_for_update(of=("self",)).select_related(
        "brand", "queue", "customer", "assignee"
    )
    # A ticket that a merge has moved while we waited joins no customer in the statement that waited; the next one does.
    return locked.filter(pk=ticket.pk).first() or locked.get(pk=ticket.pk)


def record(
    ticket: Ticket,
    kind: str,
    /,
    *,
    by: Agent | None,
    at: datetime,
    actor: str = "",
    before: Any = None,
    after: Any = None,
    **data: Any,
) -> TicketEvent:
    """Write the audit line of a deed on a locked ticket, in the deed's own transaction; the database chains it.

    `actor` (default: the agent `by`, else the system) says who did it when no agent did. `before` and `after` are
    what was changed, `data` is more of it: all of them codes, ids and figures, never words of a person.
    """
    actor = actor or (Actor.AGENT if by else Actor.SYSTEM)
    data |= {"before": before, "after": after}
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, by=by, at=at, data=data)


def say(
    ticket: Ticket, kind: str, text: str, *, channel: str, key: str, at: datetime, **fields: Any
) -> Message:
    """Add the next message to a locked ticket and let its row in the queue show it."""
    ticket.message_seq += 1
    if kind != Message.Kind.NOTE:  # what the team says to itself is no answer
        ticket.last_message_at = at
        ticket.last_words = " ".join(text[:400].split())[:120]
        ticket.last_was_inbound = kind == Message.Kind.INBOUND
    return Message.objects.create(
        ticket=ticket,
        seq=ticket.message_seq,
        kind=kind,
        text=text,
        channel=channel,
        key=key,
        created_at=at,
        **fields,
    )


def take(ticket: Ticket, by: Agent, at: datetime) -> None:
    """Whoever answers a ticket nobody has, has it; not the owner of the installation, who only helps out."""
    if ticket.assignee_id is None and serves(by, ticket):
        hand_to(ticket, by, by, at)


def serves(agent: Agent, ticket: Ticket) -> bool:
    """Whether `agent` answers customers of the ticket's brand."""
    return Agent.objects.serving(ticket.brand).filter(pk=agent.pk).exists()


def hand_to(ticket: Ticket, to: Agent | None, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Give a locked ticket to another agent, or to nobody; `actor` as for `record`."""
    before, after = ticket.assignee_id, to.pk if to else None
    if before != after:
        ticket.assignee = to
        record(ticket, Event.ASSIGNED, by=by, at=at, actor=actor, before=before, after=after)


def end(ticket: Ticket, by: Agent, at: datetime) -> None:
    """Resolve a locked ticket; one that has ended stays as it is."""
    if ticket.status not in Ticket.ENDED:
        record(ticket, Event.RESOLVED, by=by, at=at, before=ticket.status, after=Status.RESOLVED)
        ticket.status, ticket.resolved_at = Status.RESOLVED, at
        ticket.closes_at = at + timedelta(days=ticket.queue.reopen_days)
        ticket.snoozed_until = None


def take_up(ticket: Ticket, by: Agent | None, at: datetime) -> None:
    """Open a locked ticket that was resolved again: an agent does, or the customer (None). Refused: `ticket_closed`."""
    if not may_move(ticket.status, Status.OPEN):
        raise Refused("ticket_closed", _("This ticket is closed for good. Open a new one."))
    actor = "" if by else Actor.CUSTOMER
    record(ticket, Event.REOPENED, by=by, at=at, actor=actor, before=ticket.status, after=Status.OPEN)
    ticket.status, ticket.resolved_at, ticket.closes_at = Status.OPEN, None, None


def wake(ticket: Ticket, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Bring a locked ticket that was put off back into the queues; one that was not stays as it is."""
    if ticket.snoozed_until is not None:
        before = ticket.snoozed_until.isoformat()
        record(ticket, Event.WOKEN, by=by, at=at, actor=actor, before=before, after=None)
        ticket.snoozed_until = None


def move(ticket: Ticket, status: str, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Put a locked ticket into another status; `actor` as for `record`. Refused: `no_such_move`."""
    if not may_move(ticket.status, status):
        raise Refused("no_such_move", _("A ticket cannot go from this status to that."))
    if ticket.status != status:
        record(ticket, Event.STATUS, by=by, at=at, actor=actor, before=ticket.status, after=status)
        ticket.status = status


def keep(ticket: Ticket) -> None:
    """Save what the deed has moved on the locked ticket."""
    ticket.save(
        update_fields=[
            "status", "assignee", "queue", "priority", "type", "resolved_at", "closes_at", "snoozed_until",
            "wakes_on_thanks", "due_at", "due_kind", "due_since", "promised_tier", "head_start", "message_seq",
            "last_message_at", "last_words", "last_was_inbound",
        ]
    )  # fmt: skip


def can_be_answered(ticket: Ticket, at: datetime) -> bool:
    """Whether what the customer says at `at` belongs into the ticket: not where it is closed, or would be by then."""
    return ticket.status != Status.CLOSED and (ticket.closes_at is None or at < ticket.closes_at)


@dataclass(frozen=True)
class Before:
    """What there was before a reply: the message of the same key, the word that is `newer` than what was seen, and
    where an answer can go: the customer's addresses, and the one that wrote last (`""` for none)."""

    earlier: Message | None
    newer: Message | None
    points: list[ContactPoint]
    heard: str


def look(ticket: Ticket, key: str, *, seen: int | None, by: Agent) -> Before:
    """What a reply must know of a locked ticket whose key is claimed; one statement."""
    own = Message.objects.filter(ticket=OuterRef("pk"))
    asked: dict[str, Any] = Ticket.objects.filter(pk=ticket.pk).values_list(
        JSONObject(
            earlier=nested(Message.objects.filter(key=key), "id", "ticket_id", "kind", "text", "seq"),
            newer=nested(
                _said_after(own, seen, by)[:1],
                "id", "sender", "text", "created_at", "author__id", "author__name",
            ),
            points=nested(ContactPoint.objects.filter(customer=ticket.customer_id), "id", "kind", "value"),
            heard=Subquery(own.heard_by_mail().order_by("-seq").values("sender")[:1]),
        ),
        flat=True,
    ).get()  # fmt: skip
    earlier, newer = (
        next(iter(instances(Message, asked[name] or [])), None) for name in ("earlier", "newer")
    )
    return Before(earlier, newer, instances(ContactPoint, asked["points"]), asked["heard"] or "")


def _said_after(messages: Any, seen: int | None, by: Agent) -> Any:
    """What the customer or a colleague said to the other after message `seen`, the last first; None has seen all."""
    if seen is None:
        return messages.none()
    return messages.filter(seq__gt=seen).exclude(kind=Message.Kind.NOTE).exclude(author=by).order_by("-id")


def expect_unmoved(ticket: Ticket, seen: int | None, by: Agent) -> None:
    """Nobody answers past the others: refused when the customer wrote or a colleague answered after `seen`."""
    expect_nothing_new(ticket, _said_after(ticket.messages, seen, by).select_related("author").first())


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
