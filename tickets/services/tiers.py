"""Tickets follow the tier of their customer: what is promised, and where they stand in the queue."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from contactcenter import clock
from tickets.models import Ticket, TicketEvent
from tickets.services.clocks import Clocks
from tickets.services.steps import keep, record

AT_ONCE = 50  # tickets in a transaction: others may wait for none of them long


@transaction.atomic
def follow_tiers(*, at: datetime | None = None) -> int:
    """Let the promises of fifty tickets at most follow the tiers that their customers have at `at`; how many did.

    Points, reviews and merges move tiers below tickets, and tell nobody: this looks. A ticket that somebody is working
    on at this moment is left to the next sweep.
    """
    at = at or clock.now()
    found = Ticket.objects.of_another_tier().values("pk")[:AT_ONCE]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=found)
    tickets = list(rows.unsolved().select_related("brand", "queue").order_by("pk"))
    return sum(_follow(ticket, at) for ticket in tickets)


def follow_benefits(ticket: Ticket, at: datetime) -> None:
    """Let the promises and the place of a locked ticket follow what its customer is entitled to at `at`."""
    clocks = Clocks(ticket, at)
    clocks.retarget()
    clocks.keep()
    keep(ticket)


def _follow(ticket: Ticket, at: datetime) -> bool:
    """Whether the tier of a locked ticket is another one indeed."""
    before = ticket.promised_tier_id
    clocks = Clocks(ticket, at)
    clocks.retarget()
    clocks.keep()
    if ticket.promised_tier_id == before:
        return False
    record(ticket, TicketEvent.Kind.TIER, by=None, at=at, before=before, after=ticket.promised_tier_id)
    keep(ticket)
    return True
