"""The supervisors' report on goodwill that nobody spent: by reason and month, also as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, reader
from agents.export_admin import file_of, log_export
from agents.period_admin import period_of
from agents.rights import expect_right
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
        asked = period_of(request, shown_first=SHOWN_FIRST, longest=LONGEST)
        rows = unclaimed(asked.brand, since=asked.since, until=asked.until)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", asked.brand.pk)
            log_export(reader(request), Request, _("goodwill never spent"), len(rows))
            return file_of("unclaimed.csv", _lines(rows))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Goodwill of %s that was never spent") % asked.brand,
            "brand": asked.brand,
            "brands": asked.brands,
            "first": asked.first,
            "last": asked.last,
            "rows": rows,
            "total": total(rows),
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/goodwill/request/unclaimed.html", context)


def _lines(rows: list[Row]) -> Iterator[Sequence[object]]:
    """A line for each reason and month, then all of them."""
    yield ["month", "reason", "grants", "granted", "spent", "expired", "open", "taken_back"]
    for row in rows:
        yield [row.month.isoformat(), row.reason, *_figures(row)]
    yield ["all", "", *_figures(total(rows))]


def _figures(row: Row) -> list[int]:
    return [row.grants, row.granted, row.spent, row.expired, row.open, row.gone]
