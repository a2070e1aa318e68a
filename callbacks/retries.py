"""When a customer who was not reached is tried again. Needs no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LENGTH = timedelta(hours=1)  # of the window of a further try
LONGEST_SEARCH = timedelta(days=7)  # after so long an hour that was tried is better than none
QUARTER, MOMENT = timedelta(minutes=15), timedelta(microseconds=1)  # no zone is off by less than a quarter


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


def is_other_hour(start: datetime, end: datetime, *, zone: ZoneInfo, hours: Collection[int]) -> bool:
    """Whether no part of [start, end) lies in one of these local `hours` of the day."""
    moments = [start + QUARTER * number for number in range(-((start - end) // QUARTER))]
    return not any(moment.astimezone(zone).hour in hours for moment in [*moments, end - MOMENT])
