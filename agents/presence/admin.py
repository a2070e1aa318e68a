"""The supervisors' pages on who is there: reasons of states, the time in each, by agent and day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, OfBrandAdmin, OneOfMine, reader
from agents.filter_admin import Days
from agents.models import Agent
from agents.presence.figures import time_in_states, working_time
from agents.presence.models import Kind, StateReason, Stretch
from agents.presence.services import set_state
from contactcenter import clock


@admin.register(StateReason)
class StateReasonAdmin(OfBrandAdmin):
    list_display = ["label", "code", "kind", "counts_as_work", "is_active", "brand"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["label", "code"]
    ordering = ["brand", "rank"]
    fields = ["brand", "code", "label", "kind", "counts_as_work", "rank", "is_active"]
    # Times were written down with these; what counts as work may be judged anew.
    fixed_fields = ["brand", "code", "kind"]

    def has_delete_permission(self, request: HttpRequest, obj: StateReason | None = None) -> bool:
        return False  # it stands beside times of the past


@admin.register(Stretch)
class StretchAdmin(LedgerAdmin):
    list_display = ["agent", "kind", "reason", "started_at", "ended_at", "length", "cause", "by"]
    list_filter = [("agent__brands", OneOfMine), "kind", ("started_at", Days)]
    list_select_related = ["agent", "reason", "by"]
    search_fields = ["agent__email__exact"]
    search_help_text = gettext_lazy("The agent’s e-mail address.")
    actions_list = ["days"]
    actions = ["put_offline"]  # nothing else is to be done on rows that services write

    def has_put_offline_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("agents.change_presence")

    @admin.display(description=gettext_lazy("minutes"))
    def length(self, stretch: Stretch) -> int:
        return stretch.length(clock.now()) // timedelta(minutes=1)

    @admin.action(description=gettext_lazy("Put these agents offline"), permissions=["put_offline"])
    def put_offline(self, request: HttpRequest, queryset: QuerySet[Stretch]) -> None:
        for agent in Agent.objects.visible_to(reader(request)).filter(stretches__in=queryset).distinct():
            set_state(agent, Kind.OFFLINE, by=reader(request))

    @action(description=gettext_lazy("Time by day"), permissions=["view"], url_path="days", icon="schedule")
    def days(self, request: HttpRequest) -> HttpResponse:
        """How long each agent was in which state on ?day= (default: today), by the reader's calendar."""
        day = _day(request.GET.get("day", ""))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Time by day"),
            "day": day,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "kinds": [name for _kind, name in Kind.choices],
            "rows": rows_of_day(reader(request), day),
        }
        return TemplateResponse(request, "admin/agents/stretch/days.html", context)


def rows_of_day(reader: Agent, day: date) -> list[dict[str, Any]]:
    """Each colleague's minutes in the states, and of work, on a day of the present zone. Two questions."""
    start, end = clock.day(day, timezone.get_current_timezone())
    of_day = Stretch.objects.visible_to(reader).filter(
        Q(ended_at=None) | Q(ended_at__gt=start), started_at__lt=end
    )
    stretches = list(of_day.select_related("agent", "reason"))
    at = clock.now()
    sums = time_in_states(stretches, start, end, at=at)
    work = working_time(stretches, start, end, at=at)
    agents = {one.agent_id: one.agent for one in stretches if one.agent_id in sums}
    return [
        {
            "agent": agent,
            "minutes": [sums[pk][kind] // timedelta(minutes=1) for kind in Kind.values],
            "work": work.get(pk, timedelta(0)) // timedelta(minutes=1),
        }
        for pk, agent in sorted(agents.items(), key=lambda pair: str(pair[1]))
    ]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
    return day if 2000 <= day.year <= 2100 else timezone.localdate()
