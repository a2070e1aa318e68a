"""What a report of the admin is asked for: a brand of its reader and days of that brand's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from agents.brand_admin import reader
from agents.models import Brand
from contactcenter import clock


@dataclass(frozen=True)
class Period:
    """A brand among those its reader serves, and days of its calendar with both ends."""

    brand: Brand
    brands: QuerySet[Brand]
    first: date
    last: date

    @property
    def since(self) -> datetime:
        return clock.day(self.first, clock.zone(self.brand.time_zone))[0]

    @property
    def until(self) -> datetime:
        return clock.day(self.last, clock.zone(self.brand.time_zone))[1]


def period_of(request: HttpRequest, *, shown_first: timedelta, longest: timedelta = timedelta.max) -> Period:
    """What the address asks for: `shown_first` before today unless it says otherwise, `longest` at the most.

    What it names and the reader may not see is not there (404).
    """
    brands = Brand.objects.visible_to(reader(request)).order_by("name")
    brand = named(brands, request.GET.get("brand")) or brands.first()
    if brand is None:
        raise Http404
    today = clock.now().astimezone(clock.zone(brand.time_zone)).date()
    last = _day(request.GET.get("to"), today)
    first = min(_day(request.GET.get("from"), last - shown_first), last)
    return Period(brand, brands, last - min(last - first, longest), last)


def named(rows: QuerySet[Any], typed: str | None) -> Any:
    """The row that was asked for by its id, None where none was; 404 for what is not there."""
    if not typed:
        return None
    row = (
        rows.filter(pk=int(typed)).first()
        if typed.isascii() and typed.isdecimal() and len(typed) < 19
        else None
    )
    if row is None:
        raise Http404
    return row


def _day(typed: str | None, otherwise: date) -> date:
    try:
        found = date.fromisoformat(typed or "")
    except ValueError:
        return otherwise
    return found if 1990 <= found.year < 2100 else otherwise
