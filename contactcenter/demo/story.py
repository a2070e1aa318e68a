"""The story the demo data tells: what happened when, told to the services in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from goodwill.models import Reason
from tickets.models import Queue, Ticket

Deed = Callable[[], object]


@dataclass
class Story:
    """Who and what the deeds speak of, by the names the data files use, and the deeds still to be told.

    Deeds of all kinds are sorted by their instant, so that ticket numbers ascend, points of an
    account are used in their true order, and the ledger reads as if it had been kept all along.
    """

    now: datetime
    brands: dict[str, Brand] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    reasons: dict[tuple[str, str], Reason] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    _deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)

    def add(self, at: datetime, deed: Deed) -> None:
        """`deed` happened at the instant `at`; what lies ahead cannot have happened."""
        if at > self.now:
            raise ValueError(f"{at} is after {self.now}")
        self._deeds.append((at, len(self._deeds), deed))

    def tell(self) -> None:
        """Do all deeds, the oldest first; those of one instant in the order in which they were added."""
        for at, _rank, deed in sorted(self._deeds, key=lambda told: told[:2]):
            with clock.standing_at(at):
                deed()
