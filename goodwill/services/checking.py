"""What a grant is held against: asked by the deeds under their locks, and without them by who only wants to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

import customers.services
import tickets.services
from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter.errors import Refused
from customers.verification import Deed
from goodwill.limits import OF_APPROVER, Limit, first_over, limits_of
from goodwill.models import IncidentGrant, Policy, Request
from goodwill.models.policies import policies_of, policy_of
from goodwill.services.related import expect_somebody_else
from tickets.models import Ticket
from tickets.services.acting import acting_rule

GRANT = "goodwill.grant_goodwill"
APPROVE = "goodwill.approve_goodwill"
TOLD_AT_MOST = 50  # people for one request


def expect_may_ask(by: Agent, ticket: Ticket, at: datetime) -> None:
    """Refuse who may ask for nothing on this ticket: `not_allowed`, `own_account`, `verification_needed`."""
    expect_right(by, GRANT, ticket.brand_id)
    expect_somebody_else(by, ticket)
    conversation = tickets.services.conversation_of(ticket)
    customers.services.require(ticket.customer, Deed.ADJUST, by=by, conversation=conversation, at=at)


def approvers_of(brand: Brand) -> QuerySet[Agent]:
    """Who may agree to goodwill of a brand by the rights of their role, by name."""
    right = {"groups__permissions__codename": "approve_goodwill"}
    return Agent.objects.serving(brand).filter(**right).distinct().order_by("name", "pk")


def to_be_told(asker: Agent, brand: Brand, points: int, at: datetime) -> list[Agent]:
    """Who is told that `points` wait for an answer: those whose policy allows them so many at once, never the asker.

    Where nobody's does all are told, for somebody has to change that. Four questions; fifty people at most.
    """
    people = list(approvers_of(brand).exclude(pk=asker.pk)[:TOLD_AT_MOST])
    policies = policies_of([one.pk for one in people], brand, at)
    able = [one for one in people if one.pk in policies and (policies[one.pk].per_grant or 0) >= points]
    return able or people


def why_not_at_once(over: Limit | None, two: dict[str, Any]) -> Refused | None:
    """Why a grant is not given at once: the limit it is over, or that two people have to agree; None: it is."""
    if over:
        details = {"limit": over.allowed, "left": over.left, "bound": over.code}
        return Refused("over_limit", _("%s Ask for approval.") % over.sentence, details=details)
    if two:
        sentence = _("Two people have to agree to so many points. Ask for approval.")
        return Refused("over_limit", sentence, details=two)
    return None


def takes_two(
    by: Agent, brand_id: int, points: int, at: datetime, *, policy: Policy | None = None
) -> dict[str, Any]:
    """The limit above which two people have to agree, where the policy of `by` has one and `points` are above it.

    `policy` is theirs, where it is known.
    """
    policy = policy or policy_of(by, brand_id, at)
    if policy is None or policy.second_above is None or points <= policy.second_above:
        return {}
    return {"limit": policy.second_above, "left": policy.second_above, "bound": "second_above"}


def expect_may_decide(by: Agent, brand_id: int, asker_id: int | None) -> None:
    """Refuse who may not answer what `asker_id` asked for: `not_allowed`, `a_person_decides`, `same_person`."""
    expect_right(by, APPROVE, brand_id)
    if acting_rule():
        raise Refused("a_person_decides", _("A rule asks; a person decides."))
    if asker_id == by.pk:
        raise Refused("same_person", _("Somebody else has to decide what you asked for."))


def expect_within_own(
    by: Agent, ticket: Ticket, points: int, *, at: datetime, but: Request | None = None
) -> None:
    """Refuse (`over_limit`) to agree to more than one's own policy allows by grant, ticket and customer."""
    mine = [one for one in limits_of(by, ticket, points, at=at, but=but) if one.code in OF_APPROVER]
    _expect_higher(first_over(mine))


def expect_within_grant(by: Agent, brand_id: int, points: int, at: datetime) -> None:
    """Refuse (`over_limit`) to agree to more at once than one's own policy allows, whoever gets it."""
    policy = policy_of(by, brand_id, at)
    _expect_higher(first_over([Limit("per_grant", policy.per_grant if policy else 0, 0, points)]))


def _expect_higher(over: Limit | None) -> None:
    if over:
        details = {"limit": over.allowed, "left": over.left, "bound": over.code}
        sentence = _("%s Somebody with a higher limit has to agree.") % over.sentence
        raise Refused("over_limit", sentence, details=details)


def expect_waiting(asked: Request | IncidentGrant, at: datetime) -> None:
    """Refuse (`not_waiting`) what was answered, or has waited too long. The database gives an end to what waits, and
    to nothing else."""
    if asked.lapses_at is None or asked.lapses_at <= at:
        label = asked.get_state_display() if asked.lapses_at is None else asked.State.LAPSED.label
        raise Refused("not_waiting", _("This is not waiting any more: %s.") % label)
