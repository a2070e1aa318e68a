"""Who has a ticket and how it stands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Ticket, TicketEvent, TicketQuerySet
from tickets.services.steps import (
    WORK,
    end,
    expect_unmoved,
    hand_to,
    keep,
    lock,
    move,
    owed,
    record,
    take,
)

Event = TicketEvent.Kind
Status = Ticket.Status


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
def take_next(waiting: TicketQuerySet, *, by: Agent, at: datetime | None = None) -> Ticket | None:
    """Give `by` the ticket of `waiting` that is due first, None when none is left; two at once get two."""
    rows = waiting.in_working_order().select_related("brand")
    ticket = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if ticket is not None:
        expect_right(by, WORK, ticket.brand_id)
        hand_to(ticket, by, by, at or clock.now())
        keep(ticket)
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
    move(ticket, status, by, at)
    ticket.due_at = owed(ticket) if status == Status.OPEN else None
    keep(ticket)
    return ticket


@transaction.atomic
def resolve(ticket: Ticket, *, by: Agent, seen: int | None = None, at: datetime | None = None) -> Ticket:
    """End the ticket: nothing is left to do. Resolving twice does nothing; refused: `conversation_moved`."""
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        return ticket
    expect_unmoved(ticket, seen, by)
    take(ticket, by, at)
    end(ticket, by, at)
    keep(ticket)
    return ticket


@transaction.atomic
def reopen(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Take up an ended ticket again, due for the word that waits longest; one that is open stays as it is."""
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if ticket.status not in Ticket.ENDED:
        return ticket
    record(ticket, Event.REOPENED, by=by, at=at, before=ticket.status, after=Status.OPEN)
    ticket.status, ticket.resolved_at = Status.OPEN, None
    ticket.due_at = owed(ticket)
    keep(ticket)
    return ticket
