"""When a pledge on a clock is up or was broken, told by the clock's log alone. Needs no database.

A pledge with minutes of its own counts what the clock counted: opening time by the hours of each line, and nothing
while the clock stood. One without follows the clock's own target, and is broken when the log says that it was late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tickets.sla import CHANGES_NOTHING, NO_TIME, RESUMED, STANDS_AFTER, STARTED, Fact

BREACHED, MET = "breached", "met"
ENDS = (MET, "stopped", "merged")


@dataclass(frozen=True)
class Course:
    """How a pledge stands by the log of one turn of a clock.

    `due_at` is when its time is up, or was; None where the clock stands with time left. `broken_at` is when it was
    broken, `last` the kind of the line that ended the turn (`""`: it goes on), and `answered_at` when what was promised
    came.
    """

    due_at: datetime | None
    broken_at: datetime | None
    last: str = ""
    answered_at: datetime | None = None


def course_of(turn: Sequence[Fact], target: timedelta | None, at: datetime) -> Course:
    """How a pledge of `target` opening time (None: of the clock's own) stands at `at` (UTC) by the lines of a turn.

    What came at the very instant at which the time was up came in time.
    """
    lines = [fact for fact in turn if fact.kind not in CHANGES_NOTHING]
    due_at, broken_at = _up(lines, target, at)
    if target is None:
        broken_at = next((due_at or fact.at for fact in turn if fact.kind == BREACHED), None)
    stands = next(fact for fact in reversed(lines) if fact.kind in (STARTED, RESUMED, *ENDS))
    over = stands.kind in ENDS
    return Course(due_at, broken_at, stands.kind if over else "", stands.at if stands.kind == MET else None)


def turns(facts: Sequence[Fact]) -> list[Sequence[Fact]]:
    """The lines of each turn of a clock, in their order."""
    starts = [number for number, fact in enumerate(facts) if fact.kind == STARTED]
    return [facts[start:end] for start, end in pairwise([*starts, len(facts)])]


def turn_since(facts: Sequence[Fact], start: datetime) -> Sequence[Fact]:
    """The lines of the turn that started at `start`: the last of them, where a merge has begun it anew."""
    return [turn for turn in turns(facts) if turn[0].at == start][-1]


def _up(
    lines: Sequence[Fact], target: timedelta | None, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the time is up as far as is known at `at`, and the same instant where it has passed while the clock ran."""
    used, runs = NO_TIME, True
    for number, fact in enumerate(lines):
        runs = fact.kind in (STARTED, RESUMED) or (fact.kind not in STANDS_AFTER and runs)
        if not runs:
            continue
        left = (target or fact.target) - used
        up = fact.hours.add(fact.at, left.total_seconds()) if left > NO_TIME else fact.at
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following is None:
            return up, up if up <= at else None
        if up < following.at:
            return up, up
        used += timedelta(seconds=max(0.0, fact.hours.between(fact.at, following.at)))
    return None, None
