"""The supervisors' page on what goodwill gave back: points, worth, how it went on, and who came back to buy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from agents.brand_admin import reader
from agents.chart_admin import FIRST, SECOND, chart
from agents.export_admin import file_of, log_export
from agents.period_admin import Period, period_of
from agents.rights import expect_right
from contactcenter import clock
from customers.admin import money
from goodwill.models import Request
from goodwill.reports.comparison import Comparison, comparison
from goodwill.reports.difference import LEAST, LEAST_EITHER, Difference
from goodwill.reports.given import Figures, Given, Kind, given

SHOWN_FIRST = timedelta(
    days=179
)  # before today: of a shorter time nobody could have been watched for 90 days
LONGEST = timedelta(days=366)
ROWS_SHOWN = 50  # of each table, those with the most points; the file has all
PERCENT_FROM = 10  # grants; of fewer a percentage says more than there is to say
HALF = 80  # width of one half of the drawn interval, in pixels


class ReturnsAdmin(ModelAdmin):
    """The list of requests leads to what came of them."""

    @action(
        description=gettext_lazy("Return on goodwill"), permissions=["view"], url_path="returns", icon="bar_chart"
    )  # fmt: skip
    def returns(self, request: HttpRequest) -> HttpResponse:
        """What was given in a period and what came of it; with ?as=csv as a file."""
        asked, at = period_of(request, shown_first=SHOWN_FIRST, longest=LONGEST), clock.now()
        days: dict[str, Any] = {"since": asked.since, "until": asked.until, "at": at}
        found, compared = given(asked.brand, **days), comparison(asked.brand, **days)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", asked.brand.pk)
            rows: list[list[Any]] = [HEAD, *lines_of(found), HEAD_COMPARED, *lines_of_comparison(compared)]
            log_export(reader(request), Request, _("return on goodwill"), len(rows) - 2)
            return file_of("goodwill.csv", rows)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What goodwill of %s gave back") % asked.brand,
            "asked": asked,
            "kinds": [
                (_("Apologies"), *_shown(found.apology, found, asked), True, found.apology.total.grants),
                (_("Delight"), *_shown(found.delight, found, asked), False, found.delight.total.grants),
            ],
            "chart": _chart(found),
            "weeks": list(zip(found.apology.weeks, found.delight.weeks, strict=True)),
            "outcomes": _outcomes(compared),
            "nameless": compared.nameless,
            "least": {"side": LEAST, "either": LEAST_EITHER},
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/goodwill/request/returns.html", context)


PARTS: dict[str, Callable[[], str]] = {
    "reason": lambda: _("Reason"),
    "agent": lambda: _("Agent"),
    "team": lambda: _("Team"),
    "tier": lambda: _("Tier"),
    "form": lambda: _("Given as"),
}
OUTCOMES: dict[str, Callable[[], str]] = {
    "buys_30": lambda: _("Bought within 30 days"),
    "buys_90": lambda: _("Bought within 90 days"),
    "writes_again": lambda: _("Wrote again within 14 days"),
    "content": lambda: _("Content, of those who answered"),
}
SAYS: dict[str, Callable[[], str]] = {
    "more": lambda: _("more often than those like them"),
    "less": lambda: _("less often than those like them"),
    "nothing": lambda: _("no difference that could not be chance"),
    "too_few": lambda: _("too few to say"),
}


def _shown(kind: Kind, found: Given, asked: Period) -> tuple[list[str], list[Any]]:
    """The figures of a kind in all and by part, as people read them."""

    def words(figures: Figures) -> list[str]:
        worth = money(figures.points * found.point_value_minor, asked.brand.currency)
        return [
            intcomma(figures.grants), intcomma(figures.points), worth, intcomma(figures.customers),
            _share(figures.wrote_again, figures.watched), _share(figures.reopened, figures.watched),
            _share(figures.content, figures.answered),
        ]  # fmt: skip

    parts = [
        (title(), [(name, words(one)) for name, one in kind.parts[part][:ROWS_SHOWN]])
        for part, title in PARTS.items()
    ]
    return words(kind.total), parts


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    told = _("%(part)d of %(whole)d") % {"part": part, "whole": whole}
    return f"{told} ({round(part * 100 / whole)}%)" if whole >= PERCENT_FROM else told


def _outcomes(compared: Comparison) -> list[dict[str, Any]]:
    """Each outcome with its difference in words, and where its interval is drawn."""
    told = [one for one in compared.outcomes.values() if one.is_enough]
    widest = max((max(abs(one.low), abs(one.high)) for one in told), default=0.1)
    return [
        {
            "name": OUTCOMES[name](),
            "found": one,
            "says": SAYS[one.says](),
            "given": _percent(one.given_share),
            "others": _percent(one.others_share),
            "words": _interval(one),
            "naive": "–" if one.naive is None else _points(one.naive),
            "drawn": {
                "low": _place(one.low, widest),
                "found": _place(one.found, widest),
                "high": _place(one.high, widest),
            },
        }
        for name, one in compared.outcomes.items()
    ]


def _place(share: float, widest: float) -> int:
    return round(HALF + share / widest * (HALF - 4))


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def _points(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−")


def _interval(one: Difference) -> str:
    """The difference in percentage points with its interval."""
    return _("%(found)s (%(low)s to %(high)s)") % {
        "found": _points(one.found), "low": _points(one.low), "high": _points(one.high),
    }  # fmt: skip


def _chart(found: Given) -> str:
    """Points by week for Chart.js; the table says the same."""
    kinds = [(_("Apologies"), found.apology, FIRST), (_("Delight"), found.delight, SECOND)]
    lines = [(words, [points for _week, points in kind.weeks], colour) for words, kind, colour in kinds]
    return chart([date_format(week, "DAY") for week, _points in found.apology.weeks], lines)


HEAD = [
    "kind", "by", "name", "grants", "points", "value_minor", "customers", "watched_14_days", "wrote_again",
    "reopened", "answered", "content",
]  # fmt: skip
HEAD_COMPARED = [
    "outcome", "says", "given_alike", "others_alike", "given_alone", "given_share", "others_share", "difference",
    "low", "high", "unmatched_difference",
]  # fmt: skip


def lines_of(found: Given) -> Iterator[list[Any]]:
    """A line for each kind in all, for each week, and for each row of each table."""
    for name, kind in (("apology", found.apology), ("delight", found.delight)):
        rows = [("all", "", kind.total)]
        rows += [(part, named, one) for part, ones in kind.parts.items() for named, one in ones]
        for part, named, one in rows:
            yield [
                name, part, named, one.grants, one.points, one.points * found.point_value_minor, one.customers,
                one.watched, one.wrote_again, one.reopened, one.answered, one.content,
            ]  # fmt: skip
        yield from ([name, "week", week.isoformat(), "", points] for week, points in kind.weeks)


def lines_of_comparison(compared: Comparison) -> Iterator[list[Any]]:
    """A line for each outcome; what is too few to say has its counts and no shares."""
    for name, one in compared.outcomes.items():
        counts = [name, one.says, one.given, one.others, one.alone]
        shares = [one.given_share, one.others_share, one.found, one.low, one.high]
        naive = "" if one.naive is None else round(one.naive, 4)
        yield [*counts, *(round(share, 4) if one.is_enough else "" for share in shares), naive]
