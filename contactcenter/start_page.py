"""The supervisors' start page: today in figures per brand, each with the list behind it, and what needs somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.models import LogEntry
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.brand_admin import reader
from agents.chart_admin import FIRST, SECOND, chart
from agents.export_admin import EXPORTED
from agents.models import Agent
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.figures import LINES_AT_MOST, Times, figures_of
from contactcenter.paging import COUNT_AT_MOST
from customers.admin import money
from loyalty.models.proofs import STALE
from tickets.models import InboundMail, Message

SHOWN = 5  # rows of each kind that need somebody
LOG_LINES = 200  # the newest, among which exports are looked for


@dataclass(frozen=True)
class Figure:
    """A number with the list it stands for; `bad` when it asks for somebody, `more` says what stands beside it."""

    words: str
    value: str
    link: str
    more: str = ""
    bad: bool = False


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the start page shows to its reader, at the present instant and in the reader's own calendar."""
    agent, times = reader(request), Times.of(clock.now(), timezone.get_current_timezone())
    brands = list(figures_of(agent, times))
    days = days_of(brands, times)
    return context | {
        "title": _("Today"),
        "day": times.now,
        "brands": [(brand, list(groups_of(brand, times))) for brand in brands],
        "days": days,
        "chart": chart_of(days),
        "needs": list(needs_of(agent, times)),
        "exports": exports_seen_by(agent),
        "counted_to": COUNT_AT_MOST,
        "lines_to": LINES_AT_MOST,
    }


def rows(table: str, **asked: object) -> str:
    """The address of a list of the admin, narrowed to what is `asked`."""
    return f"{reverse(f'admin:{table}_changelist')}?{urlencode(asked)}"


def on(field: str, start: date, end: date) -> dict[str, str]:
    """From the day `start` to the day `end`, as the filter `Days` reads it."""
    return {f"{field}_from": start.isoformat(), f"{field}_to": end.isoformat()}


def counted(number: int) -> str:
    return f"{intcomma(number)}{'+' if number >= COUNT_AT_MOST else ''}"


def added(total: list[int]) -> str:
    points, lines = total
    return f"{intcomma(abs(points))}{'+' if lines >= LINES_AT_MOST else ''}"


def groups_of(brand: Any, times: Times) -> Iterator[tuple[str, list[Figure]]]:
    """The figures of a brand in groups, as far as its reader may read them."""
    of = {"brand__id__exact": brand.pk}
    if hasattr(brand, "waiting"):
        yield _("Tickets"), [*tickets_of(brand, times, of), *audit_of(brand, times, of)]
    if hasattr(brand, "kept"):
        yield _("Callbacks promised for today"), callbacks_of(brand, times, of)
    if hasattr(brand, "given"):
        yield _("Goodwill"), goodwill_of(brand, times, of)
    if hasattr(brand, "earned"):
        yield _("Points"), [*points_of(brand, times), *proof_of(brand, times, of)]
    if mail := list(mail_of(brand, times, of)):
        yield _("Mail, today and the 7 days before"), mail


def tickets_of(brand: Any, times: Times, of: dict[str, Any]) -> list[Figure]:
    today = times.today
    answers = {"ticket__brand__id__exact": brand.pk, "kind__exact": Message.Kind.OUTBOUND}
    longest = Figure(_("Longest wait"), "–", rows("tickets_ticket", waiting="yes", **of))
    if brand.longest:
        reference = f"{brand.code}-{brand.longest}"
        due = due_in_words(brand.longest_due, times.now)
        longest = Figure(_("Longest wait"), reference, rows("tickets_ticket", q=reference), due)
    return [
        Figure(_("Waiting for us"), counted(brand.waiting), rows("tickets_ticket", waiting="yes", **of)),
        Figure(
            _("Overdue"), counted(brand.overdue), rows("tickets_ticket", waiting="late", **of), bad=brand.overdue > 0
        ),
        longest,
        Figure(
            _("Answers today"), counted(brand.answered),
            rows("tickets_message", **answers, **on("created_at", today, today)),
        ),
        Figure(
            _("Resolved today"), counted(brand.resolved),
            rows("tickets_ticket", **of, **on("resolved_at", today, today)),
        ),
    ]  # fmt: skip


def due_in_words(due: datetime, now: datetime) -> str:
    if due < now:
        return _("overdue by %s") % timesince(due, now, depth=1)
    return _("due in %s") % timesince(now, due, depth=1)


def callbacks_of(brand: Any, times: Times, of: dict[str, Any]) -> list[Figure]:
    today = of | on("window_from", times.today, times.today)
    unkept = _("%s of any day are overdue") % counted(brand.unkept) if brand.unkept else ""
    week = {"state__exact": Callback.State.MISSED} | of | on("window_from", times.week_ago, times.today)
    return [
        Figure(
            _("Still to keep"), counted(brand.promised), rows("callbacks_callback", promise="open", **today)
        ),
        Figure(
            _("Kept"), counted(brand.kept), rows("callbacks_callback", state__exact=Callback.State.KEPT, **today)
        ),
        Figure(
            _("Late"), counted(brand.late), rows("callbacks_callback", promise="late", **today),
            unkept, bad=brand.late > 0,
        ),
        Figure(
            _("Missed"), counted(brand.missed), rows("callbacks_callback", **week),
            _("today and the 7 days before"), bad=brand.missed > 0,
        ),
    ]  # fmt: skip


def goodwill_of(brand: Any, times: Times, of: dict[str, Any]) -> list[Figure]:
    return [
        grants_of(brand, _("Today"), brand.grants, brand.given, of | on("asked_at", times.today, times.today)),
        grants_of(
            brand, _("7 days before"), brand.grants_before, brand.given_before,
            of | on("asked_at", times.week_ago, times.yesterday),
        ),
    ]  # fmt: skip


def grants_of(brand: Any, words: str, grants: int, given: list[int], asked: dict[str, Any]) -> Figure:
    worth = money(given[0] * (brand.point_value or 0), brand.currency)
    words_of = ngettext("%(grants)s grant, worth %(worth)s", "%(grants)s grants, worth %(worth)s", grants)
    more = words_of % {"grants": counted(grants), "worth": worth}
    return Figure(
        words, _("%s points") % added(given), rows("goodwill_request", state__exact="posted", **asked), more
    )


def points_of(brand: Any, times: Times) -> list[Figure]:
    today = {"account__brand__id__exact": brand.pk} | on("posted_at", times.today, times.today)
    return [
        Figure(_("Earned today"), added(brand.earned), rows("loyalty_entry", kind__exact="earn", **today)),
        Figure(
            _("Expired today"), added(brand.expired), rows("loyalty_entry", kind__exact="expire", **today)
        ),
    ]


def proof_of(brand: Any, times: Times, of: dict[str, Any]) -> Iterator[Figure]:
    """Whether the last proof of the brand's ledger found it whole; red where it did not, or is too old."""
    if getattr(brand, "proven", None) is not None:
        link = rows("loyalty_ledgerproof", **of)
        yield _proof(_("Ledger"), brand.proven, brand.broken, times, link)


def audit_of(brand: Any, times: Times, of: dict[str, Any]) -> Iterator[Figure]:
    """The same of the audit of the brand's tickets."""
    if getattr(brand, "audited", None) is not None:
        link = rows("tickets_ticketproof", **of)
        yield _proof(_("Audit"), brand.audited, brand.unsound, times, link)


def _proof(name: str, proven: datetime, broken: int, times: Times, link: str) -> Figure:
    ago = _("proven %s ago") % timesince(proven, times.now, depth=1)
    late = proven < times.now - STALE
    words = _("broken") if broken else _("too old a proof") if late else _("whole")
    return Figure(name, words, link, ago, bad=late or broken > 0)


def mail_of(brand: Any, times: Times, of: dict[str, Any]) -> Iterator[Figure]:
    week = (times.week_ago, times.today)
    if hasattr(brand, "failed"):
        link = rows(
            "tickets_message", ticket__brand__id__exact=brand.pk, state__exact=Message.State.FAILED,
            **on("created_at", *week),
        )  # fmt: skip
        yield Figure(_("Could not be sent"), counted(brand.failed), link, bad=brand.failed > 0)
    if hasattr(brand, "quarantined"):
        link = rows(
            "tickets_inboundmail",
            outcome__exact=InboundMail.Outcome.QUARANTINED,
            **of,
            **on("received_at", *week),
        )
        yield Figure(_("In quarantine"), counted(brand.quarantined), link, bad=brand.quarantined > 0)


def days_of(brands: list[Any], times: Times) -> list[dict[str, Any]]:
    """What was opened and resolved on each day, over the brands shown; nothing for who may not look at tickets."""
    if not all(hasattr(brand, "opened_0") for brand in brands):
        return []
    return [
        {
            "day": day,
            "opened": sum(getattr(brand, f"opened_{number}") for brand in brands),
            "resolved": sum(getattr(brand, f"resolved_{number}") for brand in brands),
            "opened_link": rows("tickets_ticket", **on("opened_at", day, day)),
            "resolved_link": rows("tickets_ticket", **on("resolved_at", day, day)),
        }
        for number, (day, _start, _end) in enumerate(times.days)
    ]


def chart_of(days: list[dict[str, Any]]) -> str:
    """The same for Chart.js; the table beside it says it in words."""
    lines = [
        (_("Opened"), [day["opened"] for day in days], FIRST),
        (_("Resolved"), [day["resolved"] for day in days], SECOND),
    ]
    return chart([date_format(day["day"], "DAY") for day in days], lines)


def needs_of(agent: Agent, times: Times) -> Iterator[tuple[str, list[tuple[str, str, datetime]]]]:
    """What waits for somebody to look at it: what each is, its page, and since when."""
    if agent.has_perm("callbacks.view_callback"):
        promises = Callback.objects.visible_to(agent).select_related("customer", "owner", "team")
        lost = promises.filter(
            times.since("window_from", times.week_ago), state=Callback.State.MISSED, followed_by=None
        )
        for words, found in (
            (_("Promises whose window is over"), promises.overdue(times.now).order_by("window_to")),
            (_("Missed calls that no other makes up for"), lost.order_by("-window_from")),
        ):
            yield (
                words,
                [
                    (
                        f"{row.customer}: {row.reason} ({row.owner or row.team})",
                        page("callbacks_callback", row),
                        row.window_to,
                    )
                    for row in found[:SHOWN]
                ],
            )
    if agent.has_perm("tickets.view_message"):
        failed = Message.objects.visible_to(agent).filter(
            times.since("created_at", times.week_ago), state=Message.State.FAILED
        )
        yield (
            _("Mails that could not be sent"),
            [
                (f"{row.ticket.reference}: {row.last_error}", page("tickets_message", row), row.created_at)
                for row in failed.select_related("ticket__brand").order_by("-created_at")[:SHOWN]
            ],
        )
    if agent.has_perm("tickets.view_inboundmail"):
        strange = InboundMail.objects.visible_to(agent).filter(
            times.since("received_at", times.week_ago), outcome=InboundMail.Outcome.QUARANTINED
        )
        yield (
            _("Mails in quarantine"),
            [
                (row.reason or row.get_outcome_display(), page("tickets_inboundmail", row), row.received_at)
                for row in strange.defer("raw").order_by("-received_at")[:SHOWN]
            ],
        )


def page(table: str, row: Any) -> str:
    return reverse(f"admin:{table}_change", args=[row.pk])


def exports_seen_by(agent: Agent) -> list[LogEntry]:
    """The newest exports by colleagues; a line names the list and how many rows, never whose."""
    if not agent.has_perm("agents.export"):
        return []
    newest = LogEntry.objects.order_by("-pk").values("pk")[:LOG_LINES]
    seen = LogEntry.objects.filter(
        pk__in=newest, change_message__startswith=EXPORTED, user__in=Agent.objects.visible_to(agent)
    )
    return list(seen.select_related("user", "content_type").order_by("-pk")[:SHOWN])
