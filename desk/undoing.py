"""Which deed of a moment ago the page offers to undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from agents.models import Agent
from contactcenter import clock
from desk.thread import Item
from tickets.models import Ticket, TicketEvent
from tickets.services import can_undo

JUST_NOW = timedelta(seconds=10)
WHOLE = (TicketEvent.Kind.MOVED, TicketEvent.Kind.RESOLVED)  # deeds that change whose a ticket is, too


@dataclass(frozen=True)
class Undo:
    """The event that would be undone, and how it reads."""

    event: int
    words: str


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
    return Undo(event.pk, f"{words['bold']}{words['words']}".strip())
