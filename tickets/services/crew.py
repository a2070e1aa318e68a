"""What routing looks at, read with a number of questions that depends on the queues, not on tickets or agents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.fields.json import KT

from agents import roles
from agents.models import Agent
from agents.presence.models import Kind
from tickets import routing
from tickets.models import Capacity, RoutingDecision, RoutingPolicy, Ticket, TicketEvent

LOOKED_AT = 200  # tickets of a queue at a time, those whose turn comes first
Event = TicketEvent.Kind
# The deeds after which a ticket that nobody has begins to wait.
BEGINS = [Event.OPENED, Event.ASSIGNED, Event.STATUS, Event.REOPENED, Event.MOVED, Event.WOKEN]
# Who gave a ticket away, or had it taken for being late; who was offline may have it again.
GAVE_AWAY = Case(When(~Q(data__has_key="routed"), then=KT("data__before")))
USUAL = RoutingPolicy()  # what a ticket of a queue without a policy takes of its agent


def language_of(code: str) -> str:
    """The language of a code without its country: pt-BR is pt."""
    return code.replace("_", "-").split("-")[0].lower()


class Crew:
    """The agents who are here for the brands of `policies`, and how much each is taken."""

    def __init__(self, policies: Collection[RoutingPolicy]) -> None:
        self.policies = {policy.queue_id: policy for policy in policies}
        self.limits = {
            (row.agent_id, row.brand_id, row.channel): row.tickets for row in Capacity.objects.all()
        }

    def workers(self, brands: Collection[int]) -> list[routing.Worker]:
        """Who is here, available or not. Six questions."""
        last = RoutingDecision.objects.filter(agent=OuterRef("pk")).order_by("-id")
        present = [Kind.AVAILABLE, Kind.BUSY, Kind.AWAY]
        here = Agent.objects.filter(is_active=True, brands__in=brands, presence__kind__in=present)
        rows = here.annotate(given_at=Subquery(last.values("at")[:1])).select_related("presence")
        people = rows.exclude(groups__name=roles.INTEGRATION)
        agents = list(people.prefetch_related("brands", "teams", "skills").distinct())
        loads = self.loads([agent.pk for agent in agents])
        return [self._worker(agent, loads[agent.pk]) for agent in agents]

    def loads(self, agents: Collection[int]) -> dict[int, Fraction]:
        """How much of each of these agents is taken by the tickets they have that wait for us. One question."""
        held = Ticket.objects.to_return().order_by().filter(assignee__in=agents)
        loads: dict[int, Fraction] = defaultdict(Fraction)
        counted = held.values_list("assignee", "brand", "queue", "channel").annotate(n=Count("pk"))
        for agent, brand, queue, channel, n in counted:
            loads[agent] += n * (self.share(agent, brand, queue, channel) or 0)
        return loads

    def share(self, agent: int, brand: int, queue: int, channel: str) -> Fraction | None:
        """How much of `agent` a ticket of `channel` takes; None where they are handed none of it."""
        usual = self.policies.get(queue, USUAL).limit(channel)
        return routing.share(self.limits.get((agent, brand, channel), usual))

    def _worker(self, agent: Any, load: Fraction) -> routing.Worker:
        since = agent.presence.since
        languages = {agent.language, *(skill.language for skill in agent.skills.all())}
        return routing.Worker(
            agent=agent.pk,
            brands=frozenset(brand.pk for brand in agent.brands.all()),
            is_available=agent.presence.kind == Kind.AVAILABLE,
            idle_since=max(agent.given_at or since, since),
            teams=frozenset(team.pk for team in agent.teams.all()),
            skills=frozenset(skill.pk for skill in agent.skills.all()),
            languages=frozenset(language_of(code) for code in languages if code),
            load=load,
            limits={
                (brand, channel): n for (who, brand, channel), n in self.limits.items() if who == agent.pk
            },
        )


def waiting_in(policy: RoutingPolicy) -> list[routing.Waiting]:
    """The tickets of a queue that nobody has, the 200 whose turn comes first, with all that routing asks of them.

    One question for the tickets, one for their customers' last agents.
    """
    events = TicketEvent.objects.filter(ticket=OuterRef("pk")).order_by("-seq")
    rows = list(
        Ticket.objects.to_route()
        .filter(queue=policy.queue_id)
        .annotate(
            since=Subquery(events.filter(kind__in=BEGINS).values("at")[:1]),
            left=Subquery(events.filter(kind=Event.ASSIGNED).annotate(by_them=GAVE_AWAY).values("by_them")[:1]),
            speaks=F("customer__language"),
        )
        .values(
            "pk", "channel", "customer", "opened_at", "turn_at", "last_message_at", "since", "left", "speaks",
        )[:LOOKED_AT]
    )  # fmt: skip
    last = _last_agents(policy.brand_id, {row["customer"] for row in rows}, {row["pk"] for row in rows})
    skills = frozenset(skill.pk for skill in policy.skills.all())
    return [_waiting(policy, row, last, skills) for row in rows]


def _waiting(
    policy: RoutingPolicy,
    row: dict[str, Any],
    last: dict[int, int],
    skills: frozenset[int],
) -> routing.Waiting:
    return routing.Waiting(
        ticket=row["pk"],
        brand=policy.brand_id,
        queue=policy.queue_id,
        channel=row["channel"],
        since=row["since"] or row["opened_at"],
        turn=row["turn_at"] or row["last_message_at"],
        limit=policy.limit(row["channel"]),
        team=policy.queue.team_id,
        skills=skills,
        language=language_of(row["speaks"]) if policy.by_language else "",
        last=last.get(row["customer"]),
        left=int(row["left"]) if row["left"] else None,
        sticky=timedelta(minutes=policy.sticky_minutes),
        widen=timedelta(minutes=policy.widen_minutes),
        floor=timedelta(minutes=policy.floor_minutes),
    )


def _last_agents(brand: int, customers: set[int], waiting: set[int]) -> dict[int, int]:
    """By customer, who had the newest other ticket of theirs that somebody has or had."""
    rows = Ticket.objects.filter(brand=brand, customer__in=customers, assignee__isnull=False)
    newest = rows.exclude(pk__in=waiting).order_by("customer", "-opened_at", "-pk").distinct("customer")
    return dict(newest.values_list("customer", "assignee"))
