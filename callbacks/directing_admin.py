"""The supervisors' page on which many promises are moved or handed over: each by its own rules, each told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from agents import roles
from agents.brand_admin import reader
from agents.models import Agent, Brand, Team
from callbacks import services
from callbacks.models import Callback
from callbacks.services import Order
from callbacks.services.directing import Window, shifted
from callbacks.services.steps import DIRECT
from contactcenter.errors import Refused

AT_ONCE = 200
MOST_DAYS, MOST_HOURS = 90, 24 * 7  # by which a promise is shifted, to either side


@dataclass(frozen=True)
class Wanted:
    """What the form asks for: a shift, or a window of a day by the customers' own clocks; and somebody."""

    days: int = 0
    hours: int = 0
    fixed: tuple[date, time, time] | None = None
    to: Agent | None = None
    team: Team | None = None

    def of(self, callback: Callback, seen: Window) -> Order:
        """The same for one promise, which had the window `seen` when the form was shown."""
        return Order(
            window=self._window(seen, ZoneInfo(callback.zone)), seen=seen, to=self.to, team=self.team
        )

    def _window(self, seen: Window, zone: ZoneInfo) -> Window | None:
        if self.fixed:
            day, opens, closes = self.fixed
            start, end = (datetime.combine(day, one, tzinfo=zone).astimezone(UTC) for one in (opens, closes))
            return start, end
        return shifted(seen, zone, days=self.days, hours=self.hours) if self.days or self.hours else None


@dataclass(frozen=True)
class Outcome:
    """What became of a promise: how it stands now, or the sentence it was refused with."""

    callback: Callback
    refused: str = ""


class DirectingAdmin(ModelAdmin):
    """The list of promises and the board lead to the page on which many are moved or handed over."""

    actions: Any = ["direct_selected"]

    def has_direct_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(DIRECT)

    @admin.action(description=gettext_lazy("Move or hand over"), permissions=["direct"])
    def direct_selected(self, request: HttpRequest, queryset: QuerySet[Callback]) -> HttpResponse:
        """On with what was ticked, to the page on which it is said what is to become of it."""
        chosen = list(queryset.values_list("pk", flat=True)[: AT_ONCE + 1])
        return HttpResponseRedirect(f"{_here()}?{urlencode({'id': chosen}, doseq=True)}")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.direct)
        return [path("direct/", view, name="callbacks_callback_direct"), *super().get_urls()]

    def direct(self, request: HttpRequest) -> HttpResponse:
        """?id=&id=: what is chosen with the form; sent, what became of each."""
        if not (self.has_view_permission(request) and self.has_direct_permission(request)):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        seen = _seen(asked.getlist("row")) if request.method == "POST" else {}
        chosen = list(seen) if request.method == "POST" else _ids(asked.getlist("id"))
        if not chosen or len(chosen) > AT_ONCE:
            self.message_user(request, _how_many(chosen), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:callbacks_callback_changelist"))
        rows = _rows(request, chosen)
        if not rows:
            raise Http404
        context: dict[str, Any] = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": _("Move or hand over"),
            "typed": asked,
        }
        if request.method == "POST":
            try:
                wanted = _wanted(asked, reader(request))
            except Refused as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
            else:
                context["outcomes"] = _outcomes(rows, seen, wanted, reader(request))
                context["done"] = sum(not one.refused for one in context["outcomes"])
        brands = Brand.objects.filter(pk__in={row.brand_id for row in rows})
        context |= {
            "rows": rows,
            "agents": Agent.objects.filter(brands__in=brands, is_active=True)
            .exclude(groups__name=roles.INTEGRATION)
            .distinct()
            .order_by("name"),
            "teams": Team.objects.filter(brand__in=brands).select_related("brand").order_by("name"),
            "most": {"days": MOST_DAYS, "hours": MOST_HOURS},
        }
        return TemplateResponse(request, "admin/callbacks/callback/direct.html", context)


def _here() -> str:
    return reverse("admin:callbacks_callback_direct")


def _how_many(chosen: Sequence[int]) -> str:
    if chosen:
        return _("%(most)d at most at once. Narrow the list first.") % {"most": AT_ONCE}
    return _("Tick the promises on the board or in the list first.")


def _rows(request: HttpRequest, chosen: Sequence[int]) -> list[Callback]:
    rows = Callback.objects.visible_to(reader(request)).filter(pk__in=chosen)
    return list(
        rows.select_related("brand", "customer", "owner", "team", "ticket__brand").order_by("window_to", "pk")
    )


def _ids(typed: Sequence[str]) -> list[int]:
    return [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 19]


def _seen(typed: Sequence[str]) -> dict[int, Window]:
    """Each promise with the window that its reader saw, as the form carries them: `id/from/to`."""
    found: dict[int, Window] = {}
    for one in typed:
        key, *ends = one.split("/")
        try:
            start, end = (datetime.fromisoformat(instant) for instant in ends)
        except ValueError:
            continue
        if _ids([key]) and start.tzinfo and end.tzinfo:
            found[int(key)] = start.astimezone(UTC), end.astimezone(UTC)
    return found


def _wanted(typed: QueryDict, by: Agent) -> Wanted:
    """What was typed. Refused: `not_understood`, `nobodys`, `nothing_ordered`."""
    when, who = typed.get("when", ""), typed.get("who", "")
    found: dict[str, Any] = {}
    try:
        if when == "shift":
            found |= {"days": _within(typed, "days", MOST_DAYS), "hours": _within(typed, "hours", MOST_HOURS)}
        elif when == "fixed":
            ends = [time.fromisoformat(typed.get(name, "")) for name in ("opens", "closes")]
            found["fixed"] = (date.fromisoformat(typed.get("day", "")), *ends)
    except ValueError:
        raise Refused("not_understood", _("Say by how much, or from when to when.")) from None
    if who in ("to", "team"):
        rows = Agent.objects.visible_to(by) if who == "to" else Team.objects.visible_to(by)
        found[who] = rows.filter(pk__in=_ids([typed.get(who, "")])).first()
        if found[who] is None:
            raise Refused("nobodys", _("Say who is to keep them."))
    wanted = Wanted(**found)
    if wanted == Wanted():
        raise Refused("nothing_ordered", _("Choose another window, or somebody else."))
    return wanted


def _within(typed: QueryDict, name: str, most: int) -> int:
    return max(-most, min(most, int(typed.get(name) or 0)))


def _outcomes(rows: Sequence[Callback], seen: dict[int, Window], wanted: Wanted, by: Agent) -> list[Outcome]:
    """Every promise in a deed of its own: one that is refused leaves the others alone."""
    found = []
    for row in rows:
        try:
            found.append(Outcome(services.direct(row, wanted.of(row, seen[row.pk]), by=by)))
        except Refused as refusal:
            found.append(Outcome(row, refusal.sentence))
    return found
