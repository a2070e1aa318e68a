"""The supervisors' page on the hours ahead: what is promised, who it takes, who is here, and where that is short."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action

from agents.brand_admin import reader
from agents.chart_admin import FIRST, SECOND, chart
from agents.models import Brand, Team
from agents.period_admin import named
from callbacks.staffing import Hour, staffing
from contactcenter import clock


class StaffingAdmin(ModelAdmin):
    """The list of promises leads to who it takes to keep them."""

    @action(description=gettext_lazy("Staffing"), permissions=["view"], url_path="staffing", icon="groups")
    def staffing(self, request: HttpRequest) -> HttpResponse:
        """The next 24 hours of ?brand= (the first), of all its calls or those of ?team=."""
        brands = Brand.objects.visible_to(reader(request)).order_by("name")
        brand = named(brands, request.GET.get("brand")) or brands.first()
        if brand is None:
            raise Http404
        teams = Team.objects.filter(brand=brand).order_by("name")
        team, zone = named(teams, request.GET.get("team")), clock.zone(brand.time_zone)
        found = staffing(brand, at=clock.now(), team=team)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Staffing of %s") % brand,
            "brands": brands,
            "brand": brand,
            "teams": teams,
            "team": team,
            "zone": zone,
            "found": found,
            "hours": [(hour, _wait(hour), round(hour.in_time * 100)) for hour in found.hours],
            "sentences": [_short(hour, zone) for hour in found.hours if hour.short],
            "chart": _chart(found.hours, zone),
        }
        return TemplateResponse(request, "admin/callbacks/callback/staffing.html", context)


def _wait(hour: Hour) -> str:
    """The expected wait in words."""
    if hour.wait is None:
        return _("grows without end")
    if hour.wait < 1:
        return "–"
    if hour.wait < 90:
        return _("%d s") % round(hour.wait)
    return _("%s min") % number_format(hour.wait / 60, 1)


def _short(hour: Hour, zone: Any) -> str:
    words = {"at": f"{hour.start.astimezone(zone):%H:%M}", "needed": hour.needed, "here": hour.here}
    sentence = ngettext(
        "From %(at)s one agent is missing: it takes %(needed)d, %(here)d are here now.",
        "From %(at)s %(short)d agents are missing: it takes %(needed)d, %(here)d are here now.",
        hour.short,
    )
    return sentence % (words | {"short": hour.short})


def _chart(hours: list[Hour], zone: Any) -> str:
    """Agents needed and here by hour for Chart.js; the table says the same."""
    lines = [
        (_("Agents needed"), [hour.needed for hour in hours], FIRST),
        (_("Here now"), [hour.here for hour in hours], SECOND),
    ]
    return chart([f"{hour.start.astimezone(zone):%H:%M}" for hour in hours], lines)
