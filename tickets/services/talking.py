"""What is said in a ticket: by the customer, to the customer, among us."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import loyalty.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.live import nudge
from customers.models import ContactPoint
from tickets.models import Channel, Message, Ticket, TicketEvent, recipient_among
from tickets.services.clocks import Clocks
from tickets.services.drafting import become
from tickets.services.looking import expect_nothing_new, look
from tickets.services.mentioning import named_in, tell_named
from tickets.services.steps import (
    WORK,
    can_be_answered,
    end,
    keep,
    lock,
    move,
    say,
    take,
    take_up,
    wake,
)
from tickets.services.wrapping_up import begin_wrap_up
from tickets.thanks import is_plain_thanks

Event, Actor = TicketEvent.Kind, TicketEvent.Actor
Status = Ticket.Status


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

    It ends a snooze, unless it says nothing but thanks and nobody wanted to know that. A repeated `key` gives the
    message that is there, whatever it says; in another ticket it is a `key_conflict`. Refused: `ticket_closed` when its
    time to be answered is over, see `follow_up`.
    """
    at = at or clock.now()
    ticket = lock(ticket)
    keys.claim(Message, key)
    if earlier := Message.objects.filter(key=key).first():
        if (earlier.ticket_id, earlier.kind) != (ticket.pk, Message.Kind.INBOUND):
            raise keys.conflict()
        return earlier
    if not can_be_answered(ticket, at):
        raise Refused("ticket_closed", _("This ticket is closed for good. Open a new one."))
    message = say(
        ticket, Message.Kind.INBOUND, text, channel=channel, key=key, at=at,
        sender=sender, html=html, message_id=message_id, in_reply_to=in_reply_to,
    )  # fmt: skip
    if ticket.wakes_on_thanks or not is_plain_thanks(text):
        wake(ticket, None, at, actor=Actor.CUSTOMER)
    if ticket.status in Ticket.ENDED:
        take_up(ticket, None, at)
    elif ticket.status != Status.NEW:
        move(ticket, Status.OPEN, None, at, actor=Actor.CUSTOMER)
    clocks = Clocks(ticket, at)
    clocks.heard()
    clocks.keep()
    keep(ticket)
    loyalty.services.record_contact(ticket.customer, channel, at, f"message:{message.pk}")
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
    is_rich: bool = False,
    version: int | None = None,
    at: datetime | None = None,
) -> Message:
    """Answer the customer by mail, queued here and sent by a worker; with `resolve` the ticket ends with it.

    `seen` is the number of the last message the agent had before their eyes, `is_rich` says that the words were
    written in the composer, with its bold, lists and links; with `version`, the draft's that was shown, the draft that
    holds these words goes with them, its files too. Refused: `nothing_said`,
    `conversation_moved` when the customer wrote since (with their words), `no_address`, `key_conflict`,
    `not_complete` where it is to end without its reason or a required field, `address_gone` when somebody takes the
    address away or corrects it at this very moment.
    """
    expect_right(by, WORK, ticket.brand_id)
    expect_words(text)
    at = at or clock.now()
    ticket = lock(ticket)
    keys.claim(Message, key)
    before = look(ticket, key, seen=seen, by=by)
    if before.earlier:
        return _same(before.earlier, ticket, Message.Kind.OUTBOUND, text)
    expect_nothing_new(ticket, before.newer)
    to = recipient_among(before.points, before.heard)
    message = _queue(ticket, text, to=to, by=by, key=key, at=at, is_rich=is_rich)
    take(ticket, by, at)
    if resolve:
        end(ticket, by, at)
    elif ticket.status in (Status.NEW, Status.OPEN):
        move(ticket, Status.PENDING, by, at)
    clocks = Clocks(ticket, at, before.clocks)
    clocks.answered()
    if resolve:
        clocks.ended()
    clocks.keep()
    keep(ticket)
    begin_wrap_up(ticket, by=by, at=at)
    become(message, by=by, version=version)
    return message


@transaction.atomic
def tell(ticket: Ticket, text: str, *, by: Agent, key: str, at: datetime | None = None) -> Message:
    """Write to the customer by mail what no person has written: it is no answer, ends no clock and moves no status.

    `by` answers for it. Refused: `nothing_said`, `no_address`, `address_gone`, `key_conflict`.
    """
    expect_right(by, WORK, ticket.brand_id)
    expect_words(text)
    at = at or clock.now()
    ticket = lock(ticket)
    if earlier := _said_before(key, ticket, Message.Kind.OUTBOUND, text):
        return earlier
    message = _queue(ticket, text, to=ticket.answer_goes_to(), by=by, key=key, at=at)
    keep(ticket)
    return message


@transaction.atomic
def note(
    ticket: Ticket, text: str, *, by: Agent, key: str, version: int | None = None, at: datetime | None = None
) -> Message:
    """Something the team should know and the customer never sees; whom it names after an @ is told, once.

    `version` as for `reply`. Refused: `nothing_said`.
    """
    expect_right(by, WORK, ticket.brand_id)
    expect_words(text)
    at = at or clock.now()
    ticket = lock(ticket)
    if earlier := _said_before(key, ticket, Message.Kind.NOTE, text):
        return earlier
    names, meant = named_in(text, ticket)
    message = say(
        ticket, Message.Kind.NOTE, text, channel=ticket.channel, key=key, at=at, author=by, mentions=names
    )
    keep(ticket)
    tell_named(meant, message, ticket)
    become(message, by=by, version=version)
    return message


def _queue(
    ticket: Ticket,
    text: str,
    *,
    to: ContactPoint | None,
    by: Agent,
    key: str,
    at: datetime,
    is_rich: bool = False,
) -> Message:
    """Mail to the customer of a locked ticket, to be sent by a worker. Refused: `no_address`, `address_gone`."""
    if to is None:
        raise Refused("no_address", _("We have no e-mail address of this customer; leave a note or call."))
    _hold(to)
    nudge("tickets.tasks.send_due")
    return say(
        ticket, Message.Kind.OUTBOUND, text, channel=Channel.MAIL, key=key, at=at,
        author=by, recipient=to, state=Message.State.QUEUED, due_at=at, is_rich=is_rich,
    )  # fmt: skip


def expect_words(text: str) -> None:
    if not text.strip():
        raise Refused("nothing_said", _("There is nothing written yet."))


def _hold(point: ContactPoint) -> None:
    """Keep an address from being taken away until the transaction ends. Locked after the ticket."""
    if not ContactPoint.objects.select_for_update(no_key=True).filter(pk=point.pk):
        raise Refused("address_gone", _("Somebody took %s away meanwhile.") % point.value)


def _said_before(key: str, ticket: Ticket, kind: str, text: str) -> Message | None:
    keys.claim(Message, key)
    earlier = Message.objects.filter(key=key).first()
    return _same(earlier, ticket, kind, text) if earlier else None


def _same(earlier: Message, ticket: Ticket, kind: str, text: str) -> Message:
    """What a repeated key is answered with. Refused: `key_conflict` for a key that said something else."""
    if (earlier.ticket_id, earlier.kind, earlier.text) != (ticket.pk, kind, text):
        raise keys.conflict()
    earlier.ticket = ticket
    return earlier
