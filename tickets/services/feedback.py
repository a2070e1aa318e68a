"""The one question after a ticket was solved: asked once, answered with one click, and what a bad answer brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.telling import notify, supervisors_of
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import ContactPoint
from customers.services import write_notice
from tickets.models import Survey, SurveyRule, Ticket, TicketEvent
from tickets.services.clocks import Clocks
from tickets.services.steps import keep, lock, record, take_up

AT_ONCE = 50
TEMPLATE = "survey"
OPEN_FOR = timedelta(days=30)  # so long the letter's link asks
CHANGED_FOR = timedelta(days=7)  # so long an answer may be changed
LEAVES_WITHIN = timedelta(days=3)
LONGEST_COMMENT = 2000
Event, Actor, State, Status = TicketEvent.Kind, TicketEvent.Actor, Survey.State, Ticket.Status


@dataclass(frozen=True)
class Step:
    """What a bad answer may bring: its name for the rule's form, and the deed on the locked ticket."""

    label: Any
    do: Callable[[Ticket, Survey, datetime], None]


@transaction.atomic
def ask_some(*, at: datetime | None = None) -> int:
    """Ask about the tickets whose time has come by `at`, fifty at most; how many were looked at.

    Not asked: who wrote or was called again since, who has no address, who was asked lately. Whoever works on a
    ticket at this moment keeps it for the next sweep.
    """
    at = at or clock.now()
    found = Survey.objects.to_ask(at).values("ticket")[:AT_ONCE]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=found)
    tickets = list(rows.select_related("brand", "customer").order_by("pk"))
    for ticket in tickets:
        _ask(ticket, at)
    return len(tickets)


def _ask(ticket: Ticket, at: datetime) -> None:
    survey = Survey.objects.select_for_update().get(ticket=ticket)  # as it is now that the ticket is locked
    if survey.state != State.WAITING or survey.due_at is None or survey.due_at > at:
        return
    point = ticket.answer_goes_to()
    survey.due_at, survey.why_not = None, _why_not(ticket, survey, point, at)
    survey.state = State.DROPPED
    if point and not survey.why_not:
        survey.state, survey.asked_at = State.ASKED, at
        write_notice(
            point, TEMPLATE, key=f"{TEMPLATE}:{survey.pk}", context={"ticket": ticket.pk, "survey": survey.pk},
            at=at, until=at + LEAVES_WITHIN,
        )  # fmt: skip
        record(ticket, Event.SURVEYED, by=None, at=at)
    survey.save(update_fields=["state", "due_at", "why_not", "asked_at"])


def _why_not(ticket: Ticket, survey: Survey, point: ContactPoint | None, at: datetime) -> str:
    """A code for why this customer is not asked, "" for who is."""
    if ticket.merged_into_id:
        return "merged"
    if ticket.status not in Ticket.ENDED or ticket.resolved_at != survey.resolved_at:
        return "reopened"
    rule = SurveyRule.objects.filter(brand=ticket.brand_id).first()
    if rule is None or not rule.share_percent:
        return "switched_off"
    if point is None:
        return "no_address"
    keys.claim(
        Survey, f"customer:{ticket.customer_id}"
    )  # two tickets of one customer are looked at one by one
    since = at - timedelta(days=rule.days_between)
    lately = Survey.objects.filter(ticket__customer=ticket.customer_id, asked_at__gt=since)
    return "asked_lately" if lately.exists() else ""


@transaction.atomic
def answer_survey(
    survey: Survey, score: int, *, comment: str | None = None, at: datetime | None = None
) -> Survey:
    """The customer says how it was, with a score of one to five; a comment that is None stays as it is.

    The same again changes nothing. An answer may be changed for seven days. A bad one brings, the first time, what
    the brand's rule says. Refused: `no_score`, `survey_closed`.
    """
    at = at or clock.now()
    if score not in Survey.Score.values:
        raise Refused("no_score", _("Choose one of the five."))
    ticket = lock(survey.ticket)
    survey = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if not is_open(survey, at):
        raise Refused("survey_closed", _("This question is closed. Thank you all the same."))
    before, was_bad = survey.score, survey.is_bad
    said = survey.comment if comment is None else comment.strip()[:LONGEST_COMMENT]
    if (before, survey.comment) == (score, said):
        return survey
    survey.state, survey.score, survey.comment, survey.changed_at = State.ANSWERED, score, said, at
    survey.answered_at = survey.answered_at or at
    survey.save(update_fields=["state", "score", "comment", "answered_at", "changed_at"])
    record(
        ticket,
        Event.RATED,
        by=None,
        at=at,
        actor=Actor.CUSTOMER,
        before=before,
        after=score,
        survey=survey.pk,
    )
    if survey.is_bad and not was_bad:
        _follow_rule(ticket, survey, at)
    return survey


def is_open(survey: Survey, at: datetime) -> bool:
    """Whether the customer may answer at `at`, or change what they answered."""
    if survey.asked_at is None:
        return False
    return at < (survey.answered_at + CHANGED_FOR if survey.answered_at else survey.asked_at + OPEN_FOR)


def _follow_rule(ticket: Ticket, survey: Survey, at: datetime) -> None:
    rule = SurveyRule.objects.filter(brand=ticket.brand_id).first()
    step = BAD_STEPS.get(rule.on_bad) if rule else None
    if step is not None:
        step.do(ticket, survey, at)


def _nothing(ticket: Ticket, survey: Survey, at: datetime) -> None:
    """A bad answer is an answer, no more."""


def tell_supervisors(ticket: Ticket, survey: Survey, at: datetime) -> None:
    """The supervisors of the brand are told, once."""
    notify(
        supervisors_of(ticket.brand), brand_id=ticket.brand_id, kind="bad_answer", subject=ticket.reference,
        key=f"bad_answer:{survey.pk}", at=at, score=survey.score,
    )  # fmt: skip


def _reopen(ticket: Ticket, survey: Survey, at: datetime) -> None:
    """The ticket is open again and wants an answer; of one that is closed for good the supervisors are told."""
    if ticket.status == Status.CLOSED:
        tell_supervisors(ticket, survey, at)
        return
    if ticket.status == Status.RESOLVED:
        take_up(ticket, None, at, actor=Actor.RULE)
    clocks = Clocks(ticket, at)
    clocks.heard()
    clocks.keep()
    keep(ticket)
    if ticket.assignee:
        notify(
            [ticket.assignee], brand_id=ticket.brand_id, kind="bad_answer", subject=ticket.reference,
            key=f"bad_answer:{survey.pk}", at=at, score=survey.score,
        )  # fmt: skip


# What a brand's rule may choose, by its code; upper rooms add theirs in `apps.ready()`.
BAD_STEPS: dict[str, Step] = {
    "nothing": Step(gettext_lazy("nothing"), _nothing),
    "reopen": Step(gettext_lazy("open the ticket again"), _reopen),
    "tell": Step(gettext_lazy("tell the supervisors"), tell_supervisors),
}
