"""Giving points, or asking for more than one may give alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify, supervisors_of
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.verification import Deed
from goodwill.limits import Limit, first_over, limits_of
from goodwill.models import Reason, Request
from goodwill.models.policies import policy_of
from goodwill.models.requests import WAITS_FOR
from goodwill.services import locking
from goodwill.services.posting import Gift, account_for, gift_of, member_of, note, post
from goodwill.services.related import expect_somebody_else
from loyalty.models import Benefit, Reward
from tickets.models import Ticket
from tickets.services.acting import acting_rule

GRANT = "goodwill.grant_goodwill"


@transaction.atomic
def grant(
    ticket: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    at: datetime | None = None,
    gift: Gift | None = None,
) -> Request:
    """Give `points` to the customer of `ticket`, within the limits of the reason and of what `by` may give alone.

    Ledger, conversation, budget and request are written together or not at all. Goodwill counts nothing towards
    tiers. Instead of points `gift` may be given, which is worth as many (see `grant_gift`). Refused: `not_allowed`,
    `no_member`, `other_brand`, `outside_reason`, `over_limit`, `budget_used_up`, `own_account`, `a_person_decides` for
    a rule, `key_conflict`, `verification_needed`, `ticket_merged`, and what the ledger refuses.
    """
    at = at or clock.now()
    if acting_rule():
        raise Refused("a_person_decides", _("A rule can ask for goodwill; a person decides."))
    request, over = prepared(ticket, points, by=by, reason=reason, key=key, words="", at=at, gift=gift)
    if request.pk:
        return request
    two = takes_two(by, request, at)
    if two and not over:
        raise Refused(
            "over_limit", _("Two people have to agree to so many points. Ask for approval."), details=two
        )
    if over:
        details = {"limit": over.allowed, "left": over.left, "bound": over.code}
        raise Refused("over_limit", _("%s Ask for approval.") % over.sentence, details=details)
    return post(request, at=at)


@transaction.atomic
def ask(
    ticket: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    words: str = "",
    at: datetime | None = None,
    gift: Gift | None = None,
) -> Request:
    """As `grant`; what is over a limit waits, its points reserved, until somebody agrees whose own limits allow it.

    What a rule asks for always waits. `words` are for whoever decides. The supervisors of the brand are told. Refused
    as `grant`, but for the limits.
    """
    at = at or clock.now()
    request, over = prepared(ticket, points, by=by, reason=reason, key=key, words=words, at=at, gift=gift)
    if request.pk:
        return request
    two = takes_two(by, request, at)
    if over is None and not two and not acting_rule():
        return post(request, at=at)
    return wait(request, over, two, at=at)


def wait(request: Request, over: Limit | None, two: dict[str, Any], *, at: datetime) -> Request:
    """Let a prepared request wait for somebody who may agree to it; the supervisors of the brand are told."""
    by = request.by
    request.state, request.bound = Request.State.WAITING, over.code if over else two.get("bound", "rule")
    request.takes_two = bool(two)
    request.lapses_at = at + WAITS_FOR
    request.save()
    locking.book(request.budget, reserved=request.points)
    note(request, "asked", by=by, at=at)
    told = [agent for agent in supervisors_of(request.ticket.brand) if agent != by]
    notify(
        told, brand_id=request.brand_id, kind="goodwill_waits", subject=request.ticket.reference,
        key=f"goodwill:{request.pk}", at=at, points=request.points, request=request.pk,
    )  # fmt: skip
    return request


def prepared(
    ticket: Ticket,
    points: int,
    *,
    by: Agent,
    reason: Reason,
    key: str,
    words: str,
    at: datetime,
    gift: Gift | None = None,
    chooses: bool = False,
) -> tuple[Request, Limit | None]:
    """The earlier request of this key, or one that is not written yet, all locks taken, and the limit it is over.

    Where the customer `chooses` it may be somebody who is no member, and whoever calls compares the remedies.
    """
    ticket = tickets.services.lock(ticket)
    keys.claim(Request, key)
    if earlier := _earlier(key, ticket, points, reason, gift, chooses):
        return earlier, None
    account = member_of(ticket) if chooses else account_for(ticket, gift)
    expect_right(by, GRANT, ticket.brand_id)
    expect_somebody_else(by, ticket)
    _expect_reason(reason, ticket, points)
    conversation = tickets.services.conversation_of(ticket)
    customers.services.require(ticket.customer, Deed.ADJUST, by=by, conversation=conversation, at=at)
    budget = locking.lock_budget(ticket, reason, by, at)
    locking.expect_room(budget, points)
    locking.lock_usage(by, ticket)
    over = first_over(limits_of(by, ticket, points, at=at))
    request = Request(
        brand_id=ticket.brand_id, ticket=ticket, account=account, reason=reason, budget=budget, points=points,
        reward=gift if isinstance(gift, Reward) else None, benefit=gift if isinstance(gift, Benefit) else None, by=by,
        key=key, words=words, asked_at=at,
    )  # fmt: skip
    return request, over


def takes_two(by: Agent, request: Request, at: datetime) -> dict[str, Any]:
    """The limit above which two people have to agree, where the policy of `by` has one and this is above it."""
    policy = policy_of(by, request.brand_id, at)
    if policy is None or policy.second_above is None or request.points <= policy.second_above:
        return {}
    return {"limit": policy.second_above, "left": policy.second_above, "bound": "second_above"}


def _earlier(
    key: str, ticket: Ticket, points: int, reason: Reason, gift: Gift | None, chooses: bool
) -> Request | None:
    rows = Request.objects.select_related("ticket__brand", "reason", "reward", "benefit")
    earlier = rows.filter(key=key).first()
    if earlier is None:
        return None
    same = (earlier.ticket_id, earlier.reason_id) == (ticket.pk, reason.pk)
    if not chooses:  # a price may have changed since: a gift is the same by what it is
        same = same and gift_of(earlier) == gift and (gift is not None or earlier.points == points)
    if not same or hasattr(earlier, "offer") != chooses:
        raise keys.conflict()
    return earlier


def _expect_reason(reason: Reason, ticket: Ticket, points: int) -> None:
    if reason.brand_id != ticket.brand_id or not reason.is_active:
        raise Refused("other_brand", _("This reason is not in use for the brand of the ticket."))
    if not reason.min_points <= points <= reason.max_points:
        figures = {"min": reason.min_points, "max": reason.max_points}
        sentence = _("%(reason)s allows %(min)d to %(max)d points.") % {"reason": reason.label, **figures}
        raise Refused("outside_reason", sentence, details=figures)
