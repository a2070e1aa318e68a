"""Who has a ticket and how it stands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Channel, Queue, Ticket, TicketEvent, TicketQuerySet, WrapUp
from tickets.services.clocks import Clocks, retarget
from tickets.services.looking import expect_unmoved
from tickets.services.steps import (
    WORK,
    end,
    hand_to,
    keep,
    lock,
    move,
    record,
    take,
    take_up,
)
from tickets.services.wrapping_up import begin_wrap_up, end_wrap_up

Event = TicketEvent.Kind
Status = Ticket.Status
SPOKEN = (Channel.PHONE, Channel.SHOP)


@transaction.atomic
def assign(ticket: Ticket, to: Agent | None, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Make `to` answer for the ticket, or nobody (None). Refused: an agent who does not serve the brand."""
    expect_right(by, WORK, ticket.brand_id)
    if to is not None and not Agent.objects.serving(ticket.brand).filter(pk=to.pk).exists():
        raise Refused("not_of_brand", _("%s does not serve this brand.") % to)
    ticket = lock(ticket)
    hand_to(ticket, to, by, at or clock.now())
    keep(ticket)
    return ticket


@transaction.atomic
def move_to(ticket: Ticket, queue: Queue, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Let the ticket wait in another queue of its brand: it is nobody's there, and the promise of that queue holds.

    In the queue where it is already it stays as it is. Refused: `other_brand`.
    """
    expect_right(by, WORK, ticket.brand_id)
    if queue.brand_id != ticket.brand_id:
        raise Refused("other_brand", _("This queue belongs to another brand."))
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.queue_id == queue.pk:
        return ticket
    record(ticket, Event.MOVED, by=by, at=at, before=ticket.queue_id, after=queue.pk)
    ticket.queue = queue
    hand_to(ticket, None, by, at)
    retarget(ticket, at)
    keep(ticket)
    return ticket


@transaction.atomic
def take_next(waiting: TicketQuerySet, *, by: Agent, at: datetime | None = None) -> Ticket | None:
    """Give `by` the ticket of `waiting` that is due first, None when none is left; two at once get two."""
    rows = waiting.in_working_order().select_related("brand")
    ticket = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if ticket is not None:
        expect_right(by, WORK, ticket.brand_id)
        at = at or clock.now()
        hand_to(ticket, by, by, at)
        keep(ticket)
        end_wrap_up(by=by, how=WrapUp.How.NEXT, at=at)
    return ticket


@transaction.atomic
def set_status(ticket: Ticket, status: str, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Park a ticket (`pending`, `on_hold`) or take it up again (`open`); to end it there is `resolve`.

    A word of the customer's that waits is due all the same. What they said to an agent's face, on the phone or in the
    shop, was answered as it was said: parking says so.
    """
    expect_right(by, WORK, ticket.brand_id)
    if status not in (Status.OPEN, Status.PENDING, Status.ON_HOLD):
        raise Refused("no_such_move", _("A ticket is resolved or reopened, not set so."))
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        raise Refused("ticket_ended", _("This ticket is resolved. Reopen it first."))
    move(ticket, status, by, at)
    clocks = Clocks(ticket, at)
    if status != Status.OPEN and clocks.answer and _was_spoken(ticket):
        clocks.answered()
    clocks.settle()
    clocks.keep()
    keep(ticket)
    return ticket


@transaction.atomic
def resolve(ticket: Ticket, *, by: Agent, seen: int | None = None, at: datetime | None = None) -> Ticket:
    """End the ticket: nothing is left to do. Resolving twice does nothing.

    Refused: `conversation_moved`, `not_complete` while the reason or a required field is missing.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        return ticket
    expect_unmoved(ticket, seen, by)
    take(ticket, by, at)
    end(ticket, by, at)
    clocks = Clocks(ticket, at)
    clocks.ended()
    clocks.keep()
    keep(ticket)
    begin_wrap_up(ticket, by=by, at=at)
    return ticket


@transaction.atomic
def reopen(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Take up an ended ticket again, due for a word that its end cut off; one that is open stays as it is.

    Refused: `ticket_closed`.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status not in Ticket.ENDED:
        return ticket
    take_up(ticket, by, at)
    clocks = Clocks(ticket, at)
    clocks.reopened()
    clocks.keep()
    keep(ticket)
    return ticket


def _was_spoken(ticket: Ticket) -> bool:
    """Whether all that the customer said since our last answer was said to somebody's face."""
    return not ticket.said().unanswered(ticket).exclude(channel__in=SPOKEN).exists()
