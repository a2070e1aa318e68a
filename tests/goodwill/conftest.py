"""Who asks, who agrees, and a second person who does."""

from __future__ import annotations

import pytest

from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Policy, Reason
from tests import make


@pytest.fixture
def generous(brand: Brand) -> Reason:
    """A reason that allows more than anybody may give."""
    return make.make_reason(brand=brand, code="generous", min_points=1, max_points=100_000)


@pytest.fixture
def second(brand: Brand) -> Agent:
    """Another supervisor of the brand."""
    return make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Sten Second")


@pytest.fixture
def own(agent: Agent, brand: Brand) -> Policy:
    """A policy of the agent's own without any limit but a high one by grant."""
    return make.make_policy(agent=agent, brand=brand, per_grant=100_000)
