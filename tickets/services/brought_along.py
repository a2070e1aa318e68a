"""What was chosen with a reply that is undone before it went out: reason and fields stand as they did at the press."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from agents.models import Agent
from contactcenter.errors import Refused
from tickets.models import ContactReason, Draft, FieldValue, Ticket, TicketEvent
from tickets.services.filling import fill
from tickets.services.reasons import set_reason

Event = TicketEvent.Kind


def put_back(draft: Draft, *, by: Agent, at: datetime) -> None:
    """Take back what the press of the held `draft` (locked, as its ticket is) brought along: deeds of its author at its
    very instant. What somebody changed since, or what cannot be chosen any more, stays as it is.
    """
    ticket = draft.ticket
    brought = TicketEvent.objects.filter(ticket=ticket, by=draft.agent_id, at=draft.changed_at)
    for done in brought.filter(kind__in=[Event.REASON, Event.FIELD]).order_by("-pk"):
        with suppress(Refused), transaction.atomic():
            if done.kind == Event.REASON:
                _reason_back(ticket, done, by, at)
            else:
                _field_back(ticket, done, by, at)


def _reason_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    if ticket.reason_id == done.data["after"]:
        before = ContactReason.objects.filter(pk=done.data["before"]).first()
        set_reason(ticket, before, by=by, at=at)


def _field_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    rows = FieldValue.objects.filter(ticket=ticket, field=done.data["field"]).select_related(
        "field", "choice"
    )
    now = rows.current().first()
    before = rows.filter(pk=done.data["before"]).first()
    if now and now.pk == done.data["after"]:
        fill(ticket, now.field, before.typed if before else "", by=by, at=at)
