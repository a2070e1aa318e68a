"""What the hammer falls on: few tickets, customers, agents and budgets, so that everybody gets in each other's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Budget, Policy, Reason
from loyalty.models import Benefit, Reward
from tests import make
from tickets.models import Macro, Ticket

NOW = make.instant("2026-06-10T12:00+02:00")
PER_DAY, BUDGET = 900, 3000


@dataclass
class House:
    """What all of them work on."""

    brand: Brand
    agents: list[Agent]
    bosses: list[Agent]
    people: list[Customer]
    tickets: list[Ticket]
    budget: Budget
    pledged: Budget
    reason: Reason
    reward: Reward
    benefit: Benefit
    incident: Ticket
    macros: list[Macro]


def small_house() -> House:
    """Four members in six tickets that an incident caused, three agents with a day's limit, two supervisors on duty,
    and little to give."""
    brand = make.make_brand()
    agents = [make.make_agent(brands=[brand]) for _ in range(3)]
    bosses = [make.make_agent(brands=[brand], role=roles.SUPERVISOR) for _ in range(2)]
    team, since = make.make_team(brand=brand, agents=agents), NOW - timedelta(days=100)
    Policy.objects.create(brand=brand, team=team, starts_at=since, per_grant=150, per_day=PER_DAY)
    Policy.objects.filter(role="supervisor").update(
        customer_90=None, grants_customer_90=None, per_grant=10_000
    )
    when = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=30)}
    people = [make.make_member(brand=brand, phone=f"+4930123456{n:02}") for n in range(4)]
    for person in people:
        make.give(person.account, 2000, at=NOW)
        make.give(person.account, 50, at=NOW, months=1)
    found = [make.make_ticket(customer=people[n % 4], at=NOW - timedelta(hours=2)) for n in range(6)]
    incident = make.make_ticket(brand=brand, subject="The warehouse burnt down", at=NOW - timedelta(hours=3))
    for one in found:
        tickets.services.link(one, incident, kind="incident", by=agents[0])
    make.come(*bosses, at=NOW)
    pledged = make.make_budget(brand=brand, points=800, pays_pledges=True, **when)
    for kind in ("first", "next"):
        make.make_pledge(brand=brand, budget=pledged, starts_at=since, kind=kind, per_customer=50, points=50)
    reason = make.make_reason(brand=brand, min_points=1)
    give = {"do": "grant_points", "reason": reason.pk, "points": 60}
    macros = [
        make.make_macro(brand=brand, actions=actions)
        for actions in (
            [give, {"do": "tag", "name": "late"}, {"do": "resolve"}],
            [{"do": "promise_call", "hours": 30, "about": "Where it is"}, give],
        )
    ]
    return House(
        brand, agents, bosses, people, found, make.make_budget(brand=brand, points=BUDGET, **when), pledged, reason,
        make.make_reward(brand=brand, points=40), make.make_benefit(people[0].account.programme, gift_points=70),
        incident, macros,
    )  # fmt: skip
