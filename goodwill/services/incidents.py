"""Goodwill for everybody an incident hit: asking for it, answering, going on with those who came later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.live import nudge
from contactcenter.sweeping import each
from goodwill.incidents import to_be_given, to_do
from goodwill.models import Budget, IncidentGrant, Reason
from goodwill.models.requests import WAITS_FOR
from goodwill.services import locking
from goodwill.services.checking import (
    APPROVE,
    GRANT,
    expect_may_decide,
    expect_waiting,
    expect_within_grant,
    takes_two,
    to_be_told,
)
from goodwill.services.deciding import AT_ONCE
from goodwill.services.fitting import expect_reason
from tickets.models import Ticket, TicketEvent
from tickets.services.acting import acting_rule

State = IncidentGrant.State
GOES_ON_FOR = timedelta(days=30)  # since the answer
GIVE = "goodwill.tasks.give_for_incidents"


@transaction.atomic
def ask(
    incident: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    words: str = "",
    spares: bool = False,
    at: datetime | None = None,
) -> IncidentGrant:
    """Ask for `points` for each customer who has a ticket linked to the `incident` and was not given them before.

    It waits, all of it reserved, until somebody else agrees whose own limits allow so many points at once. With
    `spares` whoever was given something on such a ticket is left out. Safe to repeat. Refused: `not_allowed`,
    `a_person_decides`, `ticket_merged`, `key_conflict`, `other_brand`, `outside_reason`, `order_missing`,
    `nobody_affected`, `asked_already`, `over_limit` for what two people have to agree to, `budget_used_up`.
    """
    at = at or clock.now()
    _expect_person()
    incident = tickets.services.lock(incident)
    keys.claim(IncidentGrant, key)
    if earlier := IncidentGrant.objects.filter(key=key).first():
        content = (earlier.ticket_id, earlier.points, earlier.reason_id, earlier.spares)
        if content != (incident.pk, points, reason.pk, spares):
            raise keys.conflict()
        return earlier
    expect_right(by, GRANT, incident.brand_id)
    expect_reason(reason, incident, points)
    if reason.needs_order:
        raise Refused(
            "order_missing", _("%s: this is given for one order, not for an incident.") % reason.label
        )
    _expect_one_person(by, incident, points, at)
    if IncidentGrant.objects.filter(ticket=incident, state__in=[State.ASKED, State.RUNNING]).exists():
        raise Refused("asked_already", _("Goodwill for this incident is asked for, or being given, already."))
    customers = to_be_given(incident.pk).count()
    if not customers:
        raise Refused(
            "nobody_affected", _("No customer is linked to this incident who was given nothing yet.")
        )
    budget = locking.lock_budget_of_incident(incident, reason, by, at)
    locking.expect_room(budget, points * customers)
    grant = IncidentGrant.objects.create(
        brand_id=incident.brand_id, ticket=incident, reason=reason, budget=budget, points=points,
        customers=customers, spares=spares, by=by, key=key, words=words, reserved=points * customers, asked_at=at,
        lapses_at=at + WAITS_FOR,
    )  # fmt: skip
    locking.book(budget, reserved=grant.whole)
    tell_thread(grant, "incident_asked", by=by, at=at)
    _tell(to_be_told(by, incident.brand, points, at), grant, "goodwill_waits", at)
    return grant


@transaction.atomic
def approve(grant: IncidentGrant, *, by: Agent, at: datetime | None = None) -> IncidentGrant:
    """Agree to what somebody else asked for all who were hit; from now on it is given. Safe to repeat.

    Refused: `not_allowed`, `a_person_decides`, `same_person`, `not_waiting`, `over_limit` of who agrees.
    """
    at = at or clock.now()
    asked = _locked_for_answer(grant, by)
    if asked.state in IncidentGrant.AGREED and asked.approver_id == by.pk:
        return asked
    expect_waiting(asked, at)
    expect_within_grant(by, asked.brand_id, asked.points, at)
    asked.state, asked.approver, asked.decided_at, asked.lapses_at = State.RUNNING, by, at, None
    asked.save(update_fields=["state", "approver", "decided_at", "lapses_at"])
    tell_thread(asked, "incident_agreed", by=by, at=at)
    nudge(GIVE)
    return asked


@transaction.atomic
def decline(grant: IncidentGrant, *, by: Agent, at: datetime | None = None) -> IncidentGrant:
    """Say no to what somebody else asked for; what it had reserved is free again. Safe to repeat.

    Refused: `not_allowed`, `a_person_decides`, `same_person`, `not_waiting`.
    """
    at = at or clock.now()
    asked = _locked_for_answer(grant, by)
    if asked.state == State.DECLINED:
        return asked
    expect_waiting(asked, at)
    asked.approver, asked.decided_at = by, at
    _end(asked, State.DECLINED, by=by, at=at)
    _tell([asked.by], asked, "goodwill_declined", at)
    return asked


@transaction.atomic
def withdraw(grant: IncidentGrant, *, by: Agent, at: datetime | None = None) -> IncidentGrant:
    """Take back what oneself asked for, while it waits. Safe to repeat. Refused: `not_yours`, `not_waiting`."""
    at = at or clock.now()
    asked = locked(grant)
    if asked.by_id != by.pk:
        raise Refused("not_yours", _("Only who asked can take it back."))
    if asked.state == State.WITHDRAWN:
        return asked
    expect_waiting(asked, at)
    _end(asked, State.WITHDRAWN, by=by, at=at)
    return asked


@transaction.atomic
def stop(grant: IncidentGrant, *, by: Agent, at: datetime | None = None) -> IncidentGrant:
    """Give no more of what was agreed to; what is given stays, the rest is free again. Safe to repeat.

    Refused: `not_allowed`, `not_running`.
    """
    at = at or clock.now()
    expect_right(by, APPROVE, grant.brand_id)
    running = locked(grant)
    if running.state == State.STOPPED:
        return running
    if running.state != State.RUNNING:
        raise Refused("not_running", _("Nothing is being given: %s.") % running.get_state_display())
    _end(running, State.STOPPED, by=by, at=at)
    return running


@transaction.atomic
def go_on(grant: IncidentGrant, *, by: Agent, at: datetime | None = None) -> IncidentGrant:
    """Give to those who were linked after all was given, as far as it was agreed to: to so many customers, no more.

    Where nobody came it does nothing. Refused: `not_allowed`, `not_done`, `too_late` 30 days after the answer,
    `asked_already` while another deed of the incident goes on, `beyond_approval`, `budget_used_up`, `budget_is_over`,
    `other_brand` for a reason that is not in use any more, `outside_reason`.
    """
    at = at or clock.now()
    expect_right(by, GRANT, grant.brand_id)
    done = locked(grant)
    if done.state == State.RUNNING:
        return done
    if done.state != State.DONE:
        raise Refused("not_done", _("This was not given: %s.") % done.get_state_display())
    new = to_do(done).count()
    if not new:
        return done
    if done.decided_at is None or at >= done.decided_at + GOES_ON_FOR:
        raise Refused("too_late", _("This was agreed to more than 30 days ago. Ask for the new ones."))
    if IncidentGrant.objects.filter(ticket=done.ticket, state__in=[State.ASKED, State.RUNNING]).exists():
        raise Refused("asked_already", _("Goodwill for this incident is asked for, or being given, already."))
    room = done.customers - done.lines.filter(request__isnull=False).count()
    if new > room:
        sentence = _(
            "It was agreed to for %(agreed)d customers; %(room)d of them are left, and %(new)d are new."
        )
        more = _("Ask for the new ones.")
        figures = {"agreed": done.customers, "room": room, "new": new}
        raise Refused("beyond_approval", f"{sentence % figures} {more}", details=figures)
    expect_payable(done, at)
    locking.expect_room(done.budget, new * done.points)
    done.state, done.reserved, done.done_at = State.RUNNING, new * done.points, None
    done.save(update_fields=["state", "reserved", "done_at"])
    locking.book(done.budget, reserved=done.reserved)
    tell_thread(done, "incident_goes_on", by=by, at=at)
    nudge(GIVE)
    return done


def lapse_due(*, at: datetime | None = None) -> int:
    """End what waited for 48 hours and was answered by nobody; how many those were."""
    at = at or clock.now()
    return each(_lapse, ((one, at) for one in IncidentGrant.objects.to_lapse(at)[:AT_ONCE]))


@transaction.atomic
def _lapse(grant: IncidentGrant, at: datetime) -> int:
    if not locking.claimed(grant.ticket_id):
        return 0  # somebody answers it now, or another worker is at it
    asked = locked(grant)
    if asked.state != State.ASKED or asked.lapses_at is None or asked.lapses_at > at:
        return 0
    _end(asked, State.LAPSED, by=None, at=at)
    _tell([asked.by], asked, "goodwill_lapsed", at)
    return 1


def locked(grant: IncidentGrant) -> IncidentGrant:
    """A deed as it is now, its incident (or the ticket that went on with it), its budget and itself locked."""
    ticket = tickets.services.lock_where_it_goes_on(grant.ticket)
    found = locked_with_budget(grant.pk)
    found.ticket = ticket  # never saved: the deed stays that of the ticket it was asked on
    return found


def locked_with_budget(pk: int) -> IncidentGrant:
    """A deed as it is now, its budget locked and then itself; a ticket is locked by whoever calls."""
    budget = IncidentGrant.objects.filter(pk=pk).values_list("budget", flat=True).get()
    paying = Budget.objects.select_for_update(of=("self",)).get(pk=budget) if budget else None
    rows = IncidentGrant.objects.select_for_update(of=("self",)).select_related("ticket__brand", "reason")
    found: IncidentGrant = rows.select_related("by", "approver").get(pk=pk)
    found.budget = paying
    return found


def tell_thread(grant: IncidentGrant, what: str, *, by: Agent | None, at: datetime, **more: Any) -> None:
    """Write into the incident's conversation what became of a deed for all whom it hit."""
    tickets.services.record(
        grant.ticket, TicketEvent.Kind.GOODWILL_REQUEST, by=by, at=at, after=grant.state, what=what,
        points=grant.points, reason=grant.reason.code, incident_grant=grant.pk, customers=grant.customers, **more,
    )  # fmt: skip


def expect_payable(grant: IncidentGrant, at: datetime) -> None:
    """Refuse what was agreed to once its budget is over (`budget_is_over`), or its reason is not in use any more
    (`other_brand`) or allows other points (`outside_reason`)."""
    budget = grant.budget
    if budget is not None and not budget.starts_at <= at < budget.ends_at:
        raise Refused("budget_is_over", _("It is not the time of the budget “%s”.") % budget.name)
    expect_reason(grant.reason, grant.ticket, grant.points)


def release(grant: IncidentGrant) -> None:
    """Let a locked deed's budget have back what is still reserved; the row is saved by whoever calls."""
    locking.book(grant.budget, reserved=-grant.reserved)
    grant.reserved = 0


def _locked_for_answer(grant: IncidentGrant, by: Agent) -> IncidentGrant:
    expect_may_decide(by, grant.brand_id, grant.by_id)
    return locked(grant)


def _expect_person() -> None:
    if acting_rule():
        raise Refused("a_person_decides", _("A rule gives nothing to many; a person decides."))


def _expect_one_person(by: Agent, incident: Ticket, points: int, at: datetime) -> None:
    if two := takes_two(by, incident.brand_id, points, at):
        sentence = _(
            "Two people have to agree to more than %(limit)d points; nobody gives that to many at once."
        )
        raise Refused("over_limit", sentence % two, details=two)


def _end(grant: IncidentGrant, state: State, *, by: Agent | None, at: datetime) -> None:
    grant.state, grant.lapses_at = state, None
    release(grant)
    grant.save(update_fields=["state", "approver", "reserved", "lapses_at", "decided_at"])
    tell_thread(grant, f"incident_{state}", by=by, at=at)


def _tell(agents: list[Agent], grant: IncidentGrant, kind: str, at: datetime) -> None:
    notify(
        agents, brand_id=grant.brand_id, kind=kind, subject=grant.ticket.reference,
        key=f"incident:{grant.pk}:{kind}", at=at, points=grant.points, customers=grant.customers,
        incident_grant=grant.pk,
    )  # fmt: skip
