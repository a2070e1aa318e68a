"""Giving points, or asking for more than one may give alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from agents.telling import notify, supervisors_of
from contactcenter import clock, keys
from contactcenter.errors import Refused
from goodwill.limits import Limit, first_over, limits_of
from goodwill.models import Reason, Request
from goodwill.models.policies import policy_of
from goodwill.models.requests import WAITS_FOR
from goodwill.services import locking
from goodwill.services.checking import expect_may_ask, why_not_at_once
from goodwill.services.fitting import expect_fits
from goodwill.services.posting import account_of, note, post
from tickets.models import Ticket
from tickets.services.acting import acting_rule


@transaction.atomic
def grant(
    ticket: Ticket, points: int, *, by: Agent, reason: Reason, key: str, at: datetime | None = None
) -> Request:
    """Give `points` to the customer of `ticket`, within the limits of the reason and of what `by` may give alone.

    Ledger, conversation, budget and request are written together or not at all. Goodwill counts nothing towards
    tiers. Refused: `not_allowed`, `no_member`, `other_brand`, `outside_reason`, `over_limit`, `budget_used_up`,
    `own_account`, `a_person_decides` for a rule, `key_conflict`, `verification_needed`, `ticket_merged`, and what the
    ledger refuses.
    """
    at = at or clock.now()
    if acting_rule():
        raise Refused("a_person_decides", _("A rule can ask for goodwill; a person decides."))
    request, over = _asked(ticket, points, by=by, reason=reason, key=key, words="", at=at)
    if request.pk:
        return request
    if refusal := why_not_at_once(over, takes_two(by, request, at)):
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
    words: str = "",
    at: datetime | None = None,
) -> Request:
    """As `grant`; what is over a limit waits, its points reserved, until somebody agrees whose own limits allow it.

    What a rule asks for always waits. `words` are for whoever decides. The supervisors of the brand are told. Refused
    as `grant`, but for the limits.
    """
    at = at or clock.now()
    request, over = _asked(ticket, points, by=by, reason=reason, key=key, words=words, at=at)
    if request.pk:
        return request
    two = takes_two(by, request, at)
    if not why_not_at_once(over, two) and not acting_rule():
        return post(request, at=at)
    request.state, request.bound = Request.State.WAITING, over.code if over else two.get("bound", "rule")
    request.takes_two = bool(two)
    request.lapses_at = at + WAITS_FOR
    request.save()
    locking.book(request.budget, reserved=points)
    note(request, "asked", by=by, at=at)
    told = [agent for agent in supervisors_of(request.ticket.brand) if agent != by]
    notify(
        told, brand_id=request.brand_id, kind="goodwill_waits", subject=request.ticket.reference,
        key=f"goodwill:{request.pk}", at=at, points=points, request=request.pk,
    )  # fmt: skip
    return request


def _asked(
    ticket: Ticket, points: int, *, by: Agent, reason: Reason, key: str, words: str, at: datetime
) -> tuple[Request, Limit | None]:
    """The earlier request of this key, or one that is not written yet, all locks taken, and the limit it is over."""
    ticket = tickets.services.lock(ticket)
    keys.claim(Request, key)
    if earlier := _earlier(key, ticket, points, reason):
        return earlier, None
    account = account_of(ticket)
    expect_may_ask(by, ticket, at)
    expect_fits(reason, ticket, account, points, None)
    budget = locking.lock_budget(ticket, reason, by, at)
    locking.expect_room(budget, points)
    locking.lock_usage(by, ticket)
    over = first_over(limits_of(by, ticket, points, at=at))
    request = Request(
        brand_id=ticket.brand_id, ticket=ticket, account=account, reason=reason, budget=budget, points=points,
        by=by, key=key, words=words, asked_at=at,
    )  # fmt: skip
    return request, over


def takes_two(by: Agent, request: Request, at: datetime) -> dict[str, Any]:
    """The limit above which two people have to agree, where the policy of `by` has one and this is above it."""
    policy = policy_of(by, request.brand_id, at)
    if policy is None or policy.second_above is None or request.points <= policy.second_above:
        return {}
    return {"limit": policy.second_above, "left": policy.second_above, "bound": "second_above"}


def _earlier(key: str, ticket: Ticket, points: int, reason: Reason) -> Request | None:
    earlier = Request.objects.filter(key=key).first()
    if earlier and (earlier.ticket_id, earlier.points, earlier.reason_id) != (ticket.pk, points, reason.pk):
        raise keys.conflict()
    return earlier
