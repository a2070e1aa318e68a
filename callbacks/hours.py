"""The hours in which a customer wants to be called, as people write them: 9–12, 14:30–18. Needs no database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from itertools import pairwise

from django.utils.translation import gettext as _

from contactcenter.errors import Refused

Span = tuple[time, time]
MIDNIGHT = time(0)
MOST = 4  # spans of a day
SPAN = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–]\s*(\d{1,2})(?:[:.](\d\d))?")


def read(text: str) -> list[Span]:
    """The spans of a day in order, none for an empty text; 24 is the end of the day.

    Refused (`bad_hours`): what is no span, ends before it begins, overlaps, or is more than four of them.
    """
    spans = sorted(_span(part.strip()) for part in text.split(",") if part.strip())
    overlap = any(ends == MIDNIGHT or starts < ends for (_a, ends), (starts, _b) in pairwise(spans))
    if len(spans) > MOST or overlap:
        raise Refused("bad_hours", _("“%s” overlaps, or is more than four spans a day.") % text[:40])
    return spans


def written(spans: Sequence[Span]) -> str:
    """The same for people: 09:00–12:00, 14:30–18:00; "" for none."""
    return ", ".join(
        f"{starts:%H:%M}–{'24:00' if ends == MIDNIGHT else f'{ends:%H:%M}'}" for starts, ends in spans
    )


def _span(text: str) -> Span:
    found = SPAN.fullmatch(text)
    starts, ends = (_minutes(*found.group(n, n + 1)) for n in (1, 3)) if found else (0, 0)
    if not 0 <= starts < ends <= 24 * 60:
        raise Refused("bad_hours", _("“%s” is no span of time; write 9–12 or 14:30–18.") % text[:40])
    return time(*divmod(starts, 60)), time(*divmod(ends % (24 * 60), 60))


def _minutes(hour: str, minute: str | None) -> int:
    """Minutes since midnight; more than a day for what no clock shows."""
    minutes = int(minute or 0)
    return int(hour) * 60 + minutes if minutes < 60 else 24 * 60 + 1
