"""What an agent who went offline left open comes back to its queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from agents.presence.models import Kind, Presence
from contactcenter import clock
from tickets.models import RoutingPolicy, Ticket, TicketEvent
from tickets.services.steps import hand_to, keep

AT_ONCE = 50  # tickets in a transaction
Event, RULE = TicketEvent.Kind, TicketEvent.Actor.RULE


def return_left(*, at: datetime | None = None) -> int:
    """Take tickets that wait for us back from agents who are offline, in the queues that hand out; how many.

    The queue's grace has to be over, since they left and since the ticket was last given to them. What waits for the
    customer stays with its agent until the customer answers.
    """
    at = at or clock.now()
    active = RoutingPolicy.objects.filter(is_active=True)
    return sum(return_some(policy, at=at) for policy in active)


@transaction.atomic
def return_some(policy: RoutingPolicy, *, at: datetime) -> int:
    """Fifty of them at most, of one queue."""
    grace = at - timedelta(minutes=policy.return_minutes)
    still_there = Presence.objects.filter(agent=OuterRef("assignee")).exclude(
        kind=Kind.OFFLINE, since__lte=grace
    )
    just_given = TicketEvent.objects.filter(ticket=OuterRef("pk"), kind=Event.ASSIGNED, at__gt=grace)
    left = Ticket.objects.to_return().filter(~Exists(still_there), ~Exists(just_given), queue=policy.queue_id)
    tickets = list(
        left.select_for_update(skip_locked=True, of=("self",)).select_related("brand", "queue", "assignee")[
            :AT_ONCE
        ]
    )
    for ticket in tickets:
        hand_to(ticket, None, None, at, actor=RULE, routed=["offline"])
        keep(ticket)
    return len(tickets)
