"""A deed taken back a moment after it was done, by the deed that is its inverse: nothing is erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Message, Queue, Tag, Ticket, TicketEvent, TicketTag
from tickets.services.clocks import Clocks
from tickets.services.putting_off import snooze, unsnooze
from tickets.services.sorting import set_priority, set_type, tag, untag
from tickets.services.steps import WORK, keep, lock, record
from tickets.services.working import assign, move_to, reopen, set_status

WITHIN = timedelta(minutes=2)  # the line that offers it is gone long before
Event, Status = TicketEvent.Kind, Ticket.Status
# What changes the same thing: a later one of them means that the ticket went on.
SAME: tuple[frozenset[str], ...] = (
    frozenset({Event.STATUS, Event.RESOLVED, Event.REOPENED, Event.CLOSED}),
    frozenset({Event.ASSIGNED, Event.MOVED}),
    frozenset({Event.SNOOZED, Event.WOKEN, Event.RESOLVED}),
    frozenset({Event.PRIORITY}),
    frozenset({Event.TYPE}),
    frozenset({Event.TAGGED, Event.UNTAGGED}),
)


def can_undo(kind: str, data: dict[str, Any]) -> bool:
    """Whether what an event tells has an inverse."""
    if kind == Event.REOPENED and not data.get("resolved_at"):
        return False  # told before it was kept how the ticket had ended
    return kind in INVERSE and not (kind == Event.STATUS and data["before"] in Ticket.ENDED)


@transaction.atomic
def undo(ticket: Ticket, event: int, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Take back what the ticket's `event` (its id, which is the key: once undone it stays undone) tells.

    Refused: `no_undo` for what has no inverse or was not done by `by`, `too_late` after two minutes, `moved_on` where
    the same was changed again.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    done = TicketEvent.objects.filter(ticket=ticket, pk=event, by=by).first()
    if done is None or not can_undo(done.kind, done.data):
        raise Refused("no_undo", _("This cannot be undone here."))
    if _stands_as_before(ticket, done):
        return ticket
    if done.at + WITHIN < at:
        raise Refused("too_late", _("It is too late to undo this; change it by hand."))
    if _went_on(ticket, done):
        raise Refused(
            "moved_on", _("The ticket went on since then, so this is not undone. Look at its thread.")
        )
    INVERSE[done.kind](ticket, done, by, at)
    ticket.refresh_from_db()
    return ticket


def _stands_as_before(ticket: Ticket, done: TicketEvent) -> bool:
    if done.kind in (Event.TAGGED, Event.UNTAGGED):
        worn = TicketTag.objects.filter(ticket=ticket, tag=_tag_of(done)).exists()
        return worn == (done.kind == Event.UNTAGGED)
    now = {
        Event.ASSIGNED: ticket.assignee_id,
        Event.MOVED: ticket.queue_id,
        Event.STATUS: ticket.status,
        Event.RESOLVED: ticket.status,
        Event.REOPENED: ticket.status,
        Event.PRIORITY: ticket.priority,
        Event.TYPE: ticket.type,
        Event.SNOOZED: ticket.snoozed_until and ticket.snoozed_until.isoformat(),
        Event.WOKEN: ticket.snoozed_until and ticket.snoozed_until.isoformat(),
    }
    before = _status_of(done) if done.kind in (Event.STATUS, Event.RESOLVED) else done.data["before"]
    return bool(now[Event(done.kind)] == before)


def _status_of(done: TicketEvent) -> str:
    """The status to go back to; none leads to *new* again, so it is open then."""
    before = str(done.data["before"])
    return Status.OPEN if before == Status.NEW else before


def _went_on(ticket: Ticket, done: TicketEvent) -> bool:
    """Whether the same thing was changed after the deed; what the deed itself wrote beside it has its instant."""
    kinds = {kind for group in SAME if done.kind in group for kind in group}
    later = TicketEvent.objects.filter(ticket=ticket, pk__gt=done.pk, kind__in=kinds)
    if done.kind in (Event.TAGGED, Event.UNTAGGED):  # other tags are other things
        tag = _tag_of(done)
        return any(tag in (data["before"], data["after"]) for data in later.values_list("data", flat=True))
    if done.kind == Event.REOPENED and _was_said_since(ticket, done):
        return True
    return later.exclude(at=done.at, by=done.by_id).exists()


def _was_said_since(ticket: Ticket, done: TicketEvent) -> bool:
    """Whether the customer or we said something after the deed: that ticket is not ended unseen."""
    said = Message.objects.filter(ticket=ticket, created_at__gt=done.at)
    return bool(said.exclude(kind=Message.Kind.NOTE).exists())


def _tag_of(done: TicketEvent) -> int:
    return int(done.data["after"] or done.data["before"])


def _with_it(done: TicketEvent) -> TicketEvent | None:
    """Whose the ticket became by the same deed, when it did."""
    same = TicketEvent.objects.filter(ticket=done.ticket_id, kind=Event.ASSIGNED, at=done.at, by=done.by_id)
    return same.first()


def _hand_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    before = done.data["before"]
    assign(ticket, Agent.objects.filter(pk=before).first() if before else None, by=by, at=at)


def _move_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    move_to(ticket, Queue.objects.get(pk=done.data["before"]), by=by, at=at)
    if handed := _with_it(done):
        _hand_back(ticket, handed, by, at)


def _unresolve(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    reopen(ticket, by=by, at=at)
    if _status_of(done) != Status.OPEN:
        set_status(ticket, _status_of(done), by=by, at=at)
    if handed := _with_it(done):
        _hand_back(ticket, handed, by, at)
    off = done.data.get("snoozed")
    if off and datetime.fromisoformat(off) > at:
        snooze(ticket, datetime.fromisoformat(off), by=by, on_thanks=ticket.wakes_on_thanks, at=at)


def _end_again(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    """Ended as it was, at its instant and until the day it had: no second survey, and nobody wraps it up twice."""
    record(ticket, Event.RESOLVED, by=by, at=at, before=ticket.status, after=Status.RESOLVED)
    ticket.status = Status.RESOLVED
    closes = done.data["closes_at"]
    ticket.resolved_at = datetime.fromisoformat(done.data["resolved_at"])
    ticket.closes_at = datetime.fromisoformat(closes) if closes else None
    ticket.resolved_tier_id = done.data["tier"]
    clocks = Clocks(ticket, at)
    clocks.ended()
    clocks.keep()
    keep(ticket)


def _tag_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    tag(ticket, Tag.objects.get(pk=_tag_of(done)).name, by=by, at=at)


def _snooze_back(ticket: Ticket, done: TicketEvent, by: Agent, at: datetime) -> None:
    if before := done.data["before"]:
        snooze(ticket, datetime.fromisoformat(before), by=by, on_thanks=ticket.wakes_on_thanks, at=at)
    else:
        unsnooze(ticket, by=by, at=at)


INVERSE: dict[str, Callable[[Ticket, TicketEvent, Agent, datetime], Any]] = {
    Event.ASSIGNED: _hand_back,
    Event.MOVED: _move_back,
    Event.STATUS: lambda ticket, done, by, at: set_status(ticket, _status_of(done), by=by, at=at),
    Event.RESOLVED: _unresolve,
    Event.REOPENED: _end_again,
    Event.SNOOZED: _snooze_back,
    Event.WOKEN: _snooze_back,
    Event.PRIORITY: lambda ticket, done, by, at: set_priority(ticket, done.data["before"], by=by, at=at),
    Event.TYPE: lambda ticket, done, by, at: set_type(ticket, done.data["before"], by=by, at=at),
    Event.TAGGED: lambda ticket, done, by, at: untag(ticket, Tag.objects.get(pk=_tag_of(done)), by=by, at=at),
    Event.UNTAGGED: _tag_back,
}
