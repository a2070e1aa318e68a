"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.live import nudge
from customers.models import Customer
from tickets.models import Channel, Message, Queue, Ticket, TicketEvent, TicketNumber, TicketQuerySet

Event = TicketEvent.Kind
WORK = "tickets.work_ticket"
Status = Ticket.Status
BY_HAND = (Channel.PHONE, Channel.SHOP, Channel.SOCIAL)  # what an agent hears and no machine brings in


@transaction.atomic
def open_ticket(
    customer: Customer,
    *,
    queue: Queue,
    subject: str,
    channel: str,
    key: str,
    by: Agent | None = None,
    at: datetime | None = None,
) -> Ticket:
    """A new ticket of `customer` in `queue`, with the next readable number of the brand.

    `by` is the agent who opened it for the customer, None when the customer wrote. A repeated
    `key` gives the ticket that is there. Refused: `other_brand` for a queue of another brand, `key_conflict`.
    """
    if queue.brand_id != customer.brand_id:
        raise Refused("other_brand", _("This queue belongs to another brand."))
    if by is not None:
        expect_right(by, WORK, customer.brand_id)
    at = at or clock.now()
    number = _lock_numbers(customer.brand) + 1  # two with one key stand in line here
    keys.claim(Ticket, key)
    if earlier := Ticket.objects.filter(key=key).first():
        if (earlier.customer_id, earlier.queue_id) != (customer.pk, queue.pk):
            raise keys.conflict()
        return earlier
    TicketNumber.objects.filter(brand=customer.brand_id).update(last=number)
    ticket = Ticket.objects.create(
        brand_id=customer.brand_id,
        number=number,
        queue=queue,
        customer=customer,
        subject=subject[:250],
        channel=channel,
        status=Status.NEW,
        opened_at=at,
        last_message_at=at,
        key=key,
    )
    record(ticket, Event.OPENED, by=by, at=at, channel=channel)
    return ticket


@transaction.atomic
def open_by_hand(
    customer: Customer,
    *,
    queue: Queue,
    channel: str,
    subject: str,
    text: str,
    by: Agent,
    key: str,
    at: datetime | None = None,
) -> Ticket:
    """A ticket for what `customer` told the agent `by` on a `channel` of BY_HAND: it is theirs to work on.

    `text` is what was said, the ticket's first message. A repeated `key` gives the ticket that is there.
    Refused: `not_allowed`, `nothing_said`, `no_such_channel`, `other_brand`, `key_conflict`.
    """
    expect_right(by, WORK, customer.brand_id)
    _expect_words(text)
    if channel not in BY_HAND:
        raise Refused("no_such_channel", _("Tickets of this channel open by themselves."))
    at, key = at or clock.now(), f"hand:{key}"
    ticket = open_ticket(customer, queue=queue, subject=subject, channel=channel, key=key, by=by, at=at)
    first = ticket.message_seq == 0
    message = hear(ticket, text, channel=channel, sender="", key=f"{key}:1", at=at)
    if (ticket.subject, ticket.channel, message.text) != (subject[:250], channel, text):
        raise keys.conflict()
    return assign(ticket, by, by=by, at=at) if first and _serves(by, ticket) else ticket


@transaction.atomic
def hear(
    ticket: Ticket,
    text: str,
    *,
    channel: str,
    sender: str,
    key: str,
    html: str = "",
    message_id: str = "",
    in_reply_to: str = "",
    at: datetime | None = None,
) -> Message:
    """The customer's word joins the ticket: it wants an answer again, and a resolved ticket opens again.

    A repeated `key` gives the message that is there, whatever it says; in another ticket it is a `key_conflict`.
    """
    at = at or clock.now()
    ticket = lock(ticket)
    keys.claim(Message, key)
    if earlier := Message.objects.filter(key=key).first():
        if (earlier.ticket_id, earlier.kind) != (ticket.pk, Message.Kind.INBOUND):
            raise keys.conflict()
        return earlier
    message = _say(
        ticket, Message.Kind.INBOUND, text, channel=channel, key=key, at=at,
        sender=sender, html=html, message_id=message_id, in_reply_to=in_reply_to,
    )  # fmt: skip
    if ticket.status in Ticket.ENDED:
        record(ticket, Event.REOPENED, by=None, at=at)
        ticket.status, ticket.resolved_at = Status.OPEN, None
    elif ticket.status != Status.NEW:
        _move(ticket, Status.OPEN, None, at)
    due = at + timedelta(minutes=ticket.queue.reply_minutes)
    ticket.due_at = min(ticket.due_at, due) if ticket.due_at else due
    _keep(ticket)
    return message


@transaction.atomic
def reply(
    ticket: Ticket,
    text: str,
    *,
    by: Agent,
    key: str,
    seen: int | None = None,
    resolve: bool = False,
    at: datetime | None = None,
) -> Message:
    """Answer the customer by mail, queued here and sent by a worker; with `resolve` the ticket ends with it.

    `seen` is the number of the last message the agent had before their eyes. Refused: `nothing_said`,
    `conversation_moved` when the customer wrote since (with their words), `no_address`, `key_conflict`.
    """
    expect_right(by, WORK, ticket.brand_id)
    _expect_words(text)
    at = at or clock.now()
    ticket = lock(ticket)
    if earlier := _said_before(key, ticket, Message.Kind.OUTBOUND, text):
        return earlier
    _expect_unmoved(ticket, seen, by)
    recipient = ticket.answer_goes_to()
    if recipient is None:
        raise Refused("no_address", _("We have no e-mail address of this customer; leave a note or call."))
    message = _say(
        ticket, Message.Kind.OUTBOUND, text, channel=Channel.MAIL, key=key, at=at,
        author=by, recipient=recipient, state=Message.State.QUEUED, due_at=at,
    )  # fmt: skip
    _take(ticket, by, at)
    if resolve:
        _end(ticket, by, at)
    elif ticket.status in (Status.NEW, Status.OPEN):
        _move(ticket, Status.PENDING, by, at)
    ticket.due_at = None
    _keep(ticket)
    nudge("tickets.tasks.send_due")
    return message


@transaction.atomic
def note(ticket: Ticket, text: str, *, by: Agent, key: str, at: datetime | None = None) -> Message:
    """Something the team should know and the customer never sees. Refused: `nothing_said`."""
    expect_right(by, WORK, ticket.brand_id)
    _expect_words(text)
    at = at or clock.now()
    ticket = lock(ticket)
    if earlier := _said_before(key, ticket, Message.Kind.NOTE, text):
        return earlier
    message = _say(ticket, Message.Kind.NOTE, text, channel=ticket.channel, key=key, at=at, author=by)
    _keep(ticket)
    return message


@transaction.atomic
def assign(ticket: Ticket, to: Agent | None, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Make `to` answer for the ticket, or nobody (None). Refused: an agent who does not serve the brand."""
    expect_right(by, WORK, ticket.brand_id)
    if to is not None and not Agent.objects.serving(ticket.brand).filter(pk=to.pk).exists():
        raise Refused("not_of_brand", _("%s does not serve this brand.") % to)
    ticket = lock(ticket)
    _hand_to(ticket, to, by, at or clock.now())
    _keep(ticket)
    return ticket


@transaction.atomic
def take_next(waiting: TicketQuerySet, *, by: Agent, at: datetime | None = None) -> Ticket | None:
    """Give `by` the ticket of `waiting` that is due first, None when none is left; two at once get two."""
    rows = waiting.in_working_order().select_related("brand")
    ticket = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if ticket is not None:
        expect_right(by, WORK, ticket.brand_id)
        _hand_to(ticket, by, by, at or clock.now())
        _keep(ticket)
    return ticket


@transaction.atomic
def set_status(ticket: Ticket, status: str, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Park a ticket (`pending`, `on_hold`) or take it up again (`open`); to end it there is `resolve`.

    A parked ticket has no clock; taken up again it is due for the customer's word that waits longest.
    """
    expect_right(by, WORK, ticket.brand_id)
    if status not in (Status.OPEN, Status.PENDING, Status.ON_HOLD):
        raise Refused("no_such_move", _("A ticket is resolved or reopened, not set so."))
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        raise Refused("ticket_ended", _("This ticket is resolved. Reopen it first."))
    _move(ticket, status, by, at)
    ticket.due_at = _owed(ticket) if status == Status.OPEN else None
    _keep(ticket)
    return ticket


@transaction.atomic
def resolve(ticket: Ticket, *, by: Agent, seen: int | None = None, at: datetime | None = None) -> Ticket:
    """End the ticket: nothing is left to do. Resolving twice does nothing; refused: `conversation_moved`."""
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        return ticket
    _expect_unmoved(ticket, seen, by)
    _take(ticket, by, at)
    _end(ticket, by, at)
    _keep(ticket)
    return ticket


@transaction.atomic
def reopen(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Take up an ended ticket again, due for the word that waits longest; one that is open stays as it is."""
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status not in Ticket.ENDED:
        return ticket
    ticket.status, ticket.resolved_at = Status.OPEN, None
    ticket.due_at = _owed(ticket)
    record(ticket, Event.REOPENED, by=by, at=at)
    _keep(ticket)
    return ticket


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends: the first lock of the house's order."""
    locked = Ticket.objects.select_for_update(of=("self",)).select_related(
        "brand", "queue", "customer", "assignee"
    )
    return locked.get(pk=ticket.pk)


def record(ticket: Ticket, kind: str, /, *, by: Agent | None, at: datetime, **data: Any) -> TicketEvent:
    """Write the audit line of a deed, in the deed's own transaction; `data` holds codes, ids and figures."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, by=by, at=at, data=data)


def _lock_numbers(brand: Brand) -> int:
    """The last number given out for `brand`, its counter locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_ticketnumber (brand_id, last) VALUES (%s, 0) "
            "ON CONFLICT (brand_id) DO UPDATE SET last = tickets_ticketnumber.last RETURNING last",
            [brand.pk],
        )
        return int(cursor.fetchone()[0])


def _say(
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


def _expect_words(text: str) -> None:
    if not text.strip():
        raise Refused("nothing_said", _("There is nothing written yet."))


def _said_before(key: str, ticket: Ticket, kind: str, text: str) -> Message | None:
    keys.claim(Message, key)
    earlier = Message.objects.filter(key=key).first()
    if earlier and (earlier.ticket_id, earlier.kind, earlier.text) != (ticket.pk, kind, text):
        raise keys.conflict()
    return earlier


def _expect_unmoved(ticket: Ticket, seen: int | None, by: Agent) -> None:
    """Nobody answers past the others: refused when the customer wrote or a colleague answered after `seen`."""
    if seen is None:
        return
    later = ticket.messages.filter(seq__gt=seen).exclude(kind=Message.Kind.NOTE).exclude(author=by)
    newer = later.select_related("author").last()
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


def _owed(ticket: Ticket) -> datetime | None:
    """When the first word of the customer that nobody answered wants its answer; None when all are answered."""
    said = ticket.messages.order_by("seq")
    answer = said.filter(kind=Message.Kind.OUTBOUND).last()
    waiting = said.filter(kind=Message.Kind.INBOUND, seq__gt=answer.seq if answer else 0).first()
    return waiting.created_at + timedelta(minutes=ticket.queue.reply_minutes) if waiting else None


def _take(ticket: Ticket, by: Agent, at: datetime) -> None:
    """Whoever answers a ticket nobody has, has it; not the owner of the installation, who only helps out."""
    if ticket.assignee_id is None and _serves(by, ticket):
        _hand_to(ticket, by, by, at)


def _serves(agent: Agent, ticket: Ticket) -> bool:
    return Agent.objects.serving(ticket.brand).filter(pk=agent.pk).exists()


def _hand_to(ticket: Ticket, to: Agent | None, by: Agent, at: datetime) -> None:
    if ticket.assignee_id != (to.pk if to else None):
        ticket.assignee = to
        record(ticket, Event.ASSIGNED, by=by, at=at, to=to.pk if to else None)


def _end(ticket: Ticket, by: Agent, at: datetime) -> None:
    if ticket.status not in Ticket.ENDED:
        ticket.status, ticket.resolved_at, ticket.due_at = Status.RESOLVED, at, None
        record(ticket, Event.RESOLVED, by=by, at=at)


def _move(ticket: Ticket, status: str, by: Agent | None, at: datetime) -> None:
    if ticket.status != status:
        record(ticket, Event.STATUS, by=by, at=at, before=ticket.status, after=status)
        ticket.status = status


def _keep(ticket: Ticket) -> None:
    ticket.save(
        update_fields=[
            "status", "assignee", "resolved_at", "due_at", "message_seq",
            "last_message_at", "last_words", "last_was_inbound",
        ]
    )  # fmt: skip
