"""What becomes of an offer: the customer chooses, nobody does in time, or it is withdrawn: once, whoever is first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify, supervisors_of
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.sweeping import each
from goodwill.models import Offer, Remedy, Request
from goodwill.services import locking
from goodwill.services.checking import APPROVE
from goodwill.services.posting import account_for, note, post
from goodwill.services.related import expect_for_somebody_else
from goodwill.services.telling import tell_given
from tickets.models import Ticket, TicketEvent

AT_ONCE = 50  # offers that one run of the sweep looks at
State, Actor = Offer.State, TicketEvent.Actor


@transaction.atomic
def choose(offer: Offer, remedy: int, *, at: datetime | None = None) -> Offer:
    """The customer chooses the remedy with this key: it is given, and what was reserved above it is free again.

    The same again is harmless. Refused: `no_such_remedy`, `already_chosen` for another one, `offer_withdrawn`,
    `offer_over`, `own_account` of who offered it or agreed, and what giving refuses (`sold_out`,
    `account_not_active`, …): the offer stays open then.
    """
    at = at or clock.now()
    open_offer, ticket = _locked(offer)
    chosen = open_offer.remedies.select_related("reward", "benefit").filter(pk=remedy).first()
    if chosen is None:
        raise Refused("no_such_remedy", _("Choose one of these."))
    if open_offer.state in (State.CHOSEN, State.DEFAULTED):
        if open_offer.chosen_id == chosen.pk:
            return open_offer
        raise Refused("already_chosen", _("This has been chosen already."))
    _expect_open(open_offer, at)
    return _give(open_offer, chosen, State.CHOSEN, at=at, on=ticket)


def default_due(*, at: datetime | None = None) -> int:
    """Give the default of what nobody has chosen from in seven days; how many that were, fifty at most.

    Whoever works on one of the tickets at this moment keeps it for the next run. Beat runs it every minute.
    """
    at = at or clock.now()
    due = Offer.objects.to_default(at).values_list("pk", flat=True)[:AT_ONCE]
    return each(_default, ((pk, at) for pk in due))


@transaction.atomic
def withdraw_offer(offer: Offer, *, by: Agent, at: datetime | None = None) -> Offer:
    """Take an offer back that nobody has chosen from yet: the link says so, the budget is free. Safe to repeat.

    By who made it, or who may agree to goodwill. Refused: `not_allowed`, `already_chosen`, `not_sent`.
    """
    at = at or clock.now()
    held, ticket = _locked(offer)
    request = held.request
    if request.by_id != by.pk:
        expect_right(by, APPROVE, request.brand_id)
    if held.state == State.WITHDRAWN:
        return held
    if held.state == State.WAITING:
        raise Refused("not_sent", _("It waits for approval: ask for it no longer, or decline it."))
    if held.state != State.OPEN:
        raise Refused("already_chosen", _("This has been chosen already."))
    _close(held, Request.State.WITHDRAWN, "withdrawn", by=by, at=at, on=ticket)
    return held


@transaction.atomic
def _default(pk: int, at: datetime) -> int:
    offer = Offer.objects.select_related("request__ticket").get(pk=pk)
    if not locking.claimed(offer.request.ticket_id):
        return 0
    held, ticket = _locked(offer)
    if held.state != State.OPEN or held.default_at is None or held.default_at > at:
        return 0
    default = held.remedies.select_related("reward", "benefit").get(is_default=True)
    try:
        with transaction.atomic():
            _give(held, default, State.DEFAULTED, at=at, on=ticket)
    except Refused:  # sold out meanwhile, the account is frozen, or the agent's own: a person has to look
        held, ticket = _locked(offer)
        _close(held, Request.State.LAPSED, "not_given", by=None, at=at, on=ticket)
        _tell([held.request.asker], held, "goodwill_not_given", at)
    return 1


def _locked(offer: Offer) -> tuple[Offer, Ticket]:
    """The offer as it is under the locks of its request, and the ticket it goes on in."""
    ticket = tickets.services.lock_where_it_goes_on(offer.request.ticket)
    request = locking.as_it_is(offer.request)
    locking.lock_usage(request.by, ticket)
    held: Offer = Offer.objects.get(pk=offer.pk)
    held.request = request
    return held, ticket


def _expect_open(offer: Offer, at: datetime) -> None:
    if offer.state != State.OPEN:
        raise Refused("offer_withdrawn", _("This offer was withdrawn."))
    if offer.default_at and offer.default_at <= at:
        raise Refused("offer_over", _("The time to choose is over."))


def _give(offer: Offer, chosen: Remedy, state: Offer.State, *, at: datetime, on: Ticket) -> Offer:
    """Give what was chosen; of what was reserved the rest is free."""
    request, reserved = offer.request, offer.request.points
    offer.state, offer.chosen, offer.chosen_at = state, chosen, at
    offer.save(update_fields=["state", "chosen", "chosen_at"])
    actor = Actor.CUSTOMER if state == State.CHOSEN else Actor.SYSTEM
    if chosen.kind == Remedy.Kind.CALL:
        request.state = Request.State.CALLED
        request.save(update_fields=["state"])
        locking.book(request.budget, reserved=-reserved)
        wanted = tickets.services.want_answer(on, key=f"offer:{request.pk}:call", at=at)
        note(request, "called", by=None, at=at, on=wanted, actor=actor)
        _tell(supervisors_of(on.brand), offer, "goodwill_call", at)
        return offer
    expect_for_somebody_else(request, on)  # the customer may have been merged since
    request.points, request.reward, request.benefit = chosen.points, chosen.reward, chosen.benefit
    request.account = account_for(on, chosen.reward or chosen.benefit)
    locking.book(request.budget, reserved=chosen.points - reserved)
    note(request, state, by=None, at=at, on=on, actor=actor)
    post(request, at=at, on=on)
    tell_given(request, on=on, at=at)
    return offer


def _close(offer: Offer, state: str, what: str, *, by: Agent | None, at: datetime, on: Ticket) -> None:
    request = offer.request
    offer.state = State.WITHDRAWN
    offer.save(update_fields=["state"])
    request.state = state
    request.save(update_fields=["state"])
    locking.book(request.budget, reserved=-request.points)
    note(request, what, by=by, at=at, on=on)


def _tell(agents: list[Agent], offer: Offer, kind: str, at: datetime) -> None:
    request = offer.request
    notify(
        agents, brand_id=request.brand_id, kind=kind, subject=request.ticket.reference, key=f"{kind}:{request.pk}",
        at=at, points=request.points, request=request.pk,
    )  # fmt: skip
