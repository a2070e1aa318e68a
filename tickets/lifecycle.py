"""Which status a ticket can go to from which. Needs no database."""

from __future__ import annotations

NEW, OPEN, PENDING, ON_HOLD, RESOLVED, CLOSED = "new", "open", "pending", "on_hold", "resolved", "closed"

# Closed is for good: who writes after that gets a new ticket that names the old one.
MOVES: dict[str, frozenset[str]] = {
    NEW: frozenset({OPEN, PENDING, ON_HOLD, RESOLVED}),
    OPEN: frozenset({PENDING, ON_HOLD, RESOLVED}),
    PENDING: frozenset({OPEN, ON_HOLD, RESOLVED}),
    ON_HOLD: frozenset({OPEN, PENDING, RESOLVED}),
    RESOLVED: frozenset({OPEN, CLOSED}),
    CLOSED: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether a ticket in the status `before` can be put into `after`; one that is there already stays."""
    return before == after or after in MOVES[before]
