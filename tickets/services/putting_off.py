"""Tickets out of sight for a while, and tickets out of reach for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.lifecycle import may_move
from tickets.models import Ticket, TicketEvent
from tickets.services.steps import WORK, keep, lock, record, wake

LONGEST = timedelta(days=90)
AT_ONCE = 100  # tickets in a transaction of a sweep
Event, Status = TicketEvent.Kind, Ticket.Status


@transaction.atomic
def snooze(
    ticket: Ticket, until: datetime, *, by: Agent, on_thanks: bool = False, at: datetime | None = None
) -> Ticket:
    """Take the ticket out of the queues until the instant `until` (UTC, 90 days at most), or until something happens.

    The customer's word brings it back, a plain "thanks" only if `on_thanks`; so does a promise that is broken: no clock
    stops for it. Refused: `ticket_ended`, `out_of_range`.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    if not at < until <= at + LONGEST:
        raise Refused("out_of_range", _("Put it off to a time within the next %d days.") % LONGEST.days)
    ticket = lock(ticket)
    if ticket.status in Ticket.ENDED:
        raise Refused("ticket_ended", _("This ticket is resolved. Reopen it first."))
    if ticket.snoozed_until != until:
        record(ticket, Event.SNOOZED, by=by, at=at, before=_said(ticket.snoozed_until), after=_said(until))
    ticket.snoozed_until, ticket.wakes_on_thanks = until, on_thanks
    keep(ticket)
    return ticket


@transaction.atomic
def unsnooze(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Bring the ticket back into the queues now; one that is there stays as it is."""
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    wake(ticket, by, at or clock.now())
    keep(ticket)
    return ticket


@transaction.atomic
def wake_some(*, at: datetime | None = None) -> int:
    """Bring back what was put off until `at` or before, a hundred at most; how many that were."""
    at = at or clock.now()
    tickets = list(Ticket.objects.to_wake(at).select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
    for ticket in tickets:
        wake(ticket, None, at)
        keep(ticket)
    return len(tickets)


@transaction.atomic
def close(ticket: Ticket, *, at: datetime | None = None) -> Ticket:
    """Close a resolved ticket for good; one that is closed stays as it is. Refused: `no_such_move`."""
    ticket = lock(ticket)
    if ticket.status != Status.CLOSED:
        _close(ticket, at or clock.now())
    return ticket


@transaction.atomic
def close_some(*, at: datetime | None = None) -> int:
    """Close what was resolved and whose customer has had the time to answer, a hundred at most; how many that were."""
    at = at or clock.now()
    tickets = list(Ticket.objects.to_close(at).select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
    for ticket in tickets:
        _close(ticket, at)
    return len(tickets)


def _close(ticket: Ticket, at: datetime) -> None:
    if not may_move(ticket.status, Status.CLOSED):
        raise Refused("no_such_move", _("Only a ticket that is resolved can be closed."))
    record(ticket, Event.CLOSED, by=None, at=at, before=ticket.status, after=Status.CLOSED)
    ticket.status, ticket.closes_at = Status.CLOSED, None
    keep(ticket)


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
