"""The windows of a day as the desk offers them, in the customer's time with the agent's beside it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.dateparse import parse_date

from callbacks import windows
from callbacks.services import Asked, windows_of_day, windows_of_first_free
from contactcenter import clock
from desk.access import AgentRequest


def days_and_hours(request: AgentRequest, asked: Asked) -> dict[str, Any]:
    """The hours of one day in the customer's zone, and the days beside it: the day that ?day= names, else the first of
    these that has an hour to promise."""
    now = clock.now()
    today = now.astimezone(asked.place.zone).date()
    named = _day(request.GET.get("day", ""))
    days = [today + timedelta(days=n) for n in range(4)]
    if named and today <= named <= today + windows.FARTHEST:
        day, hours = named, windows_of_day(asked, named, at=now)
    else:
        day, hours = windows_of_first_free(asked, days, at=now)
    return {
        "here": request.path,  # where another day is asked for, unless the page around it says so
        "zone": asked.place.zone.key,
        "now": now,
        "day": day,
        "today": today,
        "days": days,
        "hours": hours,
    }


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
