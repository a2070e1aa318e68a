"""The supervisors' page on what customers chose, by tier and reason, as a file too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from agents.brand_admin import reader
from agents.chart_admin import FIRST, SECOND, chart
from agents.export_admin import file_of, log_export
from agents.period_admin import period_of
from agents.rights import expect_right
from goodwill.models import Offer, Remedy
from goodwill.reports.choices import KINDS, Choices, Chosen, choices

SHOWN_FIRST = timedelta(days=89)  # before today
LONGEST = timedelta(days=366)
SIDE_BY_SIDE = {
    "grouped": True,
    "maxBarThickness": 36,
    "borderRadius": 3,
}  # unfold draws one thin bar over the other
ROWS_SHOWN = 50  # of each table, those with the most offers; the file has all


class ChoicesAdmin(ModelAdmin):
    """The list of offers leads to what was chosen from them."""

    @action(
        description=gettext_lazy("What was chosen"), permissions=["view"], url_path="choices", icon="bar_chart"
    )  # fmt: skip
    def choices(self, request: HttpRequest) -> HttpResponse:
        """What customers chose from what was sent in a period; with ?as=csv as a file."""
        asked = period_of(request, shown_first=SHOWN_FIRST, longest=LONGEST)
        found = choices(asked.brand, since=asked.since, until=asked.until)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", asked.brand.pk)
            rows = list(lines_of(found))
            log_export(reader(request), Offer, _("what customers chose"), len(rows))
            return file_of("choices.csv", [HEAD, *rows])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What customers of %s chose") % asked.brand,
            "asked": asked,
            "total": found.total,
            "kinds": [label for _kind, label in Remedy.Kind.choices],
            "chart": _chart(found.total),
            "parts": [
                (_("Reason"), [(reason, _cells(one)) for reason, _tier, one in found.by_reason[:ROWS_SHOWN]]),
                (_("Tier"), [(tier, _cells(one)) for _reason, tier, one in found.by_tier[:ROWS_SHOWN]]),
                (
                    _("Reason and tier"),
                    [(f"{reason} · {tier}", _cells(one)) for reason, tier, one in found.by_both[:ROWS_SHOWN]],
                ),
            ],
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/goodwill/offer/choices.html", context)


def _cells(one: Choices) -> list[str]:
    kinds = [
        _("%(chosen)d of %(offered)d") % {"chosen": chosen, "offered": offered} if offered else "–"
        for offered, chosen in one.kinds
    ]
    return [intcomma(one.sent), *kinds, *map(intcomma, (one.defaulted, one.open, one.withdrawn, one.points))]


def _chart(total: Choices) -> str:
    """How often each kind was offered and chosen, for Chart.js; the tables say the same."""
    shown = [(_("Offered"), 0, SECOND), (_("Chosen"), 1, FIRST)]
    bars = [(words, [kind[which] for kind in total.kinds], colour) for words, which, colour in shown]
    return chart([str(label) for _kind, label in Remedy.Kind.choices], bars, **SIDE_BY_SIDE)


HEAD = [
    "reason", "tier", "sent", "chosen", "defaulted", "open", "withdrawn", "points",
    *(f"{kind}_{what}" for kind in KINDS for what in ("offered", "chosen")),
]  # fmt: skip


def lines_of(found: Chosen) -> Iterator[list[Any]]:
    """A line for all, each reason, each tier, and each reason with each tier; an empty name stands for any."""
    for reason, tier, one in found.rows:
        figures = [one.sent, one.chosen, one.defaulted, one.open, one.withdrawn, one.points]
        yield [reason, tier, *figures, *(count for kind in one.kinds for count in kind)]
