"""May this agent give so much to this customer now, and why not? Asked of what decides it, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import Order
from goodwill.limits import Limit, first_over, limits_of
from goodwill.models import Budget, Policy, Reason
from goodwill.services.checking import (
    approvers_of,
    expect_may_ask,
    expect_may_decide,
    expect_within_own,
    takes_two,
    why_not_at_once,
)
from goodwill.services.fitting import expect_fits
from goodwill.services.locking import budgets_for, expect_room
from goodwill.services.posting import Gift, account_for
from goodwill.services.related import expect_somebody_else
from loyalty.models import Account
from tickets.models import Ticket

PEOPLE = 12  # who could agree that are looked at; each asks for their own limits

GIVEN, WAITS, REFUSED = "given", "waits", "refused"


@dataclass(frozen=True)
class Approver:
    """Somebody who answers for the brand, and why they could not agree; `""`: they could."""

    agent: Agent
    why_not: str = ""


@dataclass(frozen=True)
class Answer:
    """What would become of it: `outcome` is given, waits or refused; `code` and `sentence` say why it is not given.

    `policies` are those that name the agent, the one that holds first, each other with why it lost. `limits`, what
    is left of them and of the `budget` are those of now, before it is given. `approvers` only where it waits.
    """

    outcome: str
    code: str
    sentence: str
    policies: list[tuple[Policy, str]]
    limits: list[Limit]
    budget: Budget | None
    needs_two: bool = False
    approvers: list[Approver] = field(default_factory=list)
    stands_against: str = ""

    @property
    def can_be_agreed(self) -> bool:
        """Whether there are people enough who could agree."""
        could = sum(not one.why_not for one in self.approvers)
        return could > self.needs_two and not self.stands_against


def foretell(
    by: Agent,
    ticket: Ticket,
    points: int,
    *,
    reason: Reason,
    at: datetime,
    order: Order | None = None,
    gift: Gift | None = None,
) -> Answer:
    """What `goodwill.services.ask` would answer to `by` at `at`; `grant` refuses what waits with the same sentence.

    With `gift` what `ask_gift` would, `points` being what it is worth. The same functions decide, in the same order,
    without locks: it is true as long as nobody gives something meanwhile. `ticket` with its brand and customer.
    """
    budget = budgets_for(ticket, reason, by, at).first()
    limits = limits_of(by, ticket, points, at=at)
    two = takes_two(by, ticket.brand_id, points, at)
    facts: dict[str, Any] = {
        "policies": _policies(by, ticket, at), "limits": limits, "budget": budget, "needs_two": bool(two),
    }  # fmt: skip
    why_not = why_not_at_once(first_over(limits), two)
    try:
        account = _expect_may_wait(by, ticket, points, reason, budget, at=at, order=order, gift=gift)
    except Refused as refusal:
        return Answer(REFUSED, refusal.code, refusal.sentence, **facts)
    against = _why_not_now(account, gift, at)
    if why_not:
        facts |= {"approvers": list(_approvers(by, ticket, points, at))}
        facts |= {"stands_against": against.sentence if against else ""}
        return Answer(WAITS, why_not.code, why_not.sentence, **facts)
    if against:
        return Answer(REFUSED, against.code, against.sentence, **facts)
    return Answer(GIVEN, "", "", **facts)


def _expect_may_wait(
    by: Agent,
    ticket: Ticket,
    points: int,
    reason: Reason,
    budget: Budget | None,
    *,
    at: datetime,
    order: Order | None,
    gift: Gift | None,
) -> Account | None:
    """Refuse what asking would refuse, in its order; whose account it would go to, None for who is no member."""
    tickets.services.expect_unmerged(ticket)
    account = account_for(ticket, gift)
    expect_may_ask(by, ticket, at)
    expect_fits(reason, ticket, account, points, order)
    expect_room(budget, points)
    return account


def _why_not_now(account: Account | None, gift: Gift | None, at: datetime) -> Refused | None:
    """What the ledger would refuse, or whoever gives vouchers and benefits; None: nothing."""
    try:
        if gift is not None:
            loyalty.services.expect_given(gift, account=account, at=at)
        elif account is not None:
            loyalty.services.expect_active(account)
    except Refused as refusal:
        return refusal
    return None


def _approvers(by: Agent, ticket: Ticket, points: int, at: datetime) -> Iterator[Approver]:
    for agent in approvers_of(ticket.brand)[:PEOPLE]:
        try:
            expect_may_decide(agent, ticket.brand_id, by.pk)
            expect_somebody_else(agent, ticket)
            expect_within_own(agent, ticket, points, at=at)
        except Refused as refusal:
            yield Approver(agent, refusal.sentence)
        else:
            yield Approver(agent)


def _policies(by: Agent, ticket: Ticket, at: datetime) -> list[tuple[Policy, str]]:
    """Those that name `by`, the one that holds first, the others with why it goes before them."""
    rows = Policy.objects.of(by, ticket.brand, at).select_related("agent", "team", "brand")
    found = list(rows)
    return [(one, _lost(one, found[0]) if number else "") for number, one in enumerate(found)]


CLOSENESS: dict[str, Callable[[], str]] = {
    "agent": lambda: _("the agent"),
    "team": lambda: _("a team of theirs"),
    "role": lambda: _("their role"),
}


def _lost(one: Policy, holds: Policy) -> str:
    """Why the policy that `holds` goes before this one: what comes first in the order of `PolicyQuerySet.of`."""
    if _names(one) != _names(holds):
        names = {"closer": CLOSENESS[_names(holds)](), "further": CLOSENESS[_names(one)]()}
        return _("It names %(further)s; the one that holds names %(closer)s.") % names
    if one.team_id != holds.team_id:
        return _("Of several teams the one that was set up first counts.")
    if one.brand_id != holds.brand_id:
        return _("It is for all brands; the one that holds is the brand’s own.")
    return _("An older one; the newest of equals holds.")


def _names(policy: Policy) -> str:
    return "agent" if policy.agent_id else "team" if policy.team_id else "role"
