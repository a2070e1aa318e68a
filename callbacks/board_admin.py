"""The supervisors' board: the promises of a brand on a day, what ends first on top, to be moved and handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from agents.brand_admin import reader
from agents.models import Agent, Brand, Team
from agents.period_admin import named
from callbacks.board import SHOWN, Asked, Column, columns_of
from callbacks.directing_admin import AT_ONCE
from callbacks.services.steps import DIRECT
from contactcenter import clock

DAY = timedelta(days=1)


class BoardAdmin(ModelAdmin):
    """The list of promises leads to the board of a day."""

    @action(description=gettext_lazy("Board"), permissions=["view"], url_path="board", icon="view_kanban")
    def board(self, request: HttpRequest) -> HttpResponse:
        """?brand=&day=&team=&owner=: today of the first brand, of all teams and owners, unless asked otherwise."""
        asked = _asked(request)
        zone = clock.zone(asked.brand.time_zone)
        day = asked.start.astimezone(zone).date()
        columns = columns_of(asked)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Callbacks of %s") % asked.brand,
            "asked": asked,
            "day": day,
            "days": [
                (words, f"?{_address(asked, other)}")
                for other, words in ((day - DAY, _("Day before")), (day + DAY, _("Day after")))
            ],
            "today": None if asked.is_today else f"?{_address(asked, asked.at.astimezone(zone).date())}",
            "columns": [(column, _list(asked, column, day)) for column in columns],
            "brands": Brand.objects.visible_to(reader(request)).order_by("name"),
            "teams": Team.objects.filter(brand=asked.brand).order_by("name"),
            "owners": Agent.objects.serving(asked.brand).order_by("name"),
            "shown": SHOWN,
            "at_once": AT_ONCE,
            "zone": zone,
            "may_direct": reader(request).has_perm(DIRECT),
        }
        return TemplateResponse(request, "admin/callbacks/callback/board.html", context)


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; a team or an owner that is not of the brand is not there (404)."""
    brands = Brand.objects.visible_to(reader(request)).order_by("name")
    brand = named(brands, request.GET.get("brand")) or brands.first()
    if brand is None:
        raise Http404
    at, zone = clock.now(), clock.zone(brand.time_zone)
    start, end = clock.day(_day(request.GET.get("day", ""), at.astimezone(zone).date()), zone)
    asked = Asked(brand, start, end, at)
    return replace(
        asked,
        team=named(Team.objects.filter(brand=brand), request.GET.get("team")),
        owner=named(Agent.objects.filter(brands=brand), request.GET.get("owner")),
    )


def _day(typed: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return otherwise
    return found if 1990 <= found.year < 2100 else otherwise


def _address(asked: Asked, day: date) -> str:
    of = {"brand": asked.brand.pk, "day": day.isoformat()}
    narrowed = {name: row.pk for name, row in (("team", asked.team), ("owner", asked.owner)) if row}
    return urlencode(of | narrowed)


def _list(asked: Asked, column: Column, day: date) -> str:
    """The list of all that a column stands for."""
    of: dict[str, Any] = {"brand__id__exact": asked.brand.pk, "board": column.code}
    first = {} if asked.is_today and column.is_open else {"window_from_from": day}
    team = {"team__id__exact": asked.team.pk} if asked.team else {}
    owner = {"owner__id__exact": asked.owner.pk} if asked.owner else {}
    query = urlencode(of | first | {"window_from_to": day} | team | owner)
    return f"{reverse('admin:callbacks_callback_changelist')}?{query}"
