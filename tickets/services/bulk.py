"""One deed on many tickets: each goes through the same service as alone, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Invalid, Refused
from tickets.models import Queue, Ticket
from tickets.services.joining import merge
from tickets.services.putting_off import snooze
from tickets.services.sorting import set_priority, tag
from tickets.services.undoing import undo
from tickets.services.working import assign, move_to, resolve

AT_MOST = 100  # tickets at a time
Deed = Callable[[Ticket], Any]


@dataclass
class Report:
    """What became of a deed on many tickets: on which it was done, and each that refused with its sentence."""

    done: list[Ticket] = field(default_factory=list)
    refused: list[tuple[Ticket, Refused]] = field(default_factory=list)


def do_on_each(tickets: Sequence[Ticket], deed: Deed) -> Report:
    """Do `deed` on each ticket, one after the other, a hundred at most; what one refuses stops no other.

    Every deed below says how a ticket is to be, so that doing it again does nothing. Refused: `nothing_chosen`,
    `too_many`.
    """
    if not tickets:
        raise Invalid("nothing_chosen", _("Choose tickets first."))
    if len(tickets) > AT_MOST:
        raise Refused("too_many", _("Choose %d tickets at most.") % AT_MOST)
    report = Report()
    for ticket in tickets:
        try:
            with transaction.atomic():
                deed(ticket)
        except Refused as refusal:
            report.refused.append((ticket, refusal))
        else:
            report.done.append(ticket)
    return report


def assigning(to: Agent | None, *, by: Agent) -> Deed:
    """To a colleague, or with None back to the queue."""
    return lambda ticket: assign(ticket, to, by=by)


def moving(queue: Queue, *, by: Agent) -> Deed:
    return lambda ticket: move_to(ticket, queue, by=by)


def prioritising(priority: int, *, by: Agent) -> Deed:
    return lambda ticket: set_priority(ticket, priority, by=by)


def tagging(name: str, *, by: Agent) -> Deed:
    return lambda ticket: tag(ticket, name, by=by)


def putting_off(until: datetime, *, by: Agent) -> Deed:
    return lambda ticket: snooze(ticket, until, by=by)


def resolving(*, by: Agent) -> Deed:
    """Without a reply."""
    return lambda ticket: resolve(ticket, by=by)


def undoing(events: Mapping[int, int], *, by: Agent) -> Deed:
    """What the event of each ticket (by their ids) tells, taken back."""
    return lambda ticket: undo(ticket, events[ticket.pk], by=by)


def merging(tickets: Sequence[Ticket], *, by: Agent) -> tuple[list[Ticket], Deed]:
    """Those of `tickets` that go into one, and the deed: the one that was opened first and is not over goes on.

    Refused: `nothing_to_merge` for fewer than two.
    """
    going_on = min(
        (one for one in tickets if one.status not in Ticket.ENDED), key=lambda one: one.pk, default=None
    )
    rest = [one for one in tickets if one != going_on]
    if going_on is None or not rest:
        raise Refused("nothing_to_merge", _("Choose two tickets or more, one of them open."))
    into = going_on
    return rest, lambda ticket: merge(ticket, into, by=by)
