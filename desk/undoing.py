"""Which deed of a moment ago the page offers to undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import ngettext

from agents.models import Agent
from contactcenter import clock
from desk.thread import Item
from goodwill.models import Request
from tickets.models import Ticket, TicketEvent
from tickets.services import can_undo
from tickets.services.bulk import Report

JUST_NOW = timedelta(seconds=10)
Kind = TicketEvent.Kind
WHOLE = (Kind.MOVED, Kind.RESOLVED)  # deeds that change whose a ticket is, too


# What a deed on many writes; the first that a ticket has tells the whole of it.
OF_MANY = (*WHOLE, *(Kind.SNOOZED, Kind.ASSIGNED, Kind.PRIORITY, Kind.TAGGED))


@dataclass(frozen=True)
class Undo:
    """The event that would be undone, those of many tickets, or the goodwill that was given, and how it reads."""

    words: str
    event: int = 0
    events: str = ""
    given: int = 0


def to_undo(ticket: Ticket, items: list[Item], *, by: Agent) -> Undo | None:
    """The last thing that happened on the ticket, when `by` did it just now and it has an inverse. No question."""
    told = [item for item in items if item.event and item.told and not item.is_mark]
    own = [item for item in told if item.event and item.event.ticket_id == ticket.pk]
    if not own or own[-1].at < clock.now() - JUST_NOW:
        return None
    at_once = [item for item in own if item.at == own[-1].at]
    item = next((one for one in at_once if one.event and one.event.kind in WHOLE), own[-1])
    event, words = item.event, item.told
    if event is None or words is None or event.by_id != by.pk or not can_undo(event.kind, event.data):
        return None
    return Undo(f"{words['bold']}{words['words']}".strip(), event.pk)


def to_undo_given(given: Request) -> Undo | None:
    """What was given a moment ago; None while it waits for an answer."""
    if given.state != Request.State.POSTED:
        return None
    points = intcomma(given.points)
    return Undo(ngettext("%s point given", "%s points given", given.points) % points, given=given.pk)


def to_undo_on_each(report: Report, *, by: Agent, since: datetime) -> Undo | None:
    """What `by` did on many tickets `since` an instant just now; None where nothing changed. One query."""
    rows = TicketEvent.objects.filter(ticket__in=report.done, by=by, at__gte=since, kind__in=OF_MANY)
    told: dict[int, tuple[int, int]] = {}
    for pk, ticket, kind in rows.values_list("pk", "ticket", "kind"):
        told[ticket] = min(told.get(ticket, (len(OF_MANY), 0)), (OF_MANY.index(kind), pk))
    if not told:
        return None
    events = ",".join(str(pk) for _rank, pk in told.values())
    return Undo(ngettext("Done on %d ticket.", "Done on %d tickets.", len(told)) % len(told), events=events)
