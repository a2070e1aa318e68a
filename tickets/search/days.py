"""Days as they are typed into the search."""

from __future__ import annotations

import re
from datetime import date

DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def first_day(typed: str) -> date | None:
    """The day 2026-01-31, or the first one of the month 2026-01 or of the year 2026; None for what is no day."""
    if not (parts := DATE.fullmatch(typed)):
        return None
    year, month, day = (int(part or 1) for part in parts.groups())
    try:
        return date(year, month, day) if 1900 < year < 9000 else None
    except ValueError:
        return None
