"""How a clock of a promise runs: what of its time is used, and when it is up. Needs no database.

A clock counts opening time only, by the hours it was given. It is told what happens to it one fact after another
(`started`, `paused`, `resumed`, `retargeted`); `folded` works the same out from all facts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol

NO_TIME = timedelta(0)

STARTED, RESUMED, RETARGETED = "started", "resumed", "retargeted"
STANDS_AFTER = ("paused", "met", "stopped", "merged")
CHANGES_NOTHING = ("warned", "breached")


class Hours(Protocol):
    """What counts the time: `tickets.business_hours.BusinessHours`, or `AROUND_THE_CLOCK`."""

    def add(self, instant: datetime, seconds: float) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...


class _AroundTheClock:
    """Every second counts, whatever the day."""

    def add(self, instant: datetime, seconds: float) -> datetime:
        return instant.astimezone(UTC) + timedelta(seconds=seconds)

    def between(self, start: datetime, end: datetime) -> float:
        return (end - start).total_seconds()


AROUND_THE_CLOCK: Hours = _AroundTheClock()


@dataclass(frozen=True)
class Reading:
    """How a clock stands: of `target` it had `used` so much at `since` (UTC); `due_at` while it runs, else None."""

    target: timedelta
    used: timedelta
    since: datetime
    due_at: datetime | None

    @property
    def runs(self) -> bool:
        return self.due_at is not None

    def used_at(self, at: datetime, hours: Hours) -> timedelta:
        """What is used of the target at `at`."""
        return self.used + _counted(hours, self.since, at) if self.runs else self.used


def started(at: datetime, target: timedelta, hours: Hours) -> Reading:
    """A clock that begins to run at `at` with nothing used."""
    return Reading(target, NO_TIME, at, _due(hours, at, target))


def paused(reading: Reading, at: datetime, hours: Hours) -> Reading:
    """The same clock, standing still from `at` on."""
    return replace(reading, used=reading.used_at(at, hours), since=at, due_at=None)


def resumed(reading: Reading, at: datetime, hours: Hours) -> Reading:
    """The same clock, running again with what was left; one whose time is up is due at once."""
    return replace(reading, since=at, due_at=_due(hours, at, reading.target - reading.used))


def retargeted(reading: Reading, at: datetime, target: timedelta, before: Hours, after: Hours) -> Reading:
    """The same clock with another target and other hours from `at` on.

    What it has used, by the hours of `before`, stays used: where that is more than the new target, it is due at once.
    """
    used = reading.used_at(at, before)
    due_at = _due(after, at, target - used) if reading.runs else None
    return Reading(target, used, at, due_at)


def warn_at(reading: Reading, percent: int, hours: Hours) -> datetime | None:
    """When `percent` of the target will be used; None while the clock stands."""
    if not reading.runs:
        return None
    return _due(hours, reading.since, reading.target * percent / 100 - reading.used)


@dataclass(frozen=True)
class Fact:
    """A line of a clock's log: what happened to it at `at`, and the target and hours it has from then on."""

    kind: str
    at: datetime
    target: timedelta
    hours: Hours


def folded(facts: Sequence[Fact]) -> Reading:
    """How the clock stands after all `facts`, in their order, counted from its log alone.

    What is used is the sum over every stretch in which the clock ran since its last start. A log that does not begin
    with a start is a `ValueError`.
    """
    told = [fact for fact in facts if fact.kind not in CHANGES_NOTHING]
    starts = [number for number, fact in enumerate(told) if fact.kind == STARTED]
    if not starts or starts[0]:
        raise ValueError("A clock's log begins with its start.")
    told = told[starts[-1] :]
    used, running = NO_TIME, True
    for fact, following in pairwise(told):
        running = _runs_after(fact, running)
        if running:
            used += _counted(fact.hours, fact.at, following.at)
    last = told[-1]
    due_at = _due(last.hours, last.at, last.target - used) if _runs_after(last, running) else None
    return Reading(last.target, used, last.at, due_at)


def _runs_after(fact: Fact, running: bool) -> bool:
    if fact.kind in (STARTED, RESUMED):
        return True
    return fact.kind not in STANDS_AFTER and running


def _counted(hours: Hours, start: datetime, end: datetime) -> timedelta:
    return timedelta(seconds=max(0.0, hours.between(start, end)))


def _due(hours: Hours, at: datetime, left: timedelta) -> datetime:
    return hours.add(at, left.total_seconds()) if left > NO_TIME else at
