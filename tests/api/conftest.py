from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from tests.api.client import Machine, integration


@pytest.fixture
def shop(brand: Brand) -> Machine:
    """The web shop of the brand."""
    return Machine(integration(brand))


@pytest.fixture
def other_shop(other_brand: Brand) -> Machine:
    """The web shop of another brand."""
    return Machine(integration(other_brand))


@pytest.fixture
def clerk(agent: Agent) -> Machine:
    """A person of the brand, with a token of their own."""
    return Machine(agent)
