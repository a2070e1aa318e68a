"""The clocks of a ticket: brought in line with every deed, in the deed's own transaction and under the ticket's lock.

Two rules decide which run. An answer's clock runs from the first word of the customer that nobody answered until the
answer. The clock of the solution runs until the ticket ends, and stands while it is parked (pending, on hold) *and* no
word of the customer waits: whoever parks a ticket instead of answering stops no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty.treatment import treatment_of
from tickets import sla
from tickets.calendars import hours_of
from tickets.models import Clock, ClockFact, SlaPolicy, Ticket, TicketEvent
from tickets.score import head_start
from tickets.services.steps import record

Kind, Fact, Status = Clock.Kind, ClockFact.Kind, Ticket.Status
PARKED = (Status.PENDING, Status.ON_HOLD)
WRITTEN = [
    "policy", "hours", "target", "used", "turn", "started_at", "since", "due_at", "next_at", "warned_at", "breached_at",
    "ended_at", "seq", "was_met", "wait_ended_at",
]  # fmt: skip
WARN_PERCENT = 75  # where no policy holds and the queue's own time counts


@dataclass(frozen=True)
class Promise:
    """What holds for a ticket: the policy (None: its queue's own time, around the clock), the times it gives, and the
    head start in the queue; times and head start reckon with the customer's `tier`."""

    policy: SlaPolicy | None
    hours: int | None
    targets: dict[str, timedelta]
    tier: int | None
    head_start: int


def promise_to(ticket: Ticket, at: datetime) -> Promise:
    """The first policy that fits the ticket as it stands; without one, its queue's `reply_minutes` for every answer.

    A tier that is answered sooner has its percentage of the minutes for an answer, one at least.
    """
    treatment = treatment_of(ticket.customer_id, at)
    policy = SlaPolicy.objects.matching(ticket).select_related("calendar").first()
    given: dict[str, int | None] = dict.fromkeys(Clock.ANSWERS, ticket.queue.reply_minutes)
    if policy:
        given = {Kind.FIRST: policy.first_minutes, Kind.NEXT: policy.next_minutes}
    targets = {
        kind: timedelta(minutes=max(1, minutes * treatment.reply_percent // 100))
        for kind, minutes in given.items()
        if minutes
    }
    if policy and policy.resolution_minutes:
        targets[Kind.RESOLUTION] = timedelta(minutes=policy.resolution_minutes)
    ahead = head_start(priority=ticket.priority, rank=treatment.rank, goes_first=treatment.goes_first)
    hours = policy.calendar.hours_id if policy and policy.calendar else None
    return Promise(policy, hours, targets, treatment.tier, ahead)


class Clocks:
    """The clocks of one locked ticket, read once; `keep` writes what has changed, and the nearest end on the ticket.

    `rows` if the caller has read them under that lock.
    """

    def __init__(self, ticket: Ticket, at: datetime, rows: Iterable[Clock] | None = None) -> None:
        self.ticket, self.at = ticket, at
        if rows is None:
            rows = Clock.objects.filter(ticket=ticket).select_related("policy__escalate_to")
        self.rows = {one.kind: one for one in rows}
        self._promise: Promise | None = None
        self._changed: set[str] = set()
        self._facts: list[ClockFact] = []

    @property
    def promise(self) -> Promise:
        """What holds for the ticket; asked once, and only by what needs it."""
        if self._promise is None:
            self._promise = promise_to(self.ticket, self.at)
        return self._promise

    @property
    def answer(self) -> Clock | None:
        """The clock of the word that waits; None when all are answered."""
        waiting = (self.rows.get(kind) for kind in Clock.ANSWERS)
        return next((one for one in waiting if one and not one.is_over), None)

    def heard(self) -> None:
        """The customer said something: it wants an answer, unless an earlier word waits already."""
        if not self.rows and Kind.RESOLUTION in self.promise.targets:
            self._begin(Kind.RESOLUTION)
        if self.answer is None:
            self._begin(Kind.NEXT if Kind.FIRST in self.rows else Kind.FIRST)
        self.settle()

    def answered(self) -> None:
        """We said something: the word that waited has its answer."""
        if waiting := self.answer:
            self._end(waiting, Fact.MET)
        self.settle()

    def ended(self) -> None:
        """The ticket is over: its solution is there, and nobody waits for an answer any more."""
        for one in self.rows.values():
            if not one.is_over:
                self._end(one, Fact.MET if one.kind == Kind.RESOLUTION else Fact.STOPPED)

    def reopened(self) -> None:
        """The ticket is taken up again by us: a word that its end cut off waits on."""
        latest = self.rows.get(Kind.NEXT) or self.rows.get(Kind.FIRST)
        if latest and latest.is_over and not latest.was_met:
            self._go_on(latest)
        self.settle()

    def settle(self) -> None:
        """The clock of the solution runs or stands as the ticket does."""
        solution = self.rows.get(Kind.RESOLUTION)
        if solution is None or self.ticket.status in Ticket.ENDED or _is_withdrawn(solution):
            return
        stands = self.ticket.status in PARKED and self.answer is None
        if stands and solution.due_at is not None:
            self._write(solution, Fact.PAUSED, sla.paused(_reading(solution), self.at, _hours(solution)))
        elif not stands and solution.due_at is None:
            self._go_on(solution)

    def retarget(self) -> None:
        """The ticket has changed, and another promise may hold: clocks go on with what they have used."""
        if self.ticket.status in Ticket.ENDED:
            return
        targets = self.promise.targets  # asked in any case: the place in the queue follows, too
        for one in [one for one in self.rows.values() if not one.is_over]:
            target = targets.get(one.kind)
            if target is None:
                self._end(one, Fact.STOPPED)
            elif (target, self.promise.hours) != (one.target, one.hours_id):
                before, after = _hours(one), hours_of(self.promise.hours)
                reading = sla.retargeted(_reading(one), self.at, target, before, after)
                one.policy, one.hours_id = self.promise.policy, self.promise.hours
                self._write(one, Fact.RETARGETED, reading)
                self._arm_again(one)
            elif one.policy != self.promise.policy:  # which says whom to tell
                one.policy = self.promise.policy
                self._changed.add(one.kind)
        if self.rows and Kind.RESOLUTION in targets:
            self._promise_solution()
        self.settle()

    def tell(self, one: Clock, kind: str) -> None:
        """Log that of a clock's warning or end was told."""
        if kind == Fact.WARNED:
            one.warned_at = self.at
        else:
            one.breached_at = self.at
            record(self.ticket, TicketEvent.Kind.LATE, by=None, at=self.at, clock=one.kind, turn=one.turn)
        self._log(one, kind)

    def keep(self) -> None:
        """Write what has changed, and put the nearest end on the ticket, which the deed saves."""
        changed = [one for one in self.rows.values() if one.kind in self._changed]
        if old := [one for one in changed if one.pk]:
            Clock.objects.bulk_update(old, WRITTEN)
        if new := [one for one in changed if not one.pk]:
            Clock.objects.bulk_create(new)
        if self._facts:
            for fact in self._facts:
                fact.clock = fact.clock  # which had no key before it was written
            ClockFact.objects.bulk_create(self._facts)
        self._changed, self._facts = set(), []
        running = [one for one in self.rows.values() if one.due_at]
        nearest = min(running, key=lambda one: (one.due_at, one.kind), default=None)
        self.ticket.due_at = nearest.due_at if nearest else None
        self.ticket.due_kind = nearest.kind if nearest else ""
        self.ticket.due_since = nearest.started_at if nearest else None
        if self._promise:
            self.ticket.promised_tier_id, self.ticket.head_start = (
                self._promise.tier,
                self._promise.head_start,
            )

    def _arm_again(self, one: Clock) -> None:
        """A new promise whose time is still to come is told of like the first; one that is late at once was told of."""
        if one.due_at and one.due_at > self.at:
            one.warned_at = one.breached_at = None
            one.next_at = _next_look(one)

    def _promise_solution(self) -> None:
        """A solution is promised now: from now on where none was before, else with what is used already."""
        solution = self.rows.get(Kind.RESOLUTION)
        if solution is None:
            self._begin(Kind.RESOLUTION)
        elif _is_withdrawn(solution):
            solution.policy, solution.hours_id = self.promise.policy, self.promise.hours
            solution.target = self.promise.targets[Kind.RESOLUTION]
            self._go_on(solution)

    def _begin(self, kind: str) -> None:
        """A clock of this kind starts anew, with the promise that holds now."""
        hours = hours_of(self.promise.hours)
        reading = sla.started(self.at, self.promise.targets[kind], hours)
        one = self.rows.get(kind)
        if one is None:
            one = self.rows[kind] = Clock(ticket=self.ticket, kind=kind)
        else:
            one.turn += 1
        one.policy, one.hours_id, one.started_at = self.promise.policy, self.promise.hours, self.at
        one.warned_at = one.breached_at = one.ended_at = None
        one.was_met = False
        self._write(one, Fact.STARTED, reading)

    def _go_on(self, one: Clock, *, since: datetime | None = None) -> None:
        """A clock that stood runs again, from now on or as if it had run `since` an instant before."""
        since = since or self.at
        one.ended_at, one.was_met = None, False
        self._write(one, Fact.RESUMED, sla.resumed(_reading(one), since, _hours(one)), at=since)

    def _end(self, one: Clock, kind: str) -> None:
        reading = sla.paused(_reading(one), self.at, _hours(one)) if one.due_at else _reading(one)
        self._write(one, kind, reading)
        one.ended_at, one.was_met = self.at, kind == Fact.MET
        if one.kind in Clock.ANSWERS:
            one.wait_ended_at = self.at

    def _write(self, one: Clock, kind: str, reading: sla.Reading, *, at: datetime | None = None) -> None:
        """What happened to a clock at `at` (left out: now). Whose time was up before, and nobody has told yet, is told
        of first; what goes on in another ticket is told of there."""
        if one.due_at and one.due_at < self.at and one.breached_at is None and kind != Fact.MERGED:
            self.tell(one, Fact.BREACHED)
        one.target, one.used, one.since, one.due_at = (
            reading.target,
            reading.used,
            reading.since,
            reading.due_at,
        )
        self._log(one, kind, at=at)

    def _log(self, one: Clock, kind: str, *, at: datetime | None = None) -> None:
        one.seq += 1
        one.next_at = _next_look(one)
        fact = ClockFact(
            clock=one,
            seq=one.seq,
            kind=kind,
            at=at or self.at,
            target=one.target,
            hours_id=one.hours_id,
        )
        self._facts.append(fact)
        self._changed.add(one.kind)


def retarget(ticket: Ticket, at: datetime) -> None:
    """Let the clocks of a locked ticket follow what has changed on it; the deed saves the ticket."""
    clocks = Clocks(ticket, at)
    clocks.retarget()
    clocks.keep()


def _is_withdrawn(solution: Clock) -> bool:
    """Whether a solution was promised once, and is no more since the ticket has changed."""
    return solution.is_over and not solution.was_met


def _reading(one: Clock) -> sla.Reading:
    return sla.Reading(one.target, one.used, one.since, one.due_at)


def _hours(one: Clock) -> sla.Hours:
    return hours_of(one.hours_id)


def _next_look(one: Clock) -> datetime | None:
    """When there is something to tell of a clock: its warning, then its end, then nothing any more."""
    if one.due_at is None or one.breached_at:
        return None
    if one.warned_at:
        return one.due_at
    percent = one.policy.warn_percent if one.policy else WARN_PERCENT
    return sla.warn_at(_reading(one), percent, _hours(one))
