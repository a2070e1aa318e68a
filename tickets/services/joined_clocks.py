"""The clocks of tickets that become one, are taken apart again, or give a message away.

Nobody's promise is lost: what is due sooner is due in the ticket that goes on, with the log it was counted by.
"""

from __future__ import annotations

from datetime import datetime

from tickets import sla
from tickets.calendars import hours_of
from tickets.models import Clock, ClockFact
from tickets.services.clocks import Clocks

Kind, Fact = Clock.Kind, ClockFact.Kind
ADOPTED = [
    "policy", "hours", "target", "used", "started_at", "since", "due_at", "next_at", "warned_at", "breached_at",
    "ended_at", "was_met",
]  # fmt: skip


class JoinedClocks(Clocks):
    """As `Clocks`, of a ticket that is merged, taken apart or split."""

    def merged(self) -> None:
        """The ticket goes on in another one: what was promised is promised there."""
        for one in self.rows.values():
            if not one.is_over:
                self._end(one, Fact.MERGED)

    def unmerged(self) -> None:
        """The ticket stands alone again: its promises go on as if they had never stood still."""
        for one in self.rows.values():
            last = one.facts.last()
            if one.is_over and last and last.kind == Fact.MERGED:
                self._go_on(one, since=last.at)
        self.settle()

    def take_over(self, theirs: Clocks) -> None:
        """Another ticket comes into this one, its clocks not stopped yet: whatever is due sooner is due here."""
        waiting, own = theirs.answer, self.answer
        if waiting and (own is None or self._ends(waiting) < self._ends(own)):
            kind = own.kind if own else Kind.NEXT if Kind.FIRST in self.rows else Kind.FIRST
            self._adopt(waiting, kind)
        solution, own = theirs.rows.get(Kind.RESOLUTION), self.rows.get(Kind.RESOLUTION)
        runs = solution is not None and not solution.is_over
        if solution and runs and (own is None or own.is_over or self._ends(solution) < self._ends(own)):
            self._adopt(solution, Kind.RESOLUTION)
        self.settle()

    def withdrawn(self) -> None:
        """The word that waited belongs to another ticket now, and no other one waits."""
        if waiting := self.answer:
            self._end(waiting, Fact.STOPPED)
        self.settle()

    def _ends(self, one: Clock) -> datetime:
        """When the time of a clock is up; of one that stands, if it ran from now on."""
        if one.due_at:
            return one.due_at
        left = one.target - one.used
        return hours_of(one.hours_id).add(self.at, max(left, sla.NO_TIME).total_seconds())

    def _adopt(self, theirs: Clock, kind: str) -> None:
        """Count on with another ticket's clock; the log of its last start is copied, so that it folds to the same."""
        one = self.rows.get(kind)
        if one is None:
            one = self.rows[kind] = Clock(ticket=self.ticket, kind=kind)
        elif one.is_over:
            one.turn += 1
        for name in ADOPTED:
            setattr(one, name, getattr(theirs, name))
        facts = list(theirs.facts.all())
        last_start = max(number for number, fact in enumerate(facts) if fact.kind == Fact.STARTED)
        for fact in facts[last_start:]:
            one.seq += 1
            self._facts.append(
                ClockFact(
                    clock=one,
                    seq=one.seq,
                    kind=fact.kind,
                    at=fact.at,
                    target=fact.target,
                    hours_id=fact.hours_id,
                )
            )
        self._changed.add(one.kind)
