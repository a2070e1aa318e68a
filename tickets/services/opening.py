"""How a ticket begins: the customer wrote, or an agent writes down what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import Customer
from tickets.models import Channel, Queue, Ticket, TicketEvent, TicketNumber
from tickets.services.steps import WORK, record, serves
from tickets.services.talking import expect_words, hear
from tickets.services.working import assign

Event, Actor = TicketEvent.Kind, TicketEvent.Actor
BY_HAND = (Channel.PHONE, Channel.SHOP, Channel.SOCIAL)  # what an agent hears and no machine brings in
TOLD = (*BY_HAND, Channel.CHAT, Channel.SMS)  # and what another system hears; mail comes as mail alone
Status = Ticket.Status


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
    customer = customers.services.who_stays(customer)
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
    actor = Actor.AGENT if by else Actor.CUSTOMER
    record(ticket, Event.OPENED, by=by, at=at, actor=actor, after=Status.NEW, channel=channel)
    return ticket


@transaction.atomic
def follow_up(closed: Ticket, *, subject: str, channel: str, key: str, at: datetime | None = None) -> Ticket:
    """A new ticket for a word that came after `closed` was closed: of its customer, in its queue, naming it."""
    ticket = open_ticket(
        closed.customer,
        queue=closed.queue,
        subject=subject or closed.subject,
        channel=channel,
        key=key,
        at=at,
    )
    Ticket.objects.filter(pk=ticket.pk).update(follows=closed)
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
    at = at or clock.now()
    told: dict[str, Any] = {"queue": queue, "channel": channel, "subject": subject, "text": text}
    ticket, made = _open_told(customer, **told, among=BY_HAND, by=by, key=f"hand:{key}", at=at)
    return assign(ticket, by, by=by, at=at) if made and serves(by, ticket) else ticket


@transaction.atomic
def open_told(
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
    """A ticket for what `customer` told another system on a `channel` of TOLD; it waits in its queue.

    Otherwise as `open_by_hand`: nobody wrote it as a mail, so it has no sender's address.
    """
    told: dict[str, Any] = {"queue": queue, "channel": channel, "subject": subject, "text": text}
    ticket, _made = _open_told(customer, **told, among=TOLD, by=by, key=f"told:{key}", at=at or clock.now())
    return ticket


def _open_told(
    customer: Customer,
    *,
    queue: Queue,
    channel: str,
    subject: str,
    text: str,
    among: Sequence[str],
    by: Agent,
    key: str,
    at: datetime,
) -> tuple[Ticket, bool]:
    """The ticket with what was said on a channel `among` these as its first message, and whether it is new."""
    expect_right(by, WORK, customer.brand_id)
    expect_words(text)
    if channel not in among:
        raise Refused("no_such_channel", _("Tickets of this channel open by themselves."))
    ticket = open_ticket(customer, queue=queue, subject=subject, channel=channel, key=key, by=by, at=at)
    made = ticket.message_seq == 0
    message = hear(ticket, text, channel=channel, sender="", key=f"{key}:1", at=at)
    if (ticket.subject, ticket.channel, message.text) != (subject[:250], channel, text):
        raise keys.conflict()
    return ticket, made


def _lock_numbers(brand: Brand) -> int:
    """The last number given out for `brand`, its counter locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_ticketnumber (brand_id, last) VALUES (%s, 0) "
            "ON CONFLICT (brand_id) DO UPDATE SET last = tickets_ticketnumber.last RETURNING last",
            [brand.pk],
        )
        return int(cursor.fetchone()[0])
