"""What stands on the wall: a line for a queue, somebody on shift, the next ticket, a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Agent
from desk.due import Due, due, span
from goodwill.models import Budget, Request
from tickets.models import Queue

GOAL = 95  # per cent of first answers in time; below it a queue is told in amber, ten below in red
FAR_BELOW = 10
SPARK = 12  # quarters of an hour: the last three
FACES = 3


@dataclass(frozen=True)
class InTime:
    """Of the first answers that were due today: how many were in time, how many late."""

    met: int = 0
    late: int = 0

    @property
    def share(self) -> float | None:
        """Per cent, to a tenth and never rounded up to the goal; None before the first answer."""
        total = self.met + self.late
        return int(1000 * self.met / total) / 10 if total else None

    @property
    def look(self) -> str:
        """How the meter is told: "" at the goal, else warn or bad."""
        if self.share is None or self.share >= GOAL:
            return ""
        return "warn" if self.share >= GOAL - FAR_BELOW else "bad"


@dataclass(frozen=True)
class Person:
    """Somebody whose desk is open."""

    agent: Agent
    in_call_since: datetime | None
    at: datetime

    @property
    def kind(self) -> str:
        return "call" if self.in_call_since else str(self.agent.presence.kind)

    @property
    def words(self) -> str:
        """In a call, 0:06; or the state as its reason names it, and for how long."""
        if self.in_call_since:
            return _("in a call, %(span)s") % {"span": span(self.at - self.in_call_since)}
        present = self.agent.presence
        state = str(present.reason or present.get_kind_display())
        return _("%(state)s, %(span)s") % {"state": state, "span": span(self.at - present.since)}


@dataclass(frozen=True)
class Line:
    """One queue: how many wait (1,000 at most), how long the first of them, what is due, who is on, what came in."""

    queue: Queue
    at: datetime
    in_time: InTime
    people: Sequence[Person]
    opened: Sequence[int]
    calls: int

    @property
    def figures(self) -> dict[str, Any]:
        """What `asking.Waiting` found of it."""
        found: dict[str, Any] = self.queue.figures  # type: ignore[attr-defined]
        return found

    @property
    def waiting(self) -> int:
        return int(self.figures["count"])

    @property
    def nobodys(self) -> int:
        return int(self.figures["nobodys"])

    @property
    def late(self) -> int:
        return int(self.figures["late"])

    @property
    def soon(self) -> int:
        return int(self.figures["soon"])

    @property
    def oldest(self) -> str:
        """How long the one that waits longest does: 2:04."""
        since = instant(self.figures["oldest"])
        return span(self.at - since) if since else ""

    @property
    def chip(self) -> Due | None:
        """The clock of the queue: its oldest broken promise, else its next one."""
        figures = self.figures
        at = instant(figures["latest"] or figures["due"])
        return due(at, now=self.at, since=instant(figures["since"])) if at else None

    @property
    def faces(self) -> Sequence[Person]:
        return self.people[:FACES]

    @property
    def more(self) -> int:
        return max(0, len(self.people) - FACES)

    @property
    def spark(self) -> str:
        """What came in by the quarter of an hour as points of a line, 88 by 20."""
        top = max(*self.opened, 1)
        step = 84 / (SPARK - 1)
        return " ".join(f"{1 + step * i:.1f},{17 - 14 * n / top:.1f}" for i, n in enumerate(self.opened))

    @property
    def spark_end(self) -> str:
        return self.spark.rpartition(",")[2]

    @property
    def came(self) -> int:
        return sum(self.opened)


@dataclass(frozen=True)
class Next:
    """The ticket that is due next."""

    reference: str
    customer: str
    tier: str
    chip: Due


@dataclass(frozen=True)
class Asked:
    """Goodwill that waits, and whether `agent` may answer: not what they asked for themselves, nor a second time."""

    request: Request
    agent: Agent

    @property
    def can_decide(self) -> bool:
        return self.agent.pk not in (self.request.by_id, self.request.approver_id)


@dataclass(frozen=True)
class Spent:
    """A budget that runs at `at`, and how far it is used."""

    budget: Budget
    at: datetime

    @property
    def used(self) -> int:
        """Points given and asked for."""
        return self.budget.spent + self.budget.reserved

    @property
    def share(self) -> int:
        """Per cent of it that is used, 100 at most."""
        return min(100, 100 * self.used // self.budget.points) if self.budget.points else 100

    @property
    def day(self) -> int:
        """Per cent of its time that is over: where an even use would stand."""
        length = self.budget.ends_at - self.budget.starts_at
        return int(100 * ((self.at - self.budget.starts_at) / length))

    @property
    def look(self) -> str:
        """Amber where half is used, and more than its time; red where nothing is left."""
        if self.budget.left <= 0:
            return "bad"
        return "warn" if self.share > max(self.day, 50) else ""


def instant(written: str | None) -> datetime | None:
    """An instant as the database writes it into JSON."""
    return datetime.fromisoformat(written) if written else None
