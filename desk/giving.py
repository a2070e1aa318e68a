"""Goodwill as the desk shows it: what a grant would change, what is left to give, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock
from desk.templatetags.desk import signed
from goodwill.limits import Limit, first_over, limits_of, most_alone
from goodwill.models import Reason, Request
from goodwill.services.undoing import UNDO_WITHIN
from loyalty.offers import Reach
from tickets.models import Ticket

SHOWN = 5  # requests of a ticket


@dataclass(frozen=True)
class Effect:
    """What giving `points` for `reason` would change, and the `limits` it is held against."""

    reason: Reason
    points: int
    balance_before: int
    balance_after: int
    sentence: str
    reach: Reach
    limits: list[Limit] = field(default_factory=list)

    @property
    def over(self) -> Limit | None:
        """The limit that stands against it."""
        return first_over(self.limits)

    @property
    def outside(self) -> bool:
        """Whether the reason allows no such number of points, whoever agrees."""
        return not self.reason.min_points <= self.points <= self.reason.max_points

    @property
    def alone(self) -> int:
        """How many points could be given now without asking, 0 where these are fewer than the reason allows."""
        most = min(most_alone(self.limits), self.reason.max_points)
        return most if most >= self.reason.min_points else 0

    @property
    def meters(self) -> list[tuple[str, Limit]]:
        """The limits that are counted in points, each with its name."""
        return [(NAMES[one.code](), one) for one in self.limits if one.code in NAMES]


NAMES: dict[str, Callable[[], str]] = {
    "per_grant": lambda: _("This grant"),
    "per_ticket": lambda: _("This ticket"),
    "per_day": lambda: _("You today"),
    "per_week": lambda: _("You this week"),
    "per_month": lambda: _("You this month"),
    "customer_30": lambda: _("Customer, 30 days"),
    "customer_90": lambda: _("Customer, 90 days"),
    "customer_365": lambda: _("Customer, a year"),
}


def limits_shown(agent: Agent, ticket: Ticket, points: int) -> list[Limit]:
    """The limits as they stand now, without their locks: to be shown."""
    return limits_of(agent, ticket, points, at=clock.now())


@dataclass(frozen=True)
class Asked:
    """A request on the ticket, and what `agent` may do with it now."""

    request: Request
    can_decide: bool
    can_withdraw: bool
    can_undo: bool


def asked_on(ticket: Ticket, agent: Agent) -> list[Asked]:
    """What waits for an answer on a ticket, and what `agent` gave a moment ago; the newest first. One query."""
    at = clock.now()
    rows = Request.objects.filter(ticket=ticket).order_by("-pk")
    rows = rows.select_related("reason", "by", "approver", "reward", "benefit", "offer")
    decides = agent.has_perm("goodwill.approve_goodwill")
    found = []
    for row in rows[:SHOWN]:
        mine, waits = row.by_id == agent.pk, row.state == Request.State.WAITING
        fresh = row.state == Request.State.POSTED and (row.decided_at or row.asked_at) > at - UNDO_WITHIN
        if waits or (mine and fresh):
            undecided = waits and not mine and agent.pk != row.approver_id
            undoes = fresh and mine and not hasattr(row, "offer")  # what a customer chose is theirs
            found.append(Asked(row, decides and undecided, waits and mine, undoes))
    return found


STEPS: dict[str, Callable[[], str]] = {
    "asked": lambda: _("asked for"),
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
    return f"{points} · {named or data['reason']}: {step}"
