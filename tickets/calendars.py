"""From a calendar's rows to hours that can be counted by, and back from every version ever published."""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from tickets import sla
from tickets.business_hours import BusinessHours, Hours
from tickets.models import Calendar, HoursVersion

VERSIONS_KEPT = 500


def rules_of(calendar: Calendar) -> dict[str, Any]:
    """What the rows of a calendar say, as a version keeps it."""
    week: dict[str, list[list[str]]] = {}
    for opening in calendar.openings.all():
        week.setdefault(str(opening.weekday), []).append(_written(opening.opens, opening.closes))
    days: dict[str, list[list[str]]] = {}
    for special in calendar.special_days.all():
        hours = days.setdefault(special.day.isoformat(), [])
        if special.opens is not None and special.closes is not None:
            hours.append(_written(special.opens, special.closes))
    return {
        "zone": calendar.time_zone,
        "week": week,
        "country": calendar.country,
        "subdivision": calendar.subdivision,
        "days": days,
    }


def counted_by(rules: dict[str, Any]) -> BusinessHours:
    """The hours that the `rules` of a version mean. A country whose holidays nobody knows raises what the package of
    holidays raises there, `NotImplementedError`."""
    closed = (
        holidays.country_holidays(rules["country"], subdiv=rules["subdivision"] or None)
        if rules["country"]
        else ()
    )
    return BusinessHours(
        ZoneInfo(rules["zone"]),
        {int(weekday): _read(hours) for weekday, hours in rules["week"].items()},
        closed,
        {date.fromisoformat(day): _read(hours) for day, hours in rules["days"].items()},
    )


def hours_of(version: int | None) -> sla.Hours:
    """What counts by the version of this id, around the clock for None; kept by the process, for none ever changes."""
    return sla.AROUND_THE_CLOCK if version is None else _published(version)


@lru_cache(maxsize=VERSIONS_KEPT)
def _published(version: int) -> BusinessHours:
    return counted_by(HoursVersion.objects.values_list("rules", flat=True).get(pk=version))


forget = _published.cache_clear  # for whoever changes the database under the process: the tests


def _written(opens: time, closes: time) -> list[str]:
    return [opens.isoformat("minutes"), closes.isoformat("minutes")]


def _read(hours: list[list[str]]) -> list[Hours]:
    return [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in hours]
