"""Quarters of an hour folded into hours and days of the reader's calendar. Needs no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from desk.wall.asking import HOURS, QUARTER

MISSED = ("missed", "given_up")
OVER = ("kept", "cancelled", *MISSED)


@dataclass(frozen=True)
class Hour:
    """An hour as it is called on the reader's clock, what was opened and resolved in it."""

    start: datetime
    opened: int
    resolved: int


@dataclass(frozen=True)
class Day:
    """The promises of a day: kept, missed or given up, and still open."""

    day: date
    kept: int
    missed: int
    open: int

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.kept, self.missed, self.open

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def share(self) -> float | None:
        """Of those that are over, how many per cent were kept, never rounded up to 100; None while none is over."""
        over = self.kept + self.missed
        return int(1000 * self.kept / over) / 10 if over else None


def quarters(at: datetime) -> int:
    """Which quarter of an hour since 1970 an instant lies in."""
    return int(at.timestamp()) // QUARTER


def hours_of(opened: Iterable[Any], resolved: Iterable[Any], at: datetime, zone: tzinfo) -> list[Hour]:
    """The twelve hours that end with the one of `at`, each with what its quarters add up to."""
    last = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    starts = [last.astimezone(UTC) - timedelta(hours=back) for back in reversed(range(HOURS))]
    came, went = _by_quarter(opened), _by_quarter(resolved)
    return [
        Hour(
            start.astimezone(zone),
            *(sum(of[quarters(start) + part] for part in range(4)) for of in (came, went)),
        )
        for start in starts
    ]


def days_of(promises: Iterable[Any], days: Sequence[date], zone: tzinfo) -> list[Day]:
    """The promises by the day on which their window begins; what was cancelled is nobody's failure and left out."""
    counts: Counter[tuple[date, str]] = Counter()
    for quarter, state, number in promises:
        day = datetime.fromtimestamp(quarter * QUARTER, zone).date()
        counts[day, state if state in OVER else "open"] += number
    return [
        Day(day, counts[day, "kept"], sum(counts[day, state] for state in MISSED), counts[day, "open"])
        for day in days
    ]


def _by_quarter(rows: Iterable[Any]) -> Counter[int]:
    found: Counter[int] = Counter()
    for quarter, _label, number in rows:
        found[quarter] += number
    return found
