"""Today in figures, per brand: one question to the database, in which every count and sum stops at a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import F, JSONField, OuterRef, Q, QuerySet, Subquery

from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.paging import COUNT_AT_MOST, CountUpTo
from goodwill.models import Request
from loyalty.models import Entry, LedgerProof
from tickets.models import InboundMail, Message, Ticket, TicketProof

LINES_AT_MOST = 10_000  # of which points are added up for a figure
DAYS_SHOWN = 14


class SumUpTo(Subquery):
    """What the one column of the query adds up to, and of how many rows; the query itself ends at a bound."""

    template = (
        "(SELECT jsonb_build_array(COALESCE(SUM(amount), 0), COUNT(*)) FROM (%(subquery)s) added(amount))"
    )
    output_field = JSONField()


@dataclass(frozen=True)
class Times:
    """The instants that bound what is counted: now, and the days of the reader's calendar that end today."""

    now: datetime
    days: tuple[tuple[date, datetime, datetime], ...]

    @classmethod
    def of(cls, at: datetime, zone: tzinfo) -> Times:
        today = at.astimezone(zone).date()
        days = [today - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
        return cls(at, tuple((day, *clock.day(day, zone)) for day in days))

    @property
    def today(self) -> date:
        return self.days[-1][0]

    @property
    def yesterday(self) -> date:
        return self.days[-2][0]

    @property
    def week_ago(self) -> date:
        """The first of the seven days before today."""
        return self.days[-8][0]

    def since(self, field: str, day: date) -> Q:
        """Between the beginning of `day` and the end of today."""
        start = next(start for one, start, _end in self.days if one == day)
        return Q(**{f"{field}__gte": start, f"{field}__lt": self.days[-1][2]})

    def before(self, field: str) -> Q:
        """In the seven days before today."""
        return Q(**{f"{field}__gte": self.days[-8][1], f"{field}__lt": self.days[-1][1]})


# Each question is in the order of its index: without one the planner takes every brand for an average one, and
# reads the whole table to find that a small brand has nothing.


def count(rows: QuerySet[Any], by: str, of_brand: str = "brand") -> CountUpTo:
    """How many of `rows` belong to the brand of the outer row, counted to 1,000 at most along the index `by`."""
    mine = rows.filter(**{of_brand: OuterRef("pk")}).order_by(by)
    return CountUpTo(mine.values("pk")[:COUNT_AT_MOST])


def total(rows: QuerySet[Any], by: str, of_brand: str = "brand") -> SumUpTo:
    """The points of `rows` of the brand of the outer row, and of how many lines: of 10,000 at most."""
    mine = rows.filter(**{of_brand: OuterRef("pk")}).order_by(by)
    return SumUpTo(mine.values("points")[:LINES_AT_MOST])


def of_brands(messages: QuerySet[Any]) -> QuerySet[Any]:
    """`messages` with the brand of their ticket as `of_brand`, looked up one by one: a join would read every ticket."""
    brand = Ticket.objects.filter(pk=OuterRef("ticket")).values("brand")
    return messages.alias(of_brand=Subquery(brand))


def of_tickets(times: Times) -> dict[str, Any]:
    tickets, waiting = Ticket.objects.all(), Ticket.objects.waiting().filter(brand=OuterRef("pk"))
    answers = of_brands(Message.objects.filter(kind=Message.Kind.OUTBOUND))
    longest = waiting.order_by("due_at", "pk")[:1]
    return {
        "waiting": count(tickets.waiting(), "due_at"),
        "overdue": count(tickets.overdue(times.now), "due_at"),
        "longest": Subquery(longest.values("number")),
        "longest_due": Subquery(longest.values("due_at")),
        "answered": count(answers.filter(times.since("created_at", times.today)), "created_at", "of_brand"),
        "resolved": count(tickets.filter(times.since("resolved_at", times.today)), "resolved_at"),
    }


def of_failed(times: Times) -> dict[str, Any]:
    unsent = Message.objects.filter(times.since("created_at", times.week_ago), state=Message.State.FAILED)
    return {"failed": count(of_brands(unsent), "created_at", "of_brand")}


def of_quarantined(times: Times) -> dict[str, Any]:
    strange = InboundMail.objects.filter(
        times.since("received_at", times.week_ago), outcome=InboundMail.Outcome.QUARANTINED
    )
    return {"quarantined": count(strange, "received_at")}


def of_goodwill(times: Times) -> dict[str, Any]:
    given = Request.objects.filter(state=Request.State.POSTED)
    today, before = given.filter(times.since("asked_at", times.today)), given.filter(times.before("asked_at"))
    return {
        "grants": count(today, "asked_at"), "given": total(today, "asked_at"),
        "grants_before": count(before, "asked_at"), "given_before": total(before, "asked_at"),
        "point_value": F("programme__point_value_minor"),
    }  # fmt: skip


def of_callbacks(times: Times) -> dict[str, Any]:
    promised = Callback.objects.filter(times.since("window_from", times.today))
    missed = Callback.objects.filter(times.since("window_from", times.week_ago), state=Callback.State.MISSED)
    return {
        "promised": count(promised.open(), "window_from"),
        "kept": count(promised.filter(state=Callback.State.KEPT), "window_from"),
        "late": count(promised.late(times.now), "window_from"),
        "missed": count(missed, "window_from"),
        "unkept": count(Callback.objects.all().overdue(times.now), "window_to"),
    }


def of_points(times: Times) -> dict[str, Any]:
    lines = Entry.objects.filter(times.since("posted_at", times.today))
    return {
        "earned": total(lines.filter(kind=Entry.Kind.EARN), "posted_at", "account__brand"),
        "expired": total(lines.filter(kind=Entry.Kind.EXPIRE), "posted_at", "account__brand"),
    }


def of_proof(times: Times) -> dict[str, Any]:
    """When the brand's ledger was last proven, and how many invariants did not hold."""
    newest = LedgerProof.objects.filter(brand=OuterRef("pk")).order_by("-at", "-pk")[:1]
    return {"proven": Subquery(newest.values("at")), "broken": Subquery(newest.values("broken"))}


def of_audit(times: Times) -> dict[str, Any]:
    """When the audit of the brand's tickets was last proven, and how many tickets were found broken."""
    newest = TicketProof.objects.filter(brand=OuterRef("pk")).order_by("-at", "-pk")[:1]
    return {"audited": Subquery(newest.values("at")), "unsound": Subquery(newest.values("broken"))}


def of_days(times: Times) -> dict[str, Any]:
    """What was opened and resolved on each of the days, as `opened_0` … `resolved_13`."""
    figures = {}
    for number, (_day, start, end) in enumerate(times.days):
        for name in ("opened", "resolved"):
            rows = Ticket.objects.filter(**{f"{name}_at__gte": start, f"{name}_at__lt": end})
            figures[f"{name}_{number}"] = count(rows, f"{name}_at")
    return figures


# Each kind of figures, and the table one must be allowed to look at to read it.
KINDS: Mapping[str, tuple[str, Callable[[Times], dict[str, Any]]]] = {
    "tickets": ("tickets.view_ticket", of_tickets),
    "callbacks": ("callbacks.view_callback", of_callbacks),
    "goodwill": ("goodwill.view_request", of_goodwill),
    "points": ("loyalty.view_entry", of_points),
    "proof": ("loyalty.view_ledgerproof", of_proof),
    "audit": ("tickets.view_ticketproof", of_audit),
    "failed": ("tickets.view_message", of_failed),
    "quarantined": ("tickets.view_inboundmail", of_quarantined),
    "days": ("tickets.view_ticket", of_days),
}


def figures_of(agent: Agent, times: Times) -> QuerySet[Brand]:
    """The brands `agent` serves, each with the figures that `agent` may read."""
    asked: dict[str, Any] = {}
    for permission, figures in KINDS.values():
        if agent.has_perm(permission):
            asked |= figures(times)
    return Brand.objects.visible_to(agent).annotate(**asked)
