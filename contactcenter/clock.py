"""The one clock of the house: everything that asks the time asks here."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


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
