"""When a customer who was not reached is tried again. Needs no database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LENGTH = timedelta(hours=1)  # of the window of a further try
LONGEST_SEARCH = timedelta(days=7)  # after so long an hour that was tried is better than none
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)

Allowed = Callable[[datetime], datetime | None]


@dataclass(frozen=True)
class Rule:
    """How soon after a try the next may come, how many more there are, and whether in another hour of the day only."""

    after: timedelta
    times: int
    other_hour: bool


SHIPPED: Mapping[str, Rule] = {
    "no_answer": Rule(timedelta(minutes=20), 3, other_hour=True),
    "busy": Rule(timedelta(minutes=10), 4, other_hour=False),
    "voicemail": Rule(timedelta(hours=4), 2, other_hour=True),
    "wrong_number": Rule(timedelta(minutes=1), 0, other_hour=False),
}


def earliest(rule: Rule, *, tries: int, at: datetime) -> datetime | None:
    """The instant from which the next try may come, after `tries` (this one included) came to the same end.

    None when the rule allows no more.
    """
    return at + rule.after if tries <= rule.times else None


def hours_tried(tries: Collection[datetime], zone: ZoneInfo) -> frozenset[int]:
    """The local hours of the day (0 to 23) in which tries were made."""
    return frozenset(instant.astimezone(zone).hour for instant in tries)


def hours_touched(start: datetime, length: timedelta, zone: ZoneInfo) -> frozenset[int]:
    """The local hours of the day of which [start, start + length) has a part."""
    steps = range(int((length - TICK) / HOUR) + 1)
    return hours_tried([*(start + step * HOUR for step in steps), start + length - TICK], zone)


def next_hour(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first full hour of the wall clock in `zone` at or after `instant`, as a UTC instant."""
    local = instant.astimezone(zone)
    begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (instant + (HOUR - begun if begun else timedelta())).astimezone(UTC)


def search(
    start: datetime, *, allowed: Allowed, tried: Collection[int], zone: ZoneInfo, length: timedelta = LENGTH
) -> datetime | None:
    """The first start of a window of `length`, at or after `start`, that has no part of an hour that was `tried`.

    `allowed` gives the first start at or after an instant that the rules of windows let be, None where there is none.
    Where a week has nothing else, the first that is allowed whatever was tried: contact hours may be narrower than
    what was tried of them.
    """
    first = found = allowed(start)
    while found is not None and found - start <= LONGEST_SEARCH:
        if not hours_touched(found, length, zone) & frozenset(tried):
            return found
        found = allowed(next_hour(found + TICK, zone))
    return first
