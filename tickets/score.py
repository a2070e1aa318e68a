"""In which order waiting tickets are worked: each has an instant, *its turn*, and the earliest stands first.

The turn is when the answer is due, less a head start that priority and tier give, and never later than a day after
the customer's word came. All of it is fixed while a ticket waits, so an index holds the order; and as nothing that
comes later than a ticket's turn and the longest head start can pass it, nobody starves. No Django, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

OF_PRIORITY: Mapping[int, int] = {1: -60, 2: 0, 3: 60, 4: 240}  # minutes
OF_A_RANK, MOST_OF_RANKS = 15, 60  # minutes for every step of the tiers, and for all together
GOES_FIRST = 60  # minutes more for a tier with that benefit
LONGEST = max(OF_PRIORITY.values()) + MOST_OF_RANKS + GOES_FIRST
AT_LATEST = timedelta(hours=24)  # the database computes the turn: the column of `Ticket` has this figure, too


def head_start(*, priority: int, rank: int, goes_first: bool) -> int:
    """Minutes that a ticket stands ahead of its due instant: of its `priority` (1 low to 4 urgent), of the customer's
    tier (`rank`: 0 for none, 1 the lowest), and of the benefit of going first. Negative for one that can wait."""
    of_tier = min(rank * OF_A_RANK, MOST_OF_RANKS) + (GOES_FIRST if goes_first else 0)
    return OF_PRIORITY[priority] + of_tier


def turn_of(due_at: datetime, since: datetime | None, head: int) -> datetime:
    """The turn (UTC) of a ticket that is due at `due_at`, with a word waiting `since` and `head` minutes ahead."""
    ahead = due_at - timedelta(minutes=head)
    return min(ahead, since + AT_LATEST) if since else ahead


def is_at_latest(due_at: datetime, since: datetime | None, head: int) -> bool:
    """Whether the wait alone decides: the day has come to the ticket before its due instant did."""
    return since is not None and since + AT_LATEST < due_at - timedelta(minutes=head)
