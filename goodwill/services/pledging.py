"""A promise that pays itself: what is published, held to the log of the clocks, and paid from its own budget."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify, supervisors_of
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Budget, Pledge, PledgeRun, Request
from goodwill.pledged import Course, course_of, turn_since
from goodwill.services import locking
from goodwill.services.checking import APPROVE, expect_within_grant, takes_two
from goodwill.services.holding import PLEDGE, facts_of, holding_pledge
from goodwill.services.posting import account_of, post
from goodwill.services.related import expect_somebody_else
from tickets.models import ClockFact, Ticket, TicketEvent

log = logging.getLogger(__name__)
AGAIN = timedelta(minutes=10)  # when a clock is looked at again that an error stood before
AT_ONCE = 50  # tickets among which one that nobody works on is looked for
State = PledgeRun.State


@transaction.atomic
def publish(pledge: Pledge, *, by: Agent, at: datetime | None = None) -> Pledge:
    """Let a pledge hold for every clock that starts from now on; `by` has decided what it will pay. Safe to repeat.

    Refused: `not_allowed`, `other_brand`, `outside_reason`, `not_for_pledges`, `over_limit` for more than `by` may
    give at once, or than one person agrees to.
    """
    expect_right(by, APPROVE, pledge.brand_id)
    locked: Pledge = _locked(pledge)
    if locked.is_active:
        return locked
    reason, tier = locked.reason, locked.tier_from
    if tier is not None and tier.programme.brand_id != locked.brand_id:
        raise Refused("other_brand", _("This tier is of another brand."))
    if reason.kind != reason.Kind.APOLOGY or not reason.min_points <= locked.points <= reason.max_points:
        figures = {"reason": reason.label, "min": reason.min_points, "max": reason.max_points}
        raise Refused("outside_reason", _("%(reason)s allows %(min)d to %(max)d points.") % figures)
    if not locked.budget.pays_pledges:
        raise Refused("not_for_pledges", _("This budget does not pay pledges. Choose one of its own."))
    _expect_within_own(by, locked, at or clock.now())
    locked.is_active, locked.published_by = True, by
    locked.save(update_fields=["is_active", "published_by"])
    return locked


@transaction.atomic
def stop(pledge: Pledge, *, by: Agent) -> Pledge:
    """End a pledge at once: clocks that run are not paid for any more. Safe to repeat. Refused: `not_allowed`."""
    expect_right(by, APPROVE, pledge.brand_id)
    locked = _locked(pledge)
    if locked.is_active:
        locked.is_active = False
        locked.save(update_fields=["is_active"])
    return locked


def keep_next_pledge(*, at: datetime | None = None) -> bool:
    """Look at one clock that is held against a pledge and of which something is to be seen by `at` (UTC), of a ticket
    nobody works on; False: none is left. What was broken is paid once, whoever runs at the same time.

    A clock that an error of ours stands before is put off for ten minutes: all others are looked at meanwhile."""
    at, run = at or clock.now(), None
    try:
        with transaction.atomic():
            ticket = _next_ticket(at)
            if ticket is None:
                return False
            # As it is now that the ticket is locked: whoever was quicker has put it off or ended it.
            run = _next_run(ticket, at)
            if run is not None:
                _look(run, ticket, at)
    except Exception:
        if run is None:
            raise  # nothing was looked at yet
        log.exception("turn %s of clock %s was not held to its pledge", run.turn, run.clock_id)
        _put_off(run, at)
    return True


def _next_ticket(at: datetime) -> Ticket | None:
    due = PledgeRun.objects.to_look_at(at).values("ticket")
    free = Ticket.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related(
        "brand", "customer"
    )
    return free.filter(pk__in=due[:AT_ONCE]).order_by("pk").first()


def _next_run(ticket: Ticket, at: datetime) -> PledgeRun | None:
    due = PledgeRun.objects.to_look_at(at).filter(ticket=ticket)
    return due.select_related(*(f"pledge__{name}" for name in PLEDGE)).first()


def _put_off(run: PledgeRun, at: datetime) -> None:
    """Unless somebody else has looked at it since."""
    due = PledgeRun.objects.to_look_at(at).order_by()
    due.filter(clock=run.clock_id, turn=run.turn).update(look_at=at + AGAIN)


def _locked(pledge: Pledge) -> Pledge:
    rows = Pledge.objects.select_related("reason", "budget", "tier_from__programme", "brand")
    locked: Pledge = rows.select_for_update(of=("self",)).get(pk=pledge.pk)
    return locked


def _expect_within_own(by: Agent, pledge: Pledge, at: datetime) -> None:
    """Refuse (`over_limit`) to promise more at once than one's own policy allows, or than takes a second person."""
    expect_within_grant(by, pledge.brand_id, pledge.points, at)
    if two := takes_two(by, pledge.brand_id, pledge.points, at):
        sentence = _("Two people have to agree to more than %(limit)d points; nobody promises that alone.")
        raise Refused("over_limit", sentence % two, details=two)


def _look(run: PledgeRun, ticket: Ticket, at: datetime) -> None:
    """What has become of a run whose ticket is locked."""
    run.look_at = None
    turn = turn_since(facts_of([run.clock_id])[run.clock_id], run.started_at)
    if run.state in PledgeRun.BROKEN:
        _answered(run, ticket, course_of(turn, None, at), at)
        return
    run.pledge = run.pledge or holding_pledge(run, ticket)
    if run.pledge is None or not run.pledge.is_active:
        _forget(run)
        return
    course = course_of(turn, run.pledge.target, at)
    run.due_at = course.due_at
    if course.last == ClockFact.Kind.MERGED or (course.last and not course.broken_at):
        _end(run, State.KEPT if course.answered_at else State.DROPPED, course, at)
    elif not course.broken_at:
        run.look_at = course.due_at if run.pledge.minutes else None
        run.save(update_fields=["pledge", "due_at", "look_at"])
    elif _paid_elsewhere(run, ticket):
        _end(run, State.DROPPED, course, at)
    else:
        _pay(run, run.pledge, ticket, course, at)


def _forget(run: PledgeRun) -> None:
    """No pledge holds for this turn: nothing of it is kept."""
    run.delete()


def _end(run: PledgeRun, state: State, course: Course, at: datetime, why: str = "") -> None:
    run.state, run.why, run.ended_at, run.answered_at = state, why, at, course.answered_at
    run.save()


def _paid_elsewhere(run: PledgeRun, ticket: Ticket) -> bool:
    """Whether the same wait was answered for already, in a ticket that is one with this one now or was."""
    here = Q(ticket__customer=ticket.customer_id) | Q(ticket__merged_into=ticket.pk)
    return PledgeRun.objects.same_wait(run).filter(here, state__in=PledgeRun.BROKEN).exists()


def _pay(run: PledgeRun, pledge: Pledge, ticket: Ticket, course: Course, at: datetime) -> None:
    """Give what a broken pledge costs, or write down why not; budget, customer and account are locked in this order."""
    budget = Budget.objects.select_for_update(of=("self",)).get(pk=pledge.budget_id)
    by = cast(Agent, pledge.published_by)  # the database sees to it
    locking.lock_usage(None, ticket)
    try:
        with transaction.atomic():
            _expect_payable(pledge, budget, ticket, by, at)
            request = Request(
                brand_id=ticket.brand_id, ticket=ticket, account=account_of(ticket), reason=pledge.reason,
                budget=budget, pledge=pledge, points=pledge.points, by=None, approver=by, decided_at=at, asked_at=at,
                key=f"pledge:{pledge.pk}:{run.clock_id}.{run.turn}",
            )  # fmt: skip
            post(request, at=at)
    except Refused as refusal:
        _end(run, State.UNPAID, course, at, why=refusal.code[:30])
        _receipt(run, pledge, ticket, "pledge_unpaid", at)
        if refusal.code in ("budget_used_up", "budget_is_over"):
            _tell(budget, ticket, at)
    else:
        _end(run, State.PAID, course, at)
        _receipt(run, pledge, ticket, "pledge_paid", at, request=request.pk)


def _expect_payable(pledge: Pledge, budget: Budget, ticket: Ticket, by: Agent, at: datetime) -> None:
    """Refused: `own_account` of the supervisor, `often_enough`, `budget_is_over`, `budget_used_up`."""
    expect_somebody_else(by, ticket)
    since = at - timedelta(days=pledge.customer_days)
    before = Request.objects.counting().filter(
        pledge=pledge, ticket__customer=ticket.customer_id, asked_at__gt=since
    )
    if before.count() >= pledge.per_customer:
        raise Refused("often_enough", _("This pledge has paid this customer as often as it does."))
    if not budget.starts_at <= at < budget.ends_at:
        raise Refused("budget_is_over", _("It is not the time of the budget “%s”.") % budget.name)
    locking.expect_room(budget, pledge.points)


def _tell(budget: Budget, ticket: Ticket, at: datetime) -> None:
    """The supervisors, once for a budget of so many points."""
    notify(
        supervisors_of(ticket.brand), brand_id=ticket.brand_id, kind="pledge_unpaid", subject=ticket.reference,
        key=f"pledge:{budget.pk}:{budget.points}", at=at, budget=budget.pk,
    )  # fmt: skip


def _answered(run: PledgeRun, ticket: Ticket, course: Course, at: datetime) -> None:
    """What was promised has come after all, when its price was paid already: the receipt is completed."""
    if course.answered_at and run.pledge:
        run.answered_at = course.answered_at
        _receipt(run, run.pledge, ticket, "pledge_answered", at)
    run.save(update_fields=["look_at", "answered_at"])


def _receipt(run: PledgeRun, pledge: Pledge, ticket: Ticket, what: str, at: datetime, **data: Any) -> None:
    """Write into the conversation what was promised, when it came, and what was paid."""
    tickets.services.record(
        ticket, TicketEvent.Kind.GOODWILL_REQUEST, by=None, at=at, after=run.state, what=what,
        points=pledge.points, reason=pledge.reason.code, pledge=pledge.pk, clock=run.kind, turn=run.turn,
        due=run.due_at.isoformat() if run.due_at else None,
        answered=run.answered_at.isoformat() if run.answered_at else None, why=run.why, **data,
    )  # fmt: skip
