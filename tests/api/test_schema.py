"""Requests made from the API's own description, also such as nobody would write, by everybody who could come.

No 5xx, no status and no header that the description doesn't name, every answer of the shape described, what
doesn't fit the description refused, and what fits it accepted or refused for a reason that is described.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace as World
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import TestPhase

from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Reason
from tests import make
from tests.api.client import Machine, integration
from tickets.models import Ticket

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 60 if LONG else 3  # of each operation, beside those that the description itself leads to
# 422: it fits the description and makes no sense, such as a customer that does not exist.
STATUSES = ["2xx", "401", "403", "404", "409", "422"]
asked: set[str] = set()  # who has asked the operation under test
CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": STATUSES}},
    "generation": {"database": "none"},
}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests run within the test's own transaction, as those of Django's own client do."""
    around = (request_started, request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


@pytest.fixture
def world(brand: Brand, other_brand: Brand, ticket: Ticket, late_parcel: Reason, agent: Agent) -> World:
    """Rows that a request can be about."""
    order = make.make_order(customer=ticket.customer)
    promise = make.make_callback(ticket=ticket, by=agent)
    return World(
        brand="FF",
        customer=ticket.customer_id,
        ticket=ticket.reference,
        reason=late_parcel.code,
        queue=ticket.queue_id,
        owner=agent.pk,
        order=order.pk,
        callback=promise.pk,
    )


@pytest.fixture
def everybody(brand: Brand, other_brand: Brand, settings: Any) -> Iterator[dict[str, Machine]]:
    """Those who could come, by what they are; when the test is over, each of them has asked."""
    settings.API_RATE = "1000000/min"
    everybody = {
        "visitor": Machine(None),
        "agent": Machine(make.make_agent(brands=[brand])),
        "supervisor": Machine(make.make_agent(role=roles.SUPERVISOR, brands=[brand])),
        "administrator": Machine(make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])),
        "agent of two brands": Machine(make.make_agent(brands=[brand, other_brand])),
        "owner": Machine(make.make_owner()),
        "integration": Machine(integration(brand)),
        "integration of another brand": Machine(integration(other_brand)),
    }
    asked.clear()
    yield everybody
    assert set(everybody) - asked == set(), "somebody did not ask this operation"


described = schemathesis.openapi.from_wsgi(
    "/api/v1/schema/", get_wsgi_application(), config=SchemathesisConfig.from_dict(CONFIG)
)


@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described_whoever_asks(
    case: Any, world: World, everybody: dict[str, Machine]
) -> None:
    point_at(case, world)
    for who in askers(case, everybody):
        asked.add(who)
        case.call_and_validate(headers=everybody[who].headers)


def askers(case: Any, everybody: dict[str, Machine]) -> list[str]:
    """Everybody, for what is made up at random; for what the description leads to, two.

    The two are the machine that may do most, and one of the others; with the long profile it is always everybody.
    """
    made_up = case.meta is None or case.meta.phase.name == TestPhase.FUZZING
    if LONG or made_up:
        return list(everybody)
    others = [who for who in everybody if who != "integration"]
    said = f"{case.method} {case.formatted_path} {case.query} {case.headers} {case.body}"
    return ["integration", others[crc32(said.encode("utf-8", "replace")) % len(others)]]


def point_at(case: Any, world: World) -> None:
    """Let a sound request be about rows that exist, else nearly all would end at an unknown id.

    A cursor cannot be made up: only a list gives one (tests/api/test_walls.py has those that none gave).
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query:
        case.query.pop("cursor", None)
    if isinstance(case.body, dict):
        case.body.update({name: value for name, value in vars(world).items() if name in case.body})
