"""The windows of a day as the desk offers them, in the customer's time with the agent's beside it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date

from callbacks import windows
from contactcenter import clock
from customers.models import Customer
from desk.access import AgentRequest


def days_and_hours(request: AgentRequest, customer: Customer) -> dict[str, Any]:
    """The hours of one day in the customer's zone, today unless ?day= names one to come, and the days beside it."""
    zone, now = ZoneInfo(customer.zone), clock.now()
    today = now.astimezone(zone).date()
    asked = _day(request.GET.get("day", ""))
    day = asked if asked and today <= asked <= today + windows.FARTHEST else today
    hours = windows.offered(day, zone, now=now, rules=windows.rules_for(zone))
    return {
        "here": request.path,  # where another day is asked for, unless the page around it says so
        "zone": customer.zone,
        "now": now,
        "day": day,
        "today": today,
        "days": [today + timedelta(days=n) for n in range(4)],
        "hours": [window for window in hours if window.why_not != "past"],
    }


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
