"""What a pledge would have cost, had it held for the last thirty days: worked out from the logs of the clocks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from contactcenter.paging import newest
from goodwill.models import Pledge
from goodwill.pledged import course_of, turns
from goodwill.services.holding import History, facts_of
from tickets.models import Clock, Ticket

DAYS = 30
TICKETS = 2_000  # at most; of a brand with more the newest


@dataclass(frozen=True)
class Preview:
    """Of `tickets` opened since `since` with `clocks` that the pledge would have held for, it would have paid `times`
    for `points`; `more` were late too, of customers who had been paid as often as it pays."""

    since: datetime
    tickets: int
    clocks: int
    times: int
    points: int
    more: int

    @property
    def is_part(self) -> bool:
        """Whether there were more tickets than are looked at."""
        return self.tickets == TICKETS


def preview(pledge: Pledge, at: datetime) -> Preview:
    """The last thirty days before `at`, as if this pledge had been the only one. Six questions, bounded."""
    since = at - timedelta(days=DAYS)
    rows = Ticket.objects.filter(brand=pledge.brand_id).order_by(newest())
    tickets = list(takewhile(lambda one: one.opened_at > since, rows[:TICKETS]))
    kind = Clock.objects.filter(ticket__in=[one.pk for one in tickets], kind=pledge.kind)
    of_clock = dict(kind.values_list("pk", "ticket"))
    by_id, history, logs = {one.pk: one for one in tickets}, History(tickets, since), facts_of(of_clock)
    looked, late = 0, list[tuple[datetime, int]]()
    for clock, log in logs.items():
        ticket = by_id[of_clock[clock]]
        for turn in turns(log):
            stood = history.stood(ticket, turn[0].at)
            if stood and pledge.fits(programme=stood.programme, queue=stood.queue, rank=stood.rank):
                looked += 1
                course = course_of(turn, pledge.target, at)
                if course.broken_at and course.last != "merged":
                    late.append((course.broken_at, ticket.customer_id))
    times = _paid(pledge, late)
    return Preview(since, len(tickets), looked, times, times * pledge.points, len(late) - times)


def _paid(pledge: Pledge, late: list[tuple[datetime, int]]) -> int:
    """How many of the late ones would have been paid, each customer as often as the pledge pays."""
    before, span = defaultdict[int, list[datetime]](list), timedelta(days=pledge.customer_days)
    for at, customer in sorted(late):
        if len([one for one in before[customer] if one > at - span]) < pledge.per_customer:
            before[customer].append(at)
    return sum(map(len, before.values()))
