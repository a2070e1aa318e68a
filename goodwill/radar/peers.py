"""Who gives far more for each ticket than the peers of their queue. Needs no database."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from goodwill.radar.chance import is_far_above, spread
from goodwill.radar.facts import Gift, Kind, Sign

TICKETS = 40  # resolved in the queue, before the figure of an agent says anything
FEWEST = 5  # gifts
SURE = 2.0  # standard errors that are taken off a figure: what is left is not owed to a few large gifts


def above_peers(gifts: Iterable[Gift], worked: Mapping[tuple[int, int], int]) -> list[Sign]:
    """Agents who give more than 3 spreads above the median of the peers of their queue, in points a ticket, for sure.

    By ticket, else whoever works most would stand out. For sure: two standard errors of the own figure are taken off
    first (of a compound Poisson sum the square root of the sum of squares): figures of few gifts have long tails, and
    by the rule of 3 alone one or two honest agents stood out every night of the simulation. `worked` says how many
    tickets were resolved, by (queue, agent). Eight peers with 40 tickets each are needed; see
    `goodwill.radar.chance.is_far_above` for the formula.
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
            error = math.sqrt(sum(gift.points**2 for gift in rows)) / worked[queue, agent]
            if len(rows) >= FEWEST and is_far_above(figure - SURE * error, others):
                told = {
                    "queue": queue,
                    "a_ticket": round(figure, 1),
                    "error": round(error, 1),
                    "median": round(median(others), 1),
                    "spread": round(spread(others), 1),
                    "peers": len(others),
                    "tickets": worked[queue, agent],
                }
                signs.append(Sign(Kind.ABOVE_PEERS, agent, tuple(rows), told, about=str(queue)))
    return signs
