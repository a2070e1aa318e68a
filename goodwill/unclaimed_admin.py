"""The supervisors' report on goodwill that nobody spent: by reason and month, also as a file."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, reader
from agents.export_admin import as_letters, log_export
from agents.models import Brand
from agents.rights import expect_right
from contactcenter import clock
from goodwill.models import Request
from goodwill.unclaimed import Row, total, unclaimed

SHOWN_FIRST = timedelta(days=364)  # before today, unless a period is asked for
LONGEST = timedelta(days=5 * 366)


class UnclaimedAdmin(LedgerAdmin):
    """The list of what was given leads to what was never spent of it."""

    @action(
        description=gettext_lazy("Never spent"),
        url_path="unclaimed",
        icon="hourglass_empty",
        permissions=["view"],
    )
    def unclaimed(self, request: HttpRequest) -> HttpResponse:
        """Points given in a period and what became of them; with ?as=csv as a file."""
        brands = Brand.objects.visible_to(reader(request)).order_by("name")
        named = request.GET.get("brand", "")
        brand = (
            brands.filter(pk=int(named)).first() if named.isdecimal() and len(named) < 19 else brands.first()
        )
        if brand is None:
            raise Http404
        zone = clock.zone(brand.time_zone)
        last = _day(request.GET.get("to"), clock.now().astimezone(zone).date())
        first = max(min(_day(request.GET.get("from"), last - SHOWN_FIRST), last), last - LONGEST)
        rows = unclaimed(brand, since=clock.day(first, zone)[0], until=clock.day(last, zone)[1])
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", brand.pk)
            log_export(reader(request), Request, _("goodwill never spent"), len(rows))
            return HttpResponse(csv_of(rows), headers=HEADERS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Goodwill of %s that was never spent") % brand,
            "brand": brand,
            "brands": brands,
            "first": first,
            "last": last,
            "rows": rows,
            "total": total(rows),
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/goodwill/request/unclaimed.html", context)


HEADERS = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="unclaimed.csv"',
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def csv_of(rows: list[Row]) -> bytes:
    """A row for each reason and month, then all of them."""
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(["month", "reason", "grants", "granted", "spent", "expired", "open", "taken_back"])
    for row in rows:
        lines.writerow([row.month.isoformat(), as_letters(row.reason), *_figures(row)])
    lines.writerow(["all", "", *_figures(total(rows))])
    return file.getvalue().encode("utf-8-sig")


def _figures(row: Row) -> list[int]:
    return [row.grants, row.granted, row.spent, row.expired, row.open, row.gone]


def _day(typed: str | None, otherwise: date) -> date:
    try:
        found = date.fromisoformat(typed or "")
    except ValueError:
        return otherwise
    return found if 1990 <= found.year < 2100 else otherwise
