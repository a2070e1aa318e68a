"""What a rule would do, before it does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agents.models import Brand
from contactcenter import clock
from contactcenter.paging import newest
from tickets import conditions
from tickets.actions import read
from tickets.facts import facts_of, with_customers, words_of
from tickets.models import Rule, Ticket
from tickets.services.rules import checked_conditions


@dataclass(frozen=True)
class DryRun:
    """How many tickets were looked at, which of them fit, and what would be done on each of those, in words."""

    looked: int
    fitting: list[Ticket]
    condition: str
    actions: list[str]


def dry_run(rule: Rule, *, tickets: int = 1000, at: datetime | None = None) -> DryRun:
    """Which of the newest `tickets` of the brand the draft of `rule` fits as they stand now. Nothing is written.

    It takes the same number of queries for one ticket and for a thousand. Refused: `condition_invalid`,
    `action_invalid`.
    """
    at, brand = at or clock.now(), rule.brand
    condition = checked_conditions(rule.conditions, brand)
    words = words_of(brand)
    rows = with_customers(Ticket.objects.filter(brand=brand).order_by(newest()))
    latest = list(rows[:tickets])
    facts = facts_of(latest, conditions.used(condition), words=words, at=at)
    fitting = [ticket for ticket in latest if conditions.holds(condition, facts[ticket.pk], words)]
    return DryRun(len(latest), fitting, conditions.explained(condition, words), told(rule.actions, brand))


def told(actions: object, brand: Brand) -> list[str]:
    """What actions do, a sentence for each. Refused: `action_invalid`."""
    return [step.sentence for step in read(actions, brand)]
