"""How long a customer waited on us, told by the log of a ticket's clocks alone. Needs no database.

Elapsed time, around the clock: points end by the calendar, whatever our hours are, and so does the wait. It runs from
the customer's word until our answer, or until the ticket ended without one. While a ticket is parked with nothing
to answer, or waits on the customer, no clock of an answer runs: that is no wait on us.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.sla import RESUMED, STANDS_AFTER, STARTED, Fact


@dataclass(frozen=True)
class Wait:
    """From `start` to `end` (UTC) the customer waited on us."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it: what ends at the very instant of the word has ended before it."""
        return self.start < at <= self.end


def waits(facts: Sequence[Fact]) -> list[Wait]:
    """The waits that are over by the log of one answer's clock, in their order."""
    found, since = [], None
    for fact in facts:
        if fact.kind in (STARTED, RESUMED):
            since = since or fact.at
        elif fact.kind in STANDS_AFTER and since is not None:
            found.append(Wait(since, fact.at))
            since = None
    return found
