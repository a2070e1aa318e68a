"""The supervisors' pages on why customers write: the tree of reasons, what was ticked, wrap-up, and the report."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine, reader
from agents.export_admin import as_letters, log_export
from agents.filter_admin import Days
from agents.models import Brand
from agents.period_admin import Period, named, period_of
from agents.rights import expect_right
from customers.admin import money
from tickets.core_admin import OfTicketAdmin, SetUpInline
from tickets.models import ChecklistItem, ContactReason, Queue, TicketCheck, WrapUp
from tickets.models.reasons import DEEPEST
from tickets.reason_report import Figures, Row, report

SHOWN_FIRST = timedelta(days=29)  # before today, unless a period is asked for


class ContactReasonForm(OfBrandForm):
    """A reason; the one above it is of its brand, and not on the lowest step."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand, parent = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("parent")
        if brand and parent and parent.brand_id != brand.pk:
            self.add_error("parent", _("This belongs to another brand than %s.") % brand)
        elif parent and parent.depth >= DEEPEST:
            self.add_error("parent", _("Reasons lie in four steps at most."))
        elif parent:
            self.instance.depth = parent.depth + 1
        return cleaned


class ChecklistInline(SetUpInline):
    model = ChecklistItem
    set_up_by = "tickets.change_contactreason"


@admin.register(ContactReason)
class ContactReasonAdmin(OfBrandAdmin):
    form = ContactReasonForm
    list_display = ["path", "brand", "position", "is_active"]
    list_filter = [("brand", OneOfMine), "is_active"]
    list_select_related = ["brand", "parent__parent__parent"]
    search_fields = ["label"]
    autocomplete_fields = ["parent"]
    fixed_fields = ["brand", "parent"]
    inlines = [ChecklistInline]
    actions_list = ["report"]

    @admin.display(description=gettext_lazy("reason"), ordering="label")
    def path(self, reason: ContactReason) -> str:
        return reason.path

    @action(description=gettext_lazy("Report"), url_path="report", icon="bar_chart", permissions=["view"])
    def report(self, request: HttpRequest) -> HttpResponse:
        """Reasons by volume, value and tier in a period; with ?as=csv as a file."""
        asked, queues, queue = _asked(request)
        rows = report(asked.brand, since=asked.since, until=asked.until, queue=queue)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", asked.brand.pk)
            log_export(reader(request), ContactReason, _("report of contact reasons"), len(rows))
            return HttpResponse(csv_of(rows), headers=HEADERS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Why customers of %s wrote") % asked.brand,
            "asked": asked,
            "queues": queues,
            "asked_queue": queue,
            "rows": [(row, *_shown(row, asked.brand)) for row in rows],
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/tickets/contactreason/report.html", context)


@admin.register(TicketCheck)
class TicketCheckAdmin(OfTicketAdmin):
    list_display = ["ticket", "item", "reason", "by", "at"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["ticket__brand", "item", "reason", "by"]


@admin.register(WrapUp)
class WrapUpAdmin(OfTicketAdmin):
    list_display = ["ticket", "agent", "started_at", "ended_at", "how", "seconds"]
    list_filter = [("brand", OneOfMine), "how", ("started_at", Days)]
    list_select_related = ["ticket__brand", "agent"]


def _asked(request: HttpRequest) -> tuple[Period, QuerySet[Queue], Queue | None]:
    """The period, the queues of its brand, and the one that is asked for."""
    asked = period_of(request, shown_first=SHOWN_FIRST)
    queues = Queue.objects.filter(brand=asked.brand)
    return asked, queues, named(queues, request.GET.get("queue"))


def _shown(row: Row, brand: Brand) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The figures of a row and of its tiers as people read them."""
    return _words(row.total, brand), [(tier, _words(figures, brand)) for tier, figures in row.tiers]


def _words(figures: Figures, brand: Brand) -> list[str]:
    hours, minutes = divmod(figures.median_seconds // 60, 60)
    value = money(figures.value_minor, brand.currency)
    return [str(figures.tickets), str(figures.customers), value, f"{hours}:{minutes:02d}"]


HEADERS = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="reasons.csv"',
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def csv_of(rows: list[Row]) -> bytes:
    """A line a reason, and one for each of its tiers; no cell is a formula."""
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(["reason", "tier", "tickets", "customers", "value_minor", "median_seconds"])
    for row in rows:
        for tier, one in [("all", row.total), *row.tiers]:
            figures = [one.tickets, one.customers, one.value_minor, one.median_seconds]
            lines.writerow([as_letters(row.name), as_letters(tier), *figures])
    return file.getvalue().encode("utf-8-sig")
