"""Giving points, or asking for more than one may give alone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.telling import notify
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import Order
from goodwill.figures import figures_of
from goodwill.limits import Limit, first_over, limits_of
from goodwill.models import Reason, Request
from goodwill.models.requests import WAITS_FOR
from goodwill.services import locking, urgent
from goodwill.services.checking import expect_may_ask, takes_two, to_be_told, why_not_at_once
from goodwill.services.fitting import expect_fits
from goodwill.services.posting import Gift, account_for, gift_of, member_of, note, post
from goodwill.services.telling import send_what_waited
from goodwill.suggestion import suggest
from loyalty.models import Benefit, Reward
from tickets.models import Ticket
from tickets.services.acting import acting_rule


@transaction.atomic
def grant(
    ticket: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    order: Order | None = None,
    loss_minor: int | None = None,
    gift: Gift | None = None,
    at: datetime | None = None,
) -> Request:
    """Give `points` to the customer of `ticket`, within the limits of the reason and of what `by` may give alone.

    `order` is the one it is about, `loss_minor` the money the customer lost. Ledger, conversation, budget and request
    are written together or not at all; what was suggested is kept beside. Instead of points `gift` may be given, which
    is worth as many (see `grant_gift`). Refused: `not_allowed`, `no_member`,
    `other_brand`, `outside_reason`, `order_missing`, `other_order`, `order_made_good`, `reason_excluded`,
    `not_for_tier`, `over_limit`, `budget_used_up`, `own_account`, `a_person_decides` for a rule, `key_conflict`,
    `verification_needed`, `ticket_merged`, and what the ledger refuses.
    """
    at = at or clock.now()
    if acting_rule():
        raise Refused("a_person_decides", _("A rule can ask for goodwill; a person decides."))
    draft = Request(
        points=points,
        by=by,
        reason=reason,
        key=key,
        order=order,
        loss_minor=loss_minor,
        asked_at=at,
        **given(gift),
    )
    request, over = prepared(ticket, draft)
    if request.pk:
        return request
    if refusal := why_not_at_once(over, takes_two(by, request.brand_id, points, at)):
        raise refusal
    return post(request, at=at)


@transaction.atomic
def ask(
    ticket: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    order: Order | None = None,
    loss_minor: int | None = None,
    words: str = "",
    message: str = "",
    is_urgent: bool = False,
    gift: Gift | None = None,
    at: datetime | None = None,
) -> Request:
    """As `grant`; what is over a limit waits, its points reserved, until somebody agrees whose own limits allow it.

    What a rule asks for always waits. `words` are for whoever decides; `message` goes to the customer once it is
    given. Those who may are told; what is urgent is put to one of them on duty after the other.
    Refused as `grant`, but for the limits.
    """
    at = at or clock.now()
    draft = Request(
        points=points, by=by, reason=reason, key=key, order=order, loss_minor=loss_minor, words=words,
        message=message, is_urgent=is_urgent, asked_at=at, **given(gift),
    )  # fmt: skip
    request, over = prepared(ticket, draft)
    if request.pk:
        return request
    two = takes_two(by, request.brand_id, points, at)
    if not why_not_at_once(over, two) and not acting_rule():
        request.is_urgent = False
        given_now = post(request, at=at)
        send_what_waited(given_now, at=at, on=given_now.ticket)
        return given_now
    return wait(request, over, two, at=at)


def given(gift: Gift | None) -> dict[str, Any]:
    """The columns of a request that say what is given instead of points."""
    return {
        "reward": gift if isinstance(gift, Reward) else None,
        "benefit": gift if isinstance(gift, Benefit) else None,
    }


def wait(request: Request, over: Limit | None, two: dict[str, Any], *, at: datetime) -> Request:
    """Let a prepared request wait for somebody who may agree to it; those who may are told."""
    request.state, request.bound = Request.State.WAITING, over.code if over else two.get("bound", "rule")
    request.takes_two = bool(two)
    request.lapses_at = at + WAITS_FOR
    request.save()
    locking.book(request.budget, reserved=request.points)
    note(request, "asked", by=request.by, at=at)
    _tell(request, at)
    if request.is_urgent:
        urgent.put_to_next(request, at)
    return request


def _tell(request: Request, at: datetime) -> None:
    notify(
        to_be_told(request.asker, request.ticket.brand, request.points, at), brand_id=request.brand_id,
        kind="goodwill_waits", subject=request.ticket.reference,
        key=f"goodwill:{request.pk}", at=at, points=request.points, request=request.pk,
    )  # fmt: skip


def prepared(ticket: Ticket, draft: Request, *, chooses: bool = False) -> tuple[Request, Limit | None]:
    """The earlier request of this key, or the draft made whole, not written yet, and the limit it is over.

    All locks are taken then, in the order of the house. Where the customer `chooses` it may be somebody who is no
    member, and whoever calls compares the remedies.
    """
    by, reason, at = draft.asker, draft.reason, draft.asked_at
    ticket = tickets.services.lock(ticket)
    keys.claim(Request, draft.key)
    if earlier := _earlier(draft, ticket, chooses):
        return earlier, None
    draft.ticket, draft.brand_id = ticket, ticket.brand_id
    draft.account = member_of(ticket) if chooses else account_for(ticket, gift_of(draft))
    expect_may_ask(by, ticket, at)
    draft.budget = locking.lock_budget(ticket, reason, by, at)
    locking.lock_usage(by, ticket)
    expect_fits(reason, ticket, draft.account, draft.points, draft.order)
    locking.expect_room(draft.budget, draft.points)
    limits = limits_of(by, ticket, draft.points, at=at)
    _keep_suggestion(draft, limits, at)
    return draft, first_over(limits)


def _keep_suggestion(draft: Request, limits: list[Limit], at: datetime) -> None:
    if draft.account is None:
        return  # nothing is known of what they buy, and no tier
    figures = figures_of(
        draft.ticket, draft.reason, draft.account, limits=limits, budget=draft.budget, at=at,
        loss_minor=draft.loss_minor,
    )  # fmt: skip
    suggestion = suggest(figures)
    draft.suggested, draft.parts = suggestion.points, [asdict(part) for part in suggestion.parts]


def _earlier(draft: Request, ticket: Ticket, chooses: bool) -> Request | None:
    rows = Request.objects.select_related("ticket__brand", "reason", "reward", "benefit")
    earlier = rows.filter(key=draft.key).first()
    if earlier is None:
        return None
    of = (ticket.pk, draft.reason.pk, draft.order and draft.order.pk)
    same = (earlier.ticket_id, earlier.reason_id, earlier.order_id) == of
    if not chooses:  # a price may have changed since: a gift is the same by what it is
        gift = gift_of(draft)
        same = same and gift_of(earlier) == gift and (gift is not None or earlier.points == draft.points)
    if not same or hasattr(earlier, "offer") != chooses:
        raise keys.conflict()
    return earlier
