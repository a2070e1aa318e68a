"""Which windows of time can be promised. Needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_BEFORE, QUIET_FROM = time(8), time(21)  # local hours of the customer in which nobody is called
FARTHEST = timedelta(days=90)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Window:
    """A span of time [start, end) as UTC instants; `quiet` says whether calling in it is forbidden."""

    start: datetime
    end: datetime
    quiet: bool = False


def is_quiet(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether any part of [start, end) falls into the customer's quiet hours (21:00 to 8:00 local time)."""
    first, last = start.astimezone(zone), (end - timedelta(microseconds=1)).astimezone(zone)
    inside = QUIET_BEFORE <= first.time() < QUIET_FROM and QUIET_BEFORE <= last.time() < QUIET_FROM
    return not inside or first.date() != last.date()


def hours_of(day: date, zone: ZoneInfo) -> list[Window]:
    """The hours of the customer's `day` from 7:00 to 22:00 local time, for a choice to be shown."""
    windows = []
    for hour in range(7, 22):
        start = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
        end = start + timedelta(hours=1)
        windows.append(Window(start, end, is_quiet(start, end, zone)))
    return windows


def refusal(start: datetime, end: datetime, *, now: datetime, zone: ZoneInfo, call: bool) -> str:
    """The code of what stands against promising [start, end), `""` when nothing does.

    `past`, `backwards`, `too_long` (12 h), `too_far` (90 days) for all; `quiet_hours` for calls only.
    """
    if end <= start:
        return "backwards"
    if end <= now:
        return "past"
    if end - start > LONGEST:
        return "too_long"
    if start - now > FARTHEST:
        return "too_far"
    return "quiet_hours" if call and is_quiet(start, end, zone) else ""


def after_quiet(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """`start`, or the next 8:00 in `zone` when [start, start + length) would touch quiet hours."""
    if not is_quiet(start, start + length, zone):
        return start
    local = start.astimezone(zone)
    day = local.date() if local.time() < QUIET_BEFORE else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_BEFORE, tzinfo=zone).astimezone(UTC)
