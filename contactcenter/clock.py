"""The one clock of the house: everything that asks the time asks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_stands: ContextVar[datetime | None] = ContextVar("stands", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _stands.get() or datetime.now(UTC)


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Inside, it is `at`: for deeds told of the past, which are to be written down as they would have been then."""
    token = _stands.set(at)
    try:
        yield
    finally:
        _stands.reset(token)


AHEAD = timedelta(days=1)  # other people's clocks differ from ours


def still_to_come(at: datetime, *, now: datetime | None = None) -> bool:
    """Whether nobody can have seen `at` happen: it lies more than a day ahead of `now` (default: the present)."""
    return at > (now or datetime.now(UTC)) + AHEAD


def zone(*names: str) -> ZoneInfo:
    """The time zone of the first of `names` that is one, UTC when none is.

    For showing: a row that names no zone is told at some hour rather than not at all.
    """
    for name in names:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown; no name at all or a path; a folder of zones
            continue
    return ZoneInfo("UTC")


def day(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The UTC instants [start, end) between which it is `day` in `zone`; days of 23 and 25 hours come out right."""
    start, end = (datetime.combine(one, time.min, tzinfo=zone) for one in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)
