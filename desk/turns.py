"""Why a ticket stands where it does, in sentences."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from desk.queue import queue_pane
from tickets import score
from tickets.models import Ticket


def first_of(agent: Agent, *, view: str, queue_id: str = "") -> list[str]:
    """Why the first ticket of the list is the first; empty for a list in which none has a turn."""
    pane = queue_pane(agent, view=view, queue_id=queue_id)
    rows = [row for group in pane.groups for row in group.rows][:2]
    tickets = (
        Ticket.objects.visible_to(agent)
        .select_related("brand", "promised_tier")
        .in_bulk([int(r["pk"]) for r in rows])
    )
    found = [tickets[int(row["pk"])] for row in rows if int(row["pk"]) in tickets]
    told = reasons(found[0]) if found else []
    if told and len(found) > 1 and (turn := found[1].turn_at):
        words = _("After it comes %(reference)s, whose turn is %(turn)s.")
        told.append(words % {"reference": found[1].reference, "turn": _at(turn)})
    return told


def reasons(ticket: Ticket) -> list[str]:
    """What gives the ticket its turn: the due instant, what puts it ahead, or how long it has waited."""
    if ticket.due_at is None:
        return []
    name = {"reference": ticket.reference, "due": _at(ticket.due_at)}
    if score.is_at_latest(ticket.due_at, ticket.due_since, ticket.head_start):
        return [
            _("%(reference)s is due %(due)s only, but it has waited for a day: nothing new may pass it.")
            % name
        ]
    told = [_("%(reference)s is due %(due)s.") % name]
    if ticket.head_start > 0:
        told.append(_("It stands %(minutes)s ahead of that: %(because)s.") % _ahead(ticket))
    elif ticket.head_start < 0:
        told.append(_("It stands %(minutes)s behind that: %(because)s.") % _ahead(ticket))
    else:
        told.append(_("Neither priority nor tier puts it ahead."))
    return told


def _ahead(ticket: Ticket) -> dict[str, str]:
    minutes = abs(ticket.head_start)
    because = (
        [_("priority %s") % ticket.get_priority_display().lower()]
        if score.OF_PRIORITY[ticket.priority]
        else []
    )
    if ticket.promised_tier:
        because.append(_("tier %s") % ticket.promised_tier.name)
    spans = ngettext("%d minute", "%d minutes", minutes) % minutes
    return {"minutes": spans, "because": _(" and ").join(because)}


def _at(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "DAY_TIME")
