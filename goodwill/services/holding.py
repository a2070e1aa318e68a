"""Which pledge held when a clock started: by the tier and the queue of that instant, not those of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from goodwill.models import Pledge, PledgeRun
from loyalty.models import Account, Tier
from tickets.calendars import hours_of
from tickets.models import ClockFact, Ticket, TicketEvent
from tickets.sla import Fact

PLEDGE = ("budget", "reason", "published_by")  # what a payment needs of it


def holding_pledge(run: PledgeRun, ticket: Ticket) -> Pledge | None:
    """The pledge that held for this customer when the clock of `run` started, the dearest of several.

    What had begun in a ticket that went into this one is promised on as it was there. None for who is no member.
    """
    came_in = PledgeRun.objects.filter(ticket__merged_into=ticket.pk, started_at=run.started_at)
    if before := came_in.select_related("ticket", *(f"pledge__{name}" for name in PLEDGE)).first():
        return before.pledge or holding_pledge(before, before.ticket)
    account = Account.objects.filter(customer=ticket.customer_id).select_related("tier").first()
    if account is None:
        return None
    at = run.started_at
    tier = tier_at(account, at)
    held = Pledge.objects.filter(brand=ticket.brand_id, kind=run.kind)
    found = held.for_members(queue=queue_at(ticket, at), rank=tier.rank if tier else 0, at=at)
    return found.select_related(*PLEDGE).first()


def facts_of(clocks: Iterable[int]) -> dict[int, list[Fact]]:
    """The logs of clocks by their ids. One query."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for line in ClockFact.objects.filter(clock__in=clocks).order_by("clock", "seq"):
        found[line.clock_id].append(Fact(line.kind, line.at, line.target, hours_of(line.hours_id)))
    return found


def tier_at(account: Account, at: datetime) -> Tier | None:
    """The tier that the account had at `at`, by its history; one written down late holds from its day on."""
    later = (
        account.tier_changes.filter(effective_at__gt=at).order_by("pk").select_related("from_tier").first()
    )
    return later.from_tier if later else account.tier


def queue_at(ticket: Ticket, at: datetime) -> int:
    """The id of the queue in which the ticket was at `at`, by its audit."""
    moves = TicketEvent.objects.filter(ticket=ticket.pk, kind=TicketEvent.Kind.MOVED, at__gt=at)
    moved = moves.order_by("seq").values_list("data__before", flat=True).first()
    return moved if moved is not None else ticket.queue_id
