"""Deeds of goodwill: the only writer of this room."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
import loyalty.services
import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.verification import Deed
from goodwill.models import Policy, Reason, Request
from loyalty.models import Account
from tickets.models import Ticket, TicketEvent


def limit_per_grant(agent: Agent) -> int:
    """How many points this agent may give in one grant, by role; 0 without a policy."""
    policy = Policy.objects.filter(role=agent.role).first()
    return policy.per_grant if policy else 0


@transaction.atomic
def grant(
    ticket: Ticket, points: int, *, by: Agent, reason: Reason, key: str, at: datetime | None = None
) -> Request:
    """Give `points` to the customer of `ticket`, inside the limits of the reason and of the agent's role.

    The ledger, the conversation and the request are written together or not at all. Goodwill counts
    nothing towards tiers. Refused: `not_allowed`, `no_member`, `other_brand`, `outside_reason`,
    `over_limit`, `key_conflict`, `verification_needed`, and what the ledger refuses.
    """
    at = at or clock.now()
    ticket = tickets.services.lock(ticket)
    if earlier := _earlier(key, ticket, points, reason):
        return earlier
    account = _account_of(ticket)
    _check(ticket, points, by=by, reason=reason)
    conversation = tickets.services.conversation_of(ticket)
    customers.services.require(ticket.customer, Deed.ADJUST, by=by, conversation=conversation, at=at)
    entry = loyalty.services.earn(
        account,
        points,
        contra="issue.goodwill",
        by=by,
        key=f"gw:{key}",
        at=at,
        months=account.programme.goodwill_months,
        source=f"ticket:{ticket.reference}",
        reason=reason.code,
        breakdown={"reason": reason.code, "limit": limit_per_grant(by)},
    )
    request = Request.objects.create(
        brand_id=ticket.brand_id,
        ticket=ticket,
        account=account,
        reason=reason,
        points=points,
        by=by,
        key=key,
        entry=entry,
        asked_at=at,
    )
    tickets.services.record(
        ticket, TicketEvent.Kind.GOODWILL, by=by, at=at,
        before=entry.balance_after - points, after=entry.balance_after,
        points=points, reason=reason.code, request=request.pk, entry=entry.pk,
    )  # fmt: skip
    return request


def _earlier(key: str, ticket: Ticket, points: int, reason: Reason) -> Request | None:
    keys.claim(Request, key)
    earlier = Request.objects.filter(key=key).first()
    if earlier and (earlier.ticket_id, earlier.points, earlier.reason_id) != (ticket.pk, points, reason.pk):
        raise keys.conflict()
    return earlier


def _account_of(ticket: Ticket) -> Account:
    account = Account.objects.select_related("programme").filter(customer=ticket.customer_id).first()
    if account is None:
        raise Refused(
            "no_member", _("%s is no member yet, so there is no account for points.") % ticket.customer
        )
    return account


def _check(ticket: Ticket, points: int, *, by: Agent, reason: Reason) -> None:
    """Everything that can stand against this grant, the widest rule first."""
    expect_right(by, "goodwill.grant_goodwill", ticket.brand_id)
    if reason.brand_id != ticket.brand_id or not reason.is_active:
        raise Refused("other_brand", _("This reason is not in use for the brand of the ticket."))
    if not reason.min_points <= points <= reason.max_points:
        raise Refused(
            "outside_reason",
            _("%(reason)s allows %(min)d to %(max)d points.")
            % {"reason": reason.label, "min": reason.min_points, "max": reason.max_points},
            details={"min": reason.min_points, "max": reason.max_points},
        )
    limit = limit_per_grant(by)
    if points > limit:
        raise Refused(
            "over_limit",
            _("You may give up to %d points in one grant. Ask a supervisor for more.") % limit,
            details={"limit": limit},
        )
