"""What is proposed when a ticket was solved: a call that asks whether all is well, where something warrants one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from callbacks.models import Attempt, Callback, FollowUp
from callbacks.services.booking import Asked, expect_next
from callbacks.services.finding import first_window, phone_of
from callbacks.services.promising import More, promise
from callbacks.services.steps import expect_keeper
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Consent, ContactPoint
from customers.services import has_not_refused
from tickets.models import Clock, ContactReason, Ticket, TicketEvent

Sign, Event = FollowUp.Sign, TicketEvent.Kind
DECLINED = "declined"  # what the conversation keeps of a proposal that somebody found needless


@dataclass(frozen=True)
class Proposal:
    """A call that could be promised on a solved ticket: what about, in which window (UTC), to which number, in which
    zone of the customer the window is shown.

    `owner` is whoever has the ticket; None where nobody who serves the brand has it: then whoever promises calls.
    """

    ticket: Ticket
    about: str
    window: tuple[datetime, datetime]
    number: ContactPoint
    owner: Agent | None
    zone: str

    @property
    def key(self) -> str:
        """One call follows one solution, however often it is asked for."""
        return key_of(self.ticket)


def key_of(ticket: Ticket) -> str:
    solved = ticket.resolved_at.timestamp() if ticket.resolved_at else 0
    return f"followup:{ticket.pk}:{solved}"


def proposal_for(ticket: Ticket, at: datetime) -> Proposal | None:
    """What would be promised to the customer of a solved `ticket` at `at`; at most fifteen queries, none that grows.

    None where nothing warrants a call, where we have no number, where they do not want to be called, where a call is
    promised to them already or they were reached since, and where somebody found the call needless.
    """
    if ticket.status != Ticket.Status.RESOLVED or ticket.merged_into_id or ticket.resolved_at is None:
        return None
    follow_up = _follow_up(ticket)
    number = phone_of(ticket.customer) if follow_up else None
    if follow_up is None or number is None or _is_needless(ticket, ticket.resolved_at):
        return None
    due = max(ticket.resolved_at + timedelta(hours=follow_up.after_hours), at)
    owner = _owner(ticket)
    asked = Asked(ticket.customer, owner, point=number)
    window = first_window(asked, due, at=at)
    zone = asked.place.zone.key
    return Proposal(ticket, follow_up.about, window, number, owner, zone) if window else None


def _follow_up(ticket: Ticket) -> FollowUp | None:
    """What warrants a call: the contact reason itself before broader ones, those before what went wrong."""
    rows = FollowUp.objects.of(ticket.brand_id)
    by_reason = {row.contact_reason_id: row for row in rows if row.sign == Sign.REASON}
    for reason in _line(ticket) if by_reason else []:
        if reason in by_reason:
            return by_reason[reason]
    by_sign = {row.sign: row for row in rows if row.sign != Sign.REASON}
    shown = _signs(ticket) if by_sign else set()
    return next(
        (by_sign[sign] for sign in (Sign.LATE, Sign.REOPENED) if sign in by_sign and sign in shown), None
    )


def _line(ticket: Ticket) -> list[int]:
    """The contact reason of the ticket and all above it, the nearest first."""
    reason = ContactReason.objects.with_parents().filter(pk=ticket.reason_id).first()
    return reason.line() if reason else []


def _signs(ticket: Ticket) -> set[str]:
    """What went wrong with the ticket, by its audit."""
    lines = TicketEvent.objects.filter(ticket__in=ticket.whole(), kind__in=[Event.LATE, Event.REOPENED])
    signs: set[str] = set()
    for kind, which in lines.values_list("kind", "data__clock"):
        if kind == Event.REOPENED:
            signs.add(Sign.REOPENED)
        elif which in Clock.ANSWERS:
            signs.add(Sign.LATE)
    return signs


def _is_needless(ticket: Ticket, since: datetime) -> bool:
    """Whether the call is unwanted, promised already, made `since` the ticket was solved, or declined by one of us."""
    calls = Callback.objects.filter(customer=ticket.customer_id, kind=Callback.Kind.CALL)
    reached = Attempt.objects.filter(
        callback__customer=ticket.customer_id, callback__kind=Callback.Kind.CALL,
        outcome=Attempt.Outcome.DONE, at__gte=since,
    )  # fmt: skip
    return (
        not has_not_refused(ticket.customer, Consent.Purpose.CALLS)
        or calls.filter(Q(state__in=Callback.OPEN) | Q(key=key_of(ticket))).exists()
        or reached.exists()
        or _was_declined(ticket, since)
    )


def _was_declined(ticket: Ticket, since: datetime) -> bool:
    lines = TicketEvent.objects.filter(ticket=ticket, kind=Event.CALLBACK, at__gte=since)
    return lines.filter(data__what=DECLINED).exists()


def _owner(ticket: Ticket) -> Agent | None:
    return Agent.objects.serving(ticket.brand).filter(pk=ticket.assignee_id).first()


@transaction.atomic
def promise_proposed(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Callback:
    """Promise the call that is proposed; asked twice, it is one promise. Refused: `not_proposed` where none is (any
    more), and whatever `promise` refuses."""
    expect_keeper(by, ticket.brand_id)
    at = at or clock.now()
    ticket = tickets.services.lock(ticket)
    if earlier := Callback.objects.filter(key=key_of(ticket)).first():
        return earlier
    proposal = proposal_for(ticket, at)
    if proposal is None:
        raise Refused("not_proposed", _("No call is proposed here any more."))
    owner = proposal.owner or by
    asked = Asked(ticket.customer, owner, point=proposal.number)
    window = expect_next(asked, proposal.window[0], at=at)
    return promise(
        ticket.customer, window, by=by, reason=proposal.about, key=proposal.key, owner=owner,
        ticket=ticket, contact_point=proposal.number, at=at, more=More(source=Callback.Source.RESOLVED),
    )  # fmt: skip


@transaction.atomic
def decline_proposed(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> None:
    """Say that the proposed call is not needed: nobody is asked again about this solution. Once is enough."""
    expect_keeper(by, ticket.brand_id)
    at = at or clock.now()
    ticket = tickets.services.lock(ticket)
    if proposal_for(ticket, at) is not None:
        tickets.services.record(
            ticket, Event.CALLBACK, by=by, at=at, what=DECLINED, kind=str(Callback.Kind.CALL), callback=None
        )
