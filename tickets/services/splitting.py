"""A word of the customer's that is about something else becomes a ticket of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Message, Ticket, TicketEvent, TicketLink
from tickets.services.joined_clocks import JoinedClocks
from tickets.services.joining import show_last_word, stop_if_answered
from tickets.services.linking import link
from tickets.services.opening import open_ticket
from tickets.services.steps import WORK, keep, lock, record

Event, Kind = TicketEvent.Kind, Message.Kind


@transaction.atomic
def split(message: Message, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Make a ticket of its own of what the customer said in `message`; it goes there, with its files.

    The new ticket is of the same customer, channel and queue, related to the old one, and its clocks count from when
    it was said. Splitting again gives the ticket that is there. Refused: `not_heard` for what no customer said,
    `first_message`, `ticket_merged` where the message stands in a ticket that went into another, `too_many_links`.
    """
    expect_right(by, WORK, message.ticket.brand_id)
    key = f"split:{message.pk}"
    at = at or clock.now()
    if earlier := Ticket.objects.filter(key=key).first():
        return earlier
    old = lock(message.ticket)
    message = Message.objects.get(pk=message.pk)
    if message.ticket_id != old.pk:  # somebody was quicker
        return Ticket.objects.get(key=key)
    _expect_apart(message)
    new = open_ticket(
        old.customer, queue=old.queue, subject=old.subject, channel=message.channel, key=key, by=by, at=at
    )
    seq, said_at = message.seq, message.created_at
    message.ticket, message.seq = new, 1
    message.save(update_fields=["ticket", "seq"])
    _begin(new, said_at)
    show_last_word(old)
    stop_if_answered(old, at)
    keep(old)
    told: dict[str, Any] = {"message": message.pk, "said_at": said_at.isoformat(), "seq": seq}
    record(
        old,
        Event.SPLIT,
        by=by,
        at=at,
        after=new.pk,
        end="one",
        ticket=f"{old.brand.code}-{new.number}",
        **told,
    )
    record(new, Event.SPLIT, by=by, at=at, before=old.pk, end="other", ticket=old.reference, **told)
    link(old, new, kind=TicketLink.Kind.RELATED, by=by, at=at)
    new.refresh_from_db()
    return new


def _expect_apart(message: Message) -> None:
    if message.kind != Kind.INBOUND:
        raise Refused("not_heard", _("Only what the customer said can become a ticket of its own."))
    if not Message.objects.filter(ticket=message.ticket_id, kind=Kind.INBOUND, seq__lt=message.seq).exists():
        raise Refused("first_message", _("This is how the ticket began. Split off what came after it."))


def _begin(ticket: Ticket, said_at: datetime) -> None:
    """The message that came is the first of a new ticket, which waits since it was said."""
    ticket.opened_at, ticket.message_seq = said_at, 1
    ticket.save(update_fields=["opened_at"])
    show_last_word(ticket)
    clocks = JoinedClocks(ticket, said_at)
    clocks.heard()
    clocks.keep()
    keep(ticket)
