"""Who gives far more for each ticket than the peers of their queue. Needs no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from goodwill.radar.chance import is_far_above, spread
from goodwill.radar.facts import Gift, Kind, Sign

TICKETS = 40  # resolved in the queue, before the figure of an agent says anything
FEWEST = 5  # gifts
TIMES = 2.0  # the median of the peers


def above_peers(gifts: Iterable[Gift], worked: Mapping[tuple[int, int], int]) -> list[Sign]:
    """Agents who give more than 3 spreads above the median of their queue, and twice of it, in points a ticket.

    By ticket, else whoever works most would stand out. `worked` says how many tickets were resolved, by (queue,
    agent). Eight peers with 40 tickets each are needed; see `goodwill.radar.chance.is_far_above` for the formula.
    """
    own: dict[tuple[int, int], list[Gift]] = defaultdict(list)
    for gift in gifts:
        own[gift.queue, gift.agent].append(gift)
    queues: dict[int, dict[int, float]] = defaultdict(dict)
    for (queue, agent), tickets in worked.items():
        if tickets >= TICKETS:
            queues[queue][agent] = sum(gift.points for gift in own[queue, agent]) / tickets
    signs = []
    for queue, figures in queues.items():
        for agent, figure in figures.items():
            others = [each for peer, each in figures.items() if peer != agent]
            rows = own[queue, agent]
            far = len(rows) >= FEWEST and is_far_above(figure, others)
            if far and figure >= TIMES * median(others):
                told = {
                    "queue": queue,
                    "a_ticket": round(figure, 1),
                    "median": round(median(others), 1),
                    "spread": round(spread(others), 1),
                    "peers": len(others),
                    "tickets": worked[queue, agent],
                }
                signs.append(Sign(Kind.ABOVE_PEERS, agent, tuple(rows), told, about=str(queue)))
    return signs
