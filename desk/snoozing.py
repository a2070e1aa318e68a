"""Until when a ticket is put off: the few times agents choose from, on their own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

MORNING, EVENING = time(9), time(17)
SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Snooze:
    """A `code` for the form, its words, and the instant it means."""

    code: str
    words: str
    until: datetime


def choices(now: datetime) -> list[Snooze]:
    """What is offered at `now`, in the zone of the reader: the next two hours, this evening, the next mornings."""
    local = timezone.localtime(now)
    found = [Snooze("soon", _("For two hours"), now + SOON)]
    if local.time() < EVENING:
        found.append(
            Snooze("evening", _("Until this evening, %s") % f"{EVENING:%H:%M}", _on(local, 0, EVENING))
        )
    found.append(Snooze("tomorrow", _("Until tomorrow, %s") % f"{MORNING:%H:%M}", _on(local, 1, MORNING)))
    days = 7 - local.weekday()
    found.append(Snooze("monday", _("Until Monday, %s") % f"{MORNING:%H:%M}", _on(local, days, MORNING)))
    found.append(Snooze("week", _("For a week"), now + timedelta(days=7)))
    return found


def _on(local: datetime, days: int, at: time) -> datetime:
    """So many days after `local`, at this hour of the same clock."""
    return datetime.combine(local.date() + timedelta(days=days), at, tzinfo=local.tzinfo)
