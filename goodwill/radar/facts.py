"""What the radar knows of every gift, and what a sign says. Four questions for a brand, however many agents it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Func, OuterRef, Q, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Lower

from agents.models import Brand
from goodwill.models import Finding, IncidentLine, Policy, Request
from goodwill.models.policies import policies_of
from tickets.models import Message, Ticket, TicketEvent
from tickets.models.whole import whole_of

LOOKS_BACK = timedelta(days=90)  # as far as the limits of a customer that are shipped
LATELY = timedelta(days=30)  # what is held against that of peers: longer, and a bad month drowns in good ones
MOST = 200_000  # gifts that are looked at, the newest; 90 days of 2,000 a day
REQUESTS_KEPT = 50  # ids in the evidence of a finding

# Of a benefit there is nothing to spend.
GIVEN_AT = Coalesce("entry__occurred_at", "redemption__asked_at")

Kind = Finding.Kind
Subject = tuple[str, int, int | None, int | None]  # kind, agent, customer, approver
Judged = dict[Subject, datetime]


@dataclass(frozen=True)
class Gift:
    """One request that was posted or waits: who asked (`agent`), for whom, where, how much, and how the ticket went.

    Vouchers and benefits count for what they are worth, of what the customer may choose from the dearest. `given_at`:
    since when it can be spent, None while it waits or is chosen from. `deed` is the grant for all of an incident that
    it belongs to. `limit` is what its agent may give at once today. `said` is False where nothing came from the
    customer; what an agent wrote down himself counts as nothing. `wrote`: something in the ticket came from the mailbox
    of `agent`. `opened` and `closed`: the agent did it.
    """

    pk: int
    agent: int
    customer: int
    ticket: int
    number: int
    queue: int
    channel: str
    points: int
    at: datetime
    approver: int | None = None
    second: int | None = None
    waits: bool = False
    joined_at: datetime | None = None
    deed: int | None = None
    given_at: datetime | None = None
    wrote: bool = False
    said: bool = True
    opened: bool = False
    closed: bool = False
    limit: int | None = None

    @property
    def is_alone(self) -> bool:
        """Nobody was asked."""
        return self.approver is None and not self.waits

    @property
    def people(self) -> set[int]:
        """Who had a hand in it: asked for it, or agreed."""
        return {self.agent} | {one for one in (self.approver, self.second) if one is not None}


@dataclass(frozen=True)
class Sign:
    """What stands out: whom it concerns, and plain figures with the gifts it rests on."""

    kind: str
    agent: int
    gifts: tuple[Gift, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    customer: int | None = None
    approver: int | None = None
    about: str = ""

    @property
    def subject(self) -> Subject:
        """What a decision about it holds for."""
        return self.kind, self.agent, self.customer, self.approver

    @property
    def evidence(self) -> dict[str, Any]:
        newest = sorted(self.gifts, key=lambda gift: gift.at, reverse=True)
        return {
            **self.figures,
            "points": sum(gift.points for gift in self.gifts),
            "requests": [gift.pk for gift in newest[:REQUESTS_KEPT]],
        }


def gifts_of(brand: Brand, *, since: datetime, at: datetime) -> list[Gift]:
    """What was given or is asked for in this brand within (since, at], the newest first. Two questions.

    Left out is what nobody did: what a pledge pays, and what a rule asked for.
    """
    rows: Any = Request.objects.counting().filter(
        brand=brand, asked_at__gt=since, asked_at__lte=at, by__isnull=False
    )
    heard = Message.objects.filter(
        ticket__pk__one_of=whole_of(OuterRef("ticket")), kind=Message.Kind.INBOUND
    ).exclude(key__startswith="hand:")
    wrote = heard.alias(box=_mailbox(F("sender"))).filter(box=_mailbox(OuterRef("by__email")))
    done = TicketEvent.objects.filter(ticket=OuterRef("ticket"), by=OuterRef("by"))
    ended = Q(kind=TicketEvent.Kind.RESOLVED) | Q(kind=TicketEvent.Kind.CLOSED)
    by_rule = TicketEvent.objects.alias(request=KeyTextTransform("request", "data")).filter(
        ticket=OuterRef("ticket"), kind=TicketEvent.Kind.GOODWILL_REQUEST, actor=TicketEvent.Actor.RULE,
        request=Cast(OuterRef("pk"), TextField()),
    )  # fmt: skip
    deed = IncidentLine.objects.filter(request=OuterRef("pk")).values("grant")
    found: Any = rows.exclude(Exists(by_rule)).order_by("-asked_at").values_list(
        "pk", "by", "ticket__customer", "ticket", "ticket__number", "ticket__queue", "ticket__channel", "points",
        "asked_at", "approver", "second", Q(state="waiting"), "account__joined_at", Subquery(deed), GIVEN_AT,
        Exists(wrote), Exists(heard), Exists(done.filter(kind=TicketEvent.Kind.OPENED)), Exists(done.filter(ended)),
    )[:MOST]  # fmt: skip
    gifts = list(found)
    held = policies_of({row[1] for row in gifts}, brand, at)
    return [Gift(*(*row, _at_once(held.get(row[1])))) for row in gifts]


def worked_of(brand: Brand, *, since: datetime, at: datetime) -> dict[tuple[int, int], int]:
    """How many tickets each agent has resolved in each queue within (since, at]: by (queue, agent)."""
    resolved = Ticket.objects.filter(
        brand=brand, resolved_at__gt=since, resolved_at__lte=at, assignee__isnull=False
    )
    counts = resolved.order_by().values_list("queue", "assignee").annotate(Count("pk"))
    return {(queue, agent): count for queue, agent, count in counts}


def served_of(pairs: Iterable[tuple[int, int]], *, since: datetime) -> dict[tuple[int, int], int]:
    """How many tickets of a customer an agent has had since then, for these pairs of (agent, customer)."""
    wanted = set(pairs)
    rows = Ticket.objects.filter(customer__in={customer for _agent, customer in wanted}, opened_at__gt=since)
    counts = rows.order_by().values_list("assignee", "customer").annotate(Count("pk"))
    return {(agent, customer): count for agent, customer, count in counts if (agent, customer) in wanted}


def judged_of(brand: Brand, agents: Iterable[int]) -> Judged:
    """When somebody last decided about each subject: what was given before then is answered for."""
    decided = Finding.objects.filter(brand=brand, agent__in=set(agents), decided_at__isnull=False)
    rows = decided.order_by("decided_at").values_list("kind", "agent", "customer", "approver", "decided_at")
    return {(kind, agent, customer, approver): at for kind, agent, customer, approver, at in rows}


def _mailbox(address: Any) -> Func:
    return Func(Lower(address), function="customers_mailbox")


def _at_once(policy: Policy | None) -> int | None:
    return policy.per_grant if policy else None
