"""Goodwill as the desk shows it: what a grant would change, what is left to give, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Order
from desk.templatetags.desk import money, signed
from goodwill.figures import figures_of
from goodwill.limits import Limit, first_over, limits_of, most_alone
from goodwill.models import Budget, Reason, Request, filled_in
from goodwill.models.policies import policy_of
from goodwill.saying import NAMES, Line, lines_of
from goodwill.services.checking import takes_two
from goodwill.services.locking import budgets_for, expect_room
from goodwill.services.undoing import UNDO_WITHIN
from goodwill.suggestion import Suggestion, suggest
from loyalty import offers, progress
from loyalty.models import Account
from loyalty.offers import Reach
from loyalty.progress import Outlook
from loyalty.tier_windows import last_day_before
from tickets.models import Ticket

SHOWN = 5  # requests of a ticket
ORDERS_OFFERED = 20


def orders_of(ticket: Ticket) -> QuerySet[Order]:
    """What goodwill on a ticket may be about, the newest first."""
    return Order.objects.filter(customer=ticket.customer_id).order_by("-placed_at", "-pk")


@dataclass(frozen=True)
class Effect:
    """What giving `points` for `reason` would change, the `limits` it is held against, and what is `suggested`.

    `sentence` is what the customer could read, `last_day` the last on which the points can be spent, `two` the limit
    above which two people have to agree where this is above it. `outlook` is what points that count for tiers would
    make of the tier, None where they do not.
    """

    reason: Reason
    points: int
    balance_before: int
    balance_after: int
    sentence: str
    reach: Reach
    last_day: date | None
    limits: list[Limit]
    budget: Budget | None
    suggested: Suggestion
    lines: list[Line]
    two: dict[str, Any]
    outlook: Outlook | None

    @property
    def over(self) -> Limit | None:
        """The limit that stands against it."""
        return first_over(self.limits)

    @property
    def outside(self) -> bool:
        """Whether the reason allows no such number of points, whoever agrees."""
        return not self.reason.min_points <= self.points <= self.reason.max_points

    @property
    def no_room(self) -> str:
        """Why a hard budget cannot pay it, whoever agrees; "" where it can."""
        try:
            expect_room(self.budget, self.points)
        except Refused as refusal:
            return refusal.sentence
        return ""

    @property
    def can_ask(self) -> bool:
        """Whether it is over a limit above which somebody else may agree, or two have to."""
        return bool(self.over or self.two) and not self.outside and not self.no_room

    @property
    def can_give(self) -> bool:
        """Whether nothing that is known now stands against it."""
        return not (self.over or self.two or self.outside or self.no_room)

    @property
    def alone(self) -> int:
        """How many points could be given now without asking, 0 where these are fewer than the reason allows."""
        most = min(
            most_alone(self.limits), self.two.get("limit", self.reason.max_points), self.reason.max_points
        )
        return most if most >= self.reason.min_points else 0

    @property
    def meters(self) -> list[tuple[str, Limit]]:
        """The limits that are counted in points, and the budget, each with its name."""
        found = [(NAMES[one.code](), one) for one in self.limits if one.code in NAMES]
        if self.budget is not None:
            used = self.budget.spent + self.budget.reserved
            found.append((self.budget.title, Limit("budget", self.budget.points, used, self.points)))
        return found


def effect_of(
    agent: Agent,
    ticket: Ticket,
    account: Account,
    reason: Reason,
    *,
    points: int | None,
    loss_minor: int | None,
) -> Effect:
    """What would happen if `agent` gave these points now, or as many as are suggested; nothing is locked."""
    at = clock.now()
    policy = policy_of(agent, ticket.brand_id, at)
    limits = limits_of(agent, ticket, points or 0, at=at, policy=policy)
    budget = budgets_for(ticket, reason, agent, at).first()
    figures = figures_of(ticket, reason, account, limits=limits, budget=budget, at=at, loss_minor=loss_minor)
    suggested = suggest(figures)
    if points is None:
        points = max(suggested.points, reason.min_points)
        limits = [replace(one, asked=1 if one.counts_grants else points) for one in limits]
    tier = account.tier.name if account.tier else ""
    ends = account.programme.end_of(at, reason.months or account.programme.goodwill_months)
    return Effect(
        reason, points, account.available, max(0, account.balance - account.held + points),
        filled_in(reason.said, points, money(account.worth(points), ticket.brand.currency)),
        offers.with_more(account, points),
        last_day_before(ends, account.programme.zone) if ends else None, limits, budget,
        suggested, lines_of(suggested.parts, reason=reason.label, tier=tier),
        takes_two(agent, ticket.brand_id, points, at, policy=policy),
        progress.if_earned(account, points=points, at=at) if reason.counts_for_tiers else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request on the ticket, and what `agent` may do with it now."""

    request: Request
    can_decide: bool
    can_withdraw: bool
    can_undo: bool

    @property
    def is_pressing(self) -> bool:
        """Whether the customer is on the line and the agent who asked waits with them."""
        return self.can_withdraw and self.request.is_urgent

    @property
    def shows_message(self) -> bool:
        """Whether a message to the customer waits for the answer with it."""
        return self.request.state == Request.State.WAITING and bool(self.request.message)


def can_decide(request: Request, agent: Agent) -> bool:
    """Whether `agent` may agree to a request that waits or decline it: it is not theirs, nor agreed to by them."""
    return bool(
        request.state == Request.State.WAITING
        and agent.pk not in (request.by_id, request.approver_id)
        and agent.has_perm("goodwill.approve_goodwill")
    )


def asked_on(ticket: Ticket, agent: Agent) -> list[Asked]:
    """What waits for an answer on a ticket, and what `agent` gave a moment ago; the newest first. One query,
    two where others went into the ticket.
    """
    at = clock.now()
    rows = (
        Request.objects.filter(ticket__in=ticket.whole())
        .select_related("reason", "by", "approver", "asked_of", "order", "reward", "benefit", "offer")
        .order_by("-pk")
    )
    found = []
    for row in rows[:SHOWN]:
        mine, waits = row.by_id == agent.pk, row.state == Request.State.WAITING
        fresh = row.state == Request.State.POSTED and (row.decided_at or row.asked_at) > at - UNDO_WITHIN
        if waits or (mine and fresh):
            undoes = fresh and mine and not hasattr(row, "offer")  # what a customer chose is theirs
            found.append(Asked(row, can_decide(row, agent), waits and mine, undoes))
    return found


STEPS: dict[str, Callable[[], str]] = {
    "asked": lambda: _("asked for"),
    "put_to": lambda: _("put to a supervisor who is there"),
    "nobody_there": lambda: _("nobody who may agree is there now"),
    "not_sent": lambda: _("the message that waited was not sent"),
    "agreed": lambda: _("agreed to"),
    "declined": lambda: _("declined"),
    "withdrawn": lambda: _("asked for no longer"),
    "lapsed": lambda: _("answered by nobody"),
    "undone": lambda: _("undone"),
    "reversed": lambda: _("taken back"),
    "offered": lambda: _("the customer may choose"),
    "chosen": lambda: _("the customer chose this"),
    "called": lambda: _("the customer chose a call by a supervisor"),
    "defaulted": lambda: _("nobody chose in time"),
    "not_given": lambda: _("nobody chose, and the default could not be given"),
}


def words_of_request(data: dict[str, Any], named: str) -> str:
    """What became of a request, for the thread: +300 points · Late parcel: asked for."""
    step = STEPS.get(data["what"], lambda: data["what"])()
    points = _("%s points") % signed(data["points"])
    told = _(", the customer was told already") if data.get("told") else ""
    return f"{points} · {named or data['reason']}: {step}{told}"
