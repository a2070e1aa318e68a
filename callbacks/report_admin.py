"""The supervisors' report on how promises were kept: in figures, as a chart, and as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from agents.brand_admin import reader
from agents.chart_admin import FIRST, SECOND, chart
from agents.export_admin import file_of, log_export
from agents.period_admin import period_of
from agents.rights import expect_right
from callbacks.models import Callback
from callbacks.reports.kept import Figures, Report, kept
from contactcenter import clock

SHOWN_FIRST = timedelta(days=27)  # before today
LONGEST = timedelta(days=366)
ROWS_SHOWN = 50  # of each table, those with the most promises; the file has all
PERCENT_FROM = 10  # promises; of fewer a percentage says more than there is to say

PARTS: dict[str, Callable[[], str]] = {
    "team": lambda: _("Team"),
    "topic": lambda: _("Contact reason"),
    "tier": lambda: _("Tier"),
    "owner": lambda: _("Owner"),
    "source": lambda: _("How it came about"),
}


class KeptAdmin(ModelAdmin):
    """The list of promises leads to how they were kept."""

    @action(
        description=gettext_lazy("How they were kept"),
        permissions=["view"],
        url_path="kept",
        icon="bar_chart",
    )
    def kept(self, request: HttpRequest) -> HttpResponse:
        """The calls promised for a period and how they were kept; with ?as=csv as a file."""
        asked, at = period_of(request, shown_first=SHOWN_FIRST, longest=LONGEST), clock.now()
        found = kept(asked.brand, since=asked.since, until=asked.until, at=at)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", asked.brand.pk)
            rows = [HEAD, *lines_of(found)]
            log_export(reader(request), Callback, _("how callbacks were kept"), len(rows) - 1)
            return file_of("callbacks.csv", rows)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("How callbacks of %s were kept") % asked.brand,
            "asked": asked,
            "total": found.total,
            "rate": _share(found.total.kept, found.total.judged),
            "words": _words(found.total),
            "parts": [
                (title(), [(name, _words(one)) for name, one in found.parts[part][:ROWS_SHOWN]])
                for part, title in PARTS.items()
            ],
            "chart": _chart(found),
            "weeks": [
                (week, one.kept, one.broken, _share(one.kept, one.judged)) for week, one in found.weeks
            ],
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/callbacks/callback/kept.html", context)


def _words(one: Figures) -> list[str]:
    """A line of figures as people read them, in the order of the columns of the page."""
    late = "–" if one.late_half is None else f"{intcomma(one.late_half)} / {intcomma(one.late_tenth)}"
    tries = "–" if one.tries_each is None else number_format(one.tries_each, 1)
    return [
        intcomma(one.promised), _share(one.kept, one.judged), late, tries, intcomma(one.missed),
        intcomma(one.given_up), intcomma(one.moved), intcomma(one.cancelled), intcomma(one.to_come),
    ]  # fmt: skip


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    told = _("%(part)s of %(whole)s") % {"part": intcomma(part), "whole": intcomma(whole)}
    return f"{told} ({round(part * 100 / whole)}%)" if whole >= PERCENT_FROM else told


def _chart(found: Report) -> str:
    """Kept and broken by week for Chart.js; the table says the same."""
    lines = [
        (_("Called in time"), [one.kept for _week, one in found.weeks], FIRST),
        (_("Not in time"), [one.broken for _week, one in found.weeks], SECOND),
    ]
    return chart([date_format(week, "DAY") for week, _one in found.weeks], lines)


HEAD = [
    "by", "name", "promised", "kept", "broken", "late_median_minutes", "late_90_percent_minutes", "reached", "tries",
    "missed", "given_up", "moved", "cancelled", "to_come",
]  # fmt: skip


def lines_of(found: Report) -> Iterator[list[Any]]:
    """A line for all, for each week, and for each row of each table."""
    rows = [("all", "", found.total), *(("week", week.isoformat(), one) for week, one in found.weeks)]
    rows += [(part, name, one) for part, ones in found.parts.items() for name, one in ones]
    for by, name, one in rows:
        late = ["" if minutes is None else minutes for minutes in (one.late_half, one.late_tenth)]
        yield [
            by, name, one.promised, one.kept, one.broken, *late, one.reached, one.tries, one.missed, one.given_up,
            one.moved, one.cancelled, one.to_come,
        ]  # fmt: skip
