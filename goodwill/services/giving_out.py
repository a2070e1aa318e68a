"""Giving out what was agreed to for everybody an incident hit: each customer in a transaction of their own.

Whatever ends a run, the next goes on: who has a line was seen to. The deed's own row is locked for each customer, so
that two runs at once never see the same customer undone; the request's key refuses a second one even so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

import tickets.services
from agents.telling import notify
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.incidents import given_for, given_something, incident_of, to_do
from goodwill.limits import OF_APPROVER, first_over, limits_of
from goodwill.models import IncidentGrant, IncidentLine, Request
from goodwill.models.incidents import GIVEN
from goodwill.services import locking
from goodwill.services.fitting import expect_fits_member
from goodwill.services.incidents import expect_payable, locked, locked_with_budget, release, tell_thread
from goodwill.services.posting import account_of, post
from goodwill.services.related import expect_somebody_else
from tickets.models import Ticket

log = logging.getLogger(__name__)
State = IncidentGrant.State
CHUNK = 50  # customers that are looked up together
PAGES = 50  # times that one run looks up customers of a deed, whether they can be helped or not
DEEDS = 20  # deeds that one run looks at
AT_ONCE = 500  # customers that one run sees to: it ends within seconds, and the next goes on


def give_out(*, at: datetime | None = None) -> int:
    """See to the customers of what is being given, the oldest deed first; how many those were. Safe to repeat.

    A customer whom an error of ours stands before is passed over and tried again by the next run; a deed with nobody
    left is done.
    """
    at, seen_to = at or clock.now(), 0
    for grant in IncidentGrant.objects.running()[:DEEDS]:
        for customers in islice(_pages(grant), PAGES):
            if seen_to >= AT_ONCE:
                break
            seen_to += sum(_tried(grant, ticket, at) for ticket in customers)
        finish(grant, at=at)
    return seen_to


def _pages(grant: IncidentGrant) -> Iterator[list[Ticket]]:
    """The customers of one deed that are still to do, so many at a time; past those who cannot be helped now."""
    past = 0
    while customers := list(to_do(grant).filter(customer__gt=past)[:CHUNK]):
        yield customers
        past = customers[-1].customer_id


def _tried(grant: IncidentGrant, ticket: Ticket, at: datetime) -> int:
    try:
        return _see_to(grant, ticket, at)
    except Exception:
        log.exception("goodwill of incident %s on ticket %s was not given", grant.pk, ticket.pk)
        return 0


@transaction.atomic
def _see_to(grant: IncidentGrant, ticket: Ticket, at: datetime) -> int:
    """Give to the customer of one ticket, or write down why not; 0 where there is nothing to do any more, or where
    somebody works on the ticket: the next run finds it."""
    if not locking.claimed(ticket.pk):
        return 0
    ticket = tickets.services.lock_where_it_goes_on(ticket)
    running = locked_with_budget(grant.pk)
    if running.state != State.RUNNING or running.reserved < running.points:
        return 0
    locking.lock_usage(running.by, ticket)
    if _is_seen_to(running, ticket):  # under the customer's lock: on whichever ticket, by whichever deed
        return 0
    line = IncidentLine(brand_id=running.brand_id, grant=running, ticket=ticket, at=at)
    try:
        with transaction.atomic():
            line.request, line.outcome = _give(running, ticket, at), GIVEN
    except Refused as refusal:
        line.outcome, line.bound = refusal.code, refusal.details.get("bound", "")
    line.save(force_insert=True)
    return 1


def _is_seen_to(running: IncidentGrant, ticket: Ticket) -> bool:
    theirs = {"ticket__customer": ticket.customer_id}
    return (
        running.lines.filter(**theirs).exists() or given_for(incident_of(running)).filter(**theirs).exists()
    )


def _give(running: IncidentGrant, ticket: Ticket, at: datetime) -> Request:
    """The grant of one customer, given in the name of who asked, agreed to by who agreed to all."""
    expect_payable(running, at)
    account = account_of(ticket)
    for agent in (running.by, running.approver):
        if agent is not None:
            expect_somebody_else(agent, ticket)
    if running.spares and given_something(ticket, incident_of(running)):
        raise Refused("given_something", "")
    expect_fits_member(running.reason, ticket, account)
    _expect_within(running, ticket, at)
    request = Request(
        brand_id=running.brand_id, ticket=ticket, account=account, reason=running.reason, budget=running.budget,
        points=running.points, by=running.by, approver=running.approver, key=key_of(running, ticket),
        words=running.words, asked_at=at, decided_at=at,
    )  # fmt: skip
    running.reserved -= running.points
    running.save(update_fields=["reserved"])
    if running.budget is not None:
        # Written by `post` together with what is spent: a second writing of the row in one transaction would ask for
        # the incident's ticket, which `finish` locks before the budget.
        running.budget.reserved -= running.points
    return post(request, at=at)


def key_of(running: IncidentGrant, ticket: Ticket) -> str:
    """The key of a customer's grant: one for each ticket of an incident, by whichever deed. Not for each customer:
    who was one with another when it was given, and is parted again, is another one."""
    return f"incident:{incident_of(running)}:ticket:{ticket.pk}"


def _expect_within(running: IncidentGrant, ticket: Ticket, at: datetime) -> None:
    """Refuse (`over_limit`) what is over a limit of who agreed: at once, on one ticket, for one customer."""
    if running.approver is None:
        return
    limits = limits_of(running.approver, ticket, running.points, at=at)
    if over := first_over(one for one in limits if one.code in OF_APPROVER):
        raise Refused("over_limit", over.sentence, details={"bound": over.code})


@transaction.atomic
def finish(grant: IncidentGrant, *, at: datetime) -> bool:
    """End a deed that has nobody left, or no more that was agreed to; what is still reserved is free again."""
    running = locked(grant)
    if running.state != State.RUNNING or (running.reserved >= running.points and to_do(running).exists()):
        return False
    running.state, running.done_at = State.DONE, at
    release(running)
    running.save(update_fields=["state", "done_at", "reserved"])
    given = running.lines.filter(outcome=GIVEN).count()
    tell_thread(running, "incident_done", by=None, at=at, given=given)
    notify(
        [running.by], brand_id=running.brand_id, kind="incident_done", subject=running.ticket.reference,
        key=f"incident:{running.pk}:done:{running.lines.count()}", at=at, points=running.points, customers=given,
        incident_grant=running.pk,
    )  # fmt: skip
    return True
