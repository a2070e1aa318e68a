"""Who works here: brands, teams, agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group

from agents import roles
from agents.models import Agent, Answer, Brand, Notification, Team
from agents.presence.models import StateReason
from agents.presence.services import set_state
from customers.models import VerificationPolicy
from customers.verification import DEFAULTS, Deed, Level
from tests.make.names import next_number, unique


def make_brand(**fields: Any) -> Brand:
    """A brand, without a programme: `make_programme` or `make_member` give it one.

    It asks nothing of callers, so that tests of other things need nobody verified; see `make_wary`.
    """
    code = fields.setdefault("code", unique("B"))
    fields.setdefault("name", f"Brand {code}")
    brand = Brand.objects.create(**fields)
    VerificationPolicy.objects.create(brand=brand, **dict.fromkeys(Deed.values, Level.UNKNOWN))
    return brand


def make_wary(brand: Brand, **fields: Any) -> VerificationPolicy:
    """Let a brand ask of callers what one asks that has set nothing, or as `fields` say."""
    policy = VerificationPolicy.objects.get(brand=brand)
    wanted = {deed.value: level for deed, level in DEFAULTS.items()} | fields
    for field, value in wanted.items():
        setattr(policy, field, value)
    policy.save()
    return policy


def make_team(*, brand: Brand | None = None, agents: Sequence[Agent] = (), **fields: Any) -> Team:
    """A team of `agents`."""
    team = Team.objects.create(
        brand=brand or make_brand(), name=fields.pop("name", unique("Team ")), **fields
    )
    team.agents.set(agents)
    return team


def make_agent(
    *,
    role: str | None = roles.AGENT,
    brands: Sequence[Brand] | None = None,
    password: str | None = None,
    **fields: Any,
) -> Agent:
    """Someone who serves `brands` (left out: a brand of their own) with the permissions of `role` (None: none).

    Supervisors and administrators may open the supervisors' pages. Sign in with `client.force_login`.
    """
    number = next_number()
    fields.setdefault("email", f"agent{number}@desk.example")
    fields.setdefault("name", f"Agent {number}")
    fields.setdefault("is_staff", role in (roles.SUPERVISOR, roles.ADMINISTRATOR))
    agent = Agent.objects.create_user(password=password, **fields)
    agent.brands.set([make_brand()] if brands is None else brands)
    if role:
        agent.groups.add(Group.objects.get(name=role))
    return agent


def make_answer(agent: Agent, brand: Brand, **fields: Any) -> Answer:
    """What the API answered to a deed of `agent` for `brand`."""
    sound = {
        "key": unique("answer"),
        "method": "POST",
        "path": "/api/v1/orders/",
        "status": 201,
        "body": "{}",
    }
    return Answer.objects.create(agent=agent, brand=brand, request_hash="0" * 64, **(sound | fields))


def make_owner(**fields: Any) -> Agent:
    """The owner of the installation: a superuser who serves no brand and sees all."""
    return Agent.objects.create_superuser(
        fields.pop("email", f"{unique('owner')}@desk.example"), name=fields.pop("name", "Owner"), **fields
    )


def make_notification(agent: Agent, brand: Brand, **fields: Any) -> Notification:
    sound = {"kind": "late", "subject": f"{brand.code}-1", "key": unique("told")} | fields
    return Notification.objects.create(agent=agent, brand=brand, **sound)


def make_state_reason(*, brand: Brand, **fields: Any) -> StateReason:
    sound = {"code": unique("lunch"), "label": "Lunch", "kind": "away", "counts_as_work": False}
    return StateReason.objects.create(brand=brand, **(sound | fields))


def come(*agents: Agent, at: datetime | None = None) -> None:
    """These agents are here and available."""
    for agent in agents:
        set_state(agent, "available", by=agent, at=at)
