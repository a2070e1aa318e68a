"""Why a customer wrote, and what of its checklist is done."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import ChecklistItem, ContactReason, Ticket, TicketCheck, TicketEvent
from tickets.models.reasons import ChecklistItemQuerySet
from tickets.services.steps import WORK, keep, lock, record

Event = TicketEvent.Kind


@transaction.atomic
def set_reason(
    ticket: Ticket, reason: ContactReason | None, *, by: Agent, at: datetime | None = None
) -> Ticket:
    """Say why the customer wrote, or take it back (None); also of a ticket that has ended. Again does nothing.

    Refused: `no_such_reason` for one of another brand, or one that is not offered any more, itself or above it.
    """
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    if (reason.pk if reason else None) == ticket.reason_id:
        return ticket
    if reason and not ContactReason.objects.offered(ticket.brand_id).filter(pk=reason.pk).exists():
        raise Refused("no_such_reason", _("This reason cannot be chosen. Choose another one."))
    before, ticket.reason = ticket.reason_id, reason
    record(ticket, Event.REASON, by=by, at=at or clock.now(), before=before, after=ticket.reason_id)
    keep(ticket)
    return ticket


@transaction.atomic
def tick(ticket: Ticket, item: ChecklistItem, *, by: Agent, at: datetime | None = None) -> None:
    """Tick a line of the checklist of the ticket's reason, or of one above it. Again does nothing.

    Refused: `not_on_list`.
    """
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    if not checklist_of(ticket).filter(pk=item.pk).exists():
        raise Refused("not_on_list", _("This is not on the ticket’s checklist any more."))
    at = at or clock.now()
    _row, made = TicketCheck.objects.get_or_create(
        ticket=ticket,
        item=item,
        defaults={"brand_id": ticket.brand_id, "reason_id": item.reason_id, "by": by, "at": at},
    )
    if made:
        record(ticket, Event.CHECKED, by=by, at=at, after=item.pk)


@transaction.atomic
def untick(ticket: Ticket, item: ChecklistItem, *, by: Agent, at: datetime | None = None) -> None:
    """Take a tick back; where there is none nothing happens."""
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    gone, _rows = TicketCheck.objects.filter(ticket=ticket, item=item).delete()
    if gone:
        record(ticket, Event.UNCHECKED, by=by, at=at or clock.now(), before=item.pk)


def checklist_of(ticket: Ticket) -> ChecklistItemQuerySet:
    """What is to be asked and done on a ticket: the lines of its reason after those of the reasons above it."""
    if ticket.reason_id is None:
        return ChecklistItem.objects.none()
    return ChecklistItem.objects.of(ContactReason.objects.with_parents().get(pk=ticket.reason_id))
