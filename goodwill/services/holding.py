"""Which pledge held when a clock started: by the tier and the queue of that instant, not those of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodwill.models import Pledge, PledgeRun
from loyalty.models import Account, TierChange
from tickets.calendars import hours_of
from tickets.models import ClockFact, Ticket, TicketEvent
from tickets.sla import Fact

PLEDGE = ("budget", "reason", "published_by")  # what a payment needs of it


@dataclass(frozen=True)
class Stood:
    """A member's programme and rank of tier (0: none) and the queue of the ticket, at an instant."""

    programme: int
    rank: int
    queue: int


class History:
    """Where tickets and their customers stood at any instant after `since`, by audit and history; three questions."""

    def __init__(self, tickets: Sequence[Ticket], since: datetime) -> None:
        self._accounts = {
            one.customer_id: one
            for one in Account.objects.filter(
                customer__in={one.customer_id for one in tickets}
            ).select_related("tier")
        }
        self._changes, self._moves = defaultdict[int, list[Any]](list), defaultdict[int, list[Any]](list)
        changes = TierChange.objects.filter(account__in=list(self._accounts.values()), effective_at__gt=since)
        for change in changes.order_by("pk").select_related("from_tier"):
            self._changes[change.account_id].append(change)
        moves = TicketEvent.objects.filter(
            ticket__in=[one.pk for one in tickets], kind=TicketEvent.Kind.MOVED, at__gt=since
        )
        for ticket, at, before in moves.order_by("ticket", "seq").values_list("ticket", "at", "data__before"):
            self._moves[ticket].append((at, before))

    def stood(self, ticket: Ticket, at: datetime) -> Stood | None:
        """At the instant `at`; None of who is no member. A tier that was written down late holds from its day on."""
        account = self._accounts.get(ticket.customer_id)
        if account is None:
            return None
        later = next((one for one in self._changes[account.pk] if one.effective_at > at), None)
        tier = later.from_tier if later else account.tier
        queue = next((before for moved, before in self._moves[ticket.pk] if moved > at), ticket.queue_id)
        return Stood(account.programme_id, tier.rank if tier else 0, queue)


def holding_pledge(run: PledgeRun, ticket: Ticket) -> Pledge | None:
    """The pledge that held for this customer when the clock of `run` started, the dearest of several.

    What had begun in a ticket that went into this one is promised on as it was there. None for who is no member.
    """
    came_in = PledgeRun.objects.same_wait(run).filter(ticket__merged_into=ticket.pk)
    if before := came_in.select_related("ticket", *(f"pledge__{name}" for name in PLEDGE)).first():
        return before.pledge or holding_pledge(before, before.ticket)
    at = run.started_at
    stood = History([ticket], at).stood(ticket, at)
    if stood is None:
        return None
    of_kind = Pledge.objects.filter(brand=ticket.brand_id, kind=run.kind)
    found = of_kind.for_members(programme=stood.programme, queue=stood.queue, rank=stood.rank, at=at)
    return found.select_related(*PLEDGE).first()


def facts_of(clocks: Iterable[int]) -> dict[int, list[Fact]]:
    """The logs of clocks by their ids. One query, and one for each calendar that is not known yet."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for line in ClockFact.objects.filter(clock__in=list(clocks)).order_by("clock", "seq"):
        found[line.clock_id].append(Fact(line.kind, line.at, line.target, hours_of(line.hours_id)))
    return found
