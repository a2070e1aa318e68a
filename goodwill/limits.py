"""What is left to give: the limits of a policy against what was given and what waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from goodwill.models import Policy, Request
from goodwill.models.policies import policy_of
from tickets.models import Ticket

OF_CUSTOMER = (30, 90, 365)  # days
# What whoever agrees is held to by their own policy; what an agent gives alone in a day does not count here.
OF_APPROVER = {"per_grant", "per_ticket"} | {
    f"{what}_{days}" for what in ("customer", "grants_customer") for days in OF_CUSTOMER
}


@dataclass(frozen=True)
class Limit:
    """One limit by its `code`, the column of the policy: what it allows, what is `used` of it, and what is `asked` now.

    In points, or in grants where the code says so. `days` is the time it looks back to, where the policy sets it.
    """

    code: str
    allowed: int
    used: int
    asked: int
    days: int = 0

    @property
    def left(self) -> int:
        """What could be asked for before this grant; never below 0."""
        return max(0, self.allowed - self.used)

    @property
    def is_over(self) -> bool:
        return self.after > self.allowed

    @property
    def after(self) -> int:
        """What is used of it with this grant."""
        return self.used + self.asked

    @property
    def remains(self) -> int:
        """What is left after this grant."""
        return max(0, self.allowed - self.after)

    @property
    def beyond(self) -> int:
        """How much this grant is over it."""
        return max(0, self.after - self.allowed)

    @property
    def percent_used(self) -> int:
        """How much of it is used already, 0 to 100."""
        return min(100, self.used * 100 // self.allowed) if self.allowed else 100

    @property
    def percent_asked(self) -> int:
        """How much of the rest is asked now: with what is used 100 at most."""
        return min(100, self.after * 100 // self.allowed) - self.percent_used if self.allowed else 0

    @property
    def counts_grants(self) -> bool:
        return self.code.startswith("grants_") or self.code == "apart_days"

    @property
    def sentence(self) -> str:
        """What it allows and what is left of it, for people."""
        return SENTENCES[self.code]() % {"allowed": self.allowed, "left": self.left, "days": self.days}


def limits_of(
    by: Agent,
    ticket: Ticket,
    points: int,
    *,
    at: datetime,
    but: Request | None = None,
    policy: Policy | None = None,
) -> list[Limit]:
    """Every limit that holds for `by` giving `points` on `ticket` at `at`; without a policy one of 0.

    `but` is a request that is not counted: the one that is decided; `policy` that of `by`, where it is known. The
    figures are true as long as the locks of `goodwill.services.locking` are held, and good to be shown without them.
    Four questions, five with `apart_days`.
    """
    policy = policy or policy_of(by, ticket.brand_id, at)
    if policy is None:
        return [Limit("per_grant", 0, 0, points)]
    counted = Request.objects.counting()
    if but is not None:
        counted = counted.exclude(pk=but.pk)
    used = {
        "per_grant": 0,
        **_on_ticket(counted, ticket),
        **_by_agent(counted, by, ticket, at),
        **_to_customer(counted, ticket, at),
    }
    return [*_held(policy, points, used), *_apart(policy, counted, ticket, at)]


def first_over(limits: Iterable[Limit]) -> Limit | None:
    """The limit that stands against it, of several the one that leaves least; None when it is within all."""
    return min((limit for limit in limits if limit.is_over), key=lambda limit: limit.left, default=None)


def most_alone(limits: Iterable[Limit]) -> int:
    """How many points could be given now without asking anybody."""
    if any(limit.counts_grants and limit.is_over for limit in limits):
        return 0
    return min((limit.left for limit in limits if not limit.counts_grants), default=0)


def beginnings(at: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """When the day, the week (on Monday) and the month of `at` began in this zone."""
    today = at.astimezone(zone).date()
    days = {
        "day": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
    }
    return {name: datetime.combine(day, time(), tzinfo=zone) for name, day in days.items()}


def _held(policy: Policy, points: int, used: dict[str, int]) -> Iterator[Limit]:
    for code, already in used.items():
        allowed = getattr(policy, code)
        if allowed is not None:
            yield Limit(code, allowed, already, 1 if code.startswith("grants_") else points)


def _apart(policy: Policy, counted: Any, ticket: Ticket, at: datetime) -> Iterator[Limit]:
    if policy.apart_days:
        since = at - timedelta(days=policy.apart_days)
        there = counted.filter(ticket__customer=ticket.customer_id, asked_at__gt=since).exists()
        yield Limit("apart_days", 1, int(there), 1, days=policy.apart_days)


def _on_ticket(counted: Any, ticket: Ticket) -> dict[str, int]:
    whole = Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk)
    return _sums(counted.filter(whole), per_ticket=Sum("points"))


def _by_agent(counted: Any, by: Agent, ticket: Ticket, at: datetime) -> dict[str, int]:
    """What `by` gave alone: what others agreed to is not held against their own days."""
    begins = beginnings(at, ZoneInfo(ticket.brand.time_zone))
    asked: dict[str, Any] = {}
    for name, begin in begins.items():
        since = Q(asked_at__gte=begin)
        asked |= {f"per_{name}": Sum("points", filter=since), f"grants_per_{name}": Count("pk", filter=since)}
    alone = [Request.State.POSTED, Request.State.OPEN]
    own = counted.filter(by=by, brand=ticket.brand_id, state__in=alone, approver=None)
    return _sums(own.filter(asked_at__gte=min(begins.values())), **asked)


def _to_customer(counted: Any, ticket: Ticket, at: datetime) -> dict[str, int]:
    asked: dict[str, Any] = {}
    for days in OF_CUSTOMER:
        since = Q(asked_at__gt=at - timedelta(days=days))
        asked |= {
            f"customer_{days}": Sum("points", filter=since),
            f"grants_customer_{days}": Count("pk", filter=since),
        }
    return _sums(counted.filter(ticket__customer=ticket.customer_id), **asked)


def _sums(rows: Any, **asked: Any) -> dict[str, int]:
    return {code: total or 0 for code, total in rows.aggregate(**asked).items()}


SENTENCES: dict[str, Callable[[], str]] = {
    "per_grant": lambda: _("At most %(allowed)d points at once."),
    "per_ticket": lambda: _("At most %(allowed)d points on one ticket; %(left)d are left."),
    "per_day": lambda: _("At most %(allowed)d points a day from one agent; %(left)d are left."),
    "per_week": lambda: _("At most %(allowed)d points a week from one agent; %(left)d are left."),
    "per_month": lambda: _("At most %(allowed)d points a month from one agent; %(left)d are left."),
    "grants_per_day": lambda: _("At most %(allowed)d times a day from one agent; %(left)d are left."),
    "grants_per_week": lambda: _("At most %(allowed)d times a week from one agent; %(left)d are left."),
    "grants_per_month": lambda: _("At most %(allowed)d times a month from one agent; %(left)d are left."),
    "customer_30": lambda: _("At most %(allowed)d points to one customer in 30 days; %(left)d are left."),
    "customer_90": lambda: _("At most %(allowed)d points to one customer in 90 days; %(left)d are left."),
    "customer_365": lambda: _("At most %(allowed)d points to one customer in a year; %(left)d are left."),
    "grants_customer_30": lambda: _("At most %(allowed)d times to one customer in 30 days."),
    "grants_customer_90": lambda: _("At most %(allowed)d times to one customer in 90 days."),
    "grants_customer_365": lambda: _("At most %(allowed)d times to one customer in a year."),
    "apart_days": lambda: _("Nothing to a customer who was given something within %(days)d days."),
}
