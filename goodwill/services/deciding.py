"""Answering what somebody asked for: agreeing, declining, taking it back, and the end of the wait."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.telling import notify
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.sweeping import each
from goodwill.models import Offer, Request
from goodwill.services import locking, urgent
from goodwill.services.checking import expect_may_decide, expect_waiting, expect_within_own
from goodwill.services.offering import send
from goodwill.services.posting import account_for, gift_of, note, post
from goodwill.services.related import expect_for_somebody_else, expect_somebody_else
from goodwill.services.telling import send_what_waited
from tickets.models import Ticket

AT_ONCE = 200  # requests that one run of the sweep ends
State = Request.State


@transaction.atomic
def approve(request: Request, *, by: Agent, at: datetime | None = None) -> Request:
    """Agree to what somebody else asked for; the points are given in the name of who asked. Safe to repeat.

    Where two people have to agree, the first answer is kept and the request goes on waiting, an urgent one for the
    next on duty. Who agrees is held to their own limits by grant, ticket and customer. The message that waited for it
    goes out, unless the customer wrote since: then it comes back to who asked. Refused: `not_allowed`, `same_person`,
    `not_waiting`, `own_account`, `over_limit`, `budget_used_up`, `a_person_decides`, and what the ledger refuses.
    """
    at = at or clock.now()
    asked, ticket = _locked(request, by)
    if asked.state in (State.WAITING, *Request.GIVEN) and by.pk in (asked.approver_id, asked.second_id):
        return asked
    expect_waiting(asked, at)
    expect_somebody_else(by, ticket)
    expect_for_somebody_else(asked, ticket)
    locking.lock_usage(asked.by, ticket)
    expect_within_own(by, ticket, asked.points, at=at, but=asked)
    _answer(asked, by, at)
    if asked.takes_two and asked.second_id is None:
        asked.save(update_fields=["approver", "decided_at", "passes_at"])
        note(asked, "agreed", by=by, at=at, on=ticket)
        if asked.is_urgent:
            urgent.put_to_next(asked, at, on=ticket)
        return asked
    note(asked, "agreed", by=by, at=at, on=ticket)
    if offer := Offer.objects.filter(request=asked).first():
        send(offer, asked, at=at, on=ticket)
    else:
        # Whoever asked may have meant one that has been merged since.
        asked.account = account_for(ticket, gift_of(asked))
        post(asked, at=at, on=ticket)
        send_what_waited(asked, at=at, on=ticket)
    _tell(asked, "goodwill_agreed", at)
    return asked


@transaction.atomic
def decline(request: Request, *, by: Agent, at: datetime | None = None) -> Request:
    """Say no to what somebody else asked for; what it had reserved is free again. Safe to repeat.

    Refused: `not_allowed`, `same_person`, `not_waiting`, `a_person_decides`.
    """
    at = at or clock.now()
    asked, ticket = _locked(request, by)
    if asked.state == State.DECLINED:
        return asked
    expect_waiting(asked, at)
    _answer(asked, by, at)
    _end(asked, State.DECLINED, "declined", by=by, at=at, on=ticket)
    _tell(asked, "goodwill_declined", at)
    return asked


@transaction.atomic
def withdraw(request: Request, *, by: Agent, at: datetime | None = None) -> Request:
    """Take back what oneself asked for, while it waits. Safe to repeat. Refused: `not_yours`, `not_waiting`."""
    at = at or clock.now()
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    asked = locking.as_it_is(request)
    if asked.by_id != by.pk:
        raise Refused("not_yours", _("Only who asked can take it back."))
    if asked.state == State.WITHDRAWN:
        return asked
    expect_waiting(asked, at)
    _end(asked, State.WITHDRAWN, "withdrawn", by=by, at=at, on=ticket)
    return asked


def lapse_due(*, at: datetime | None = None) -> int:
    """End what waited for 48 hours and was answered by nobody; how many those were. Beat runs it every minute."""
    at = at or clock.now()
    due = Request.objects.to_lapse(at).values_list("pk", "ticket_id")[:AT_ONCE]
    return each(_lapse, ((pk, ticket, at) for pk, ticket in due))


@transaction.atomic
def _lapse(pk: int, ticket_id: int, at: datetime) -> int:
    if not locking.claimed(ticket_id):
        return 0  # somebody answers it now, or another worker is at it
    request = Request.objects.select_related("ticket").get(pk=pk)
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    asked = locking.as_it_is(request)
    if asked.state != State.WAITING or asked.lapses_at is None or asked.lapses_at > at:
        return 0
    _end(asked, State.LAPSED, "lapsed", by=None, at=at, on=ticket)
    _tell(asked, "goodwill_lapsed", at)
    return 1


def _locked(request: Request, by: Agent) -> tuple[Request, Ticket]:
    """The request as it is under its locks, and the ticket it goes on in; refused for whoever asked, and for a rule."""
    expect_may_decide(by, request.brand_id, request.by_id)
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    return locking.as_it_is(request), ticket


def _answer(asked: Request, by: Agent, at: datetime) -> None:
    """Write down who answered: the first, or the second where two have to."""
    if asked.approver_id is None:
        asked.approver = by
    elif asked.approver_id != by.pk:
        asked.second = by
    asked.decided_at = at
    asked.passes_at = None


def _end(asked: Request, state: State, what: str, *, by: Agent | None, at: datetime, on: Ticket) -> None:
    asked.state, asked.lapses_at, asked.passes_at = state, None, None
    asked.decided_at = asked.decided_at or at
    asked.save()
    Offer.objects.filter(request=asked).update(state=Offer.State.WITHDRAWN)
    locking.book(asked.budget, reserved=-asked.points)
    note(asked, what, by=by, at=at, on=on)


def _tell(asked: Request, kind: str, at: datetime) -> None:
    notify(
        [asked.by] if asked.by else [], brand_id=asked.brand_id, kind=kind, subject=asked.ticket.reference,
        key=f"goodwill:{asked.pk}:{kind}", at=at, points=asked.points, request=asked.pk,
    )  # fmt: skip
