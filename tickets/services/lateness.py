"""What is told of a promise that is about to be broken, or is: once, and whoever can help is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from agents.models import Agent
from agents.telling import notify, supervisors_of
from contactcenter import clock
from tickets.models import Clock, ClockFact, Ticket, TicketEvent
from tickets.services.clocks import Clocks
from tickets.services.steps import hand_to, keep, record, wake

AT_ONCE = 50  # tickets in a transaction: others may wait for none of them long
Fact, Event, RULE = ClockFact.Kind, TicketEvent.Kind, TicketEvent.Actor.RULE


@transaction.atomic
def tell_late(*, at: datetime | None = None) -> int:
    """Tell of the warnings and ends that have come by `at` (UTC), of fifty tickets at most; how many those were.

    A ticket that somebody is working on at this moment is left to the next sweep.
    """
    at = at or clock.now()
    found = Clock.objects.to_tell(at).values("ticket")[:AT_ONCE]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=found)
    tickets = list(rows.select_related("brand", "queue", "assignee").order_by("pk"))
    for ticket in tickets:
        _tell(ticket, at)
    return len(tickets)


def _tell(ticket: Ticket, at: datetime) -> None:
    clocks = Clocks(ticket, at)
    for one in list(clocks.rows.values()):  # another queue may promise a solution that was not promised here
        if one.next_at is None or one.next_at > at:  # as it is now that the ticket is locked
            continue
        late = one.due_at is not None and one.due_at <= at
        clocks.tell(one, Fact.BREACHED if late else Fact.WARNED)
        _notify(ticket, one, at, late=late)
        if late:
            wake(ticket, None, at)
            _escalate(ticket, one, at)
            clocks.retarget()
    clocks.keep()
    keep(ticket)


def _notify(ticket: Ticket, one: Clock, at: datetime, *, late: bool) -> None:
    """Whoever has the ticket is told; of a broken promise, and where nobody has it, the supervisors too."""
    told: set[Agent] = {ticket.assignee} if ticket.assignee else set()
    if late or not told:
        told |= set(supervisors_of(ticket.brand))
    kind = "late" if late else "almost_late"
    _send(told, ticket, kind, key=f"{kind}:{one.pk}:{one.seq}", at=at, one=one)


def _send(told: Iterable[Agent], ticket: Ticket, kind: str, *, key: str, at: datetime, one: Clock) -> None:
    due = one.due_at.isoformat() if one.due_at else ""
    notify(
        sorted(told, key=lambda agent: agent.pk), brand_id=ticket.brand_id, kind=kind, subject=ticket.reference,
        key=key, at=at, clock=one.kind, due=due,
    )  # fmt: skip


def _escalate(ticket: Ticket, one: Clock, at: datetime) -> None:
    """What the policy of a broken promise asks for: more urgent, back to the queue, on to another queue."""
    policy = one.policy
    if policy is None:
        return
    if policy.raise_priority and ticket.priority < Ticket.Priority.URGENT:
        before, ticket.priority = ticket.priority, ticket.priority + 1
        record(ticket, Event.PRIORITY, by=None, at=at, actor=RULE, before=before, after=ticket.priority)
    onward = policy.escalate_to
    if onward and onward.pk != ticket.queue_id:
        record(ticket, Event.MOVED, by=None, at=at, actor=RULE, before=ticket.queue_id, after=onward.pk)
        ticket.queue = onward
    if policy.hand_back:
        hand_to(ticket, None, None, at, actor=RULE)
