"""A planted abuser is found end to end: 40 agents and 5,000 tickets as rows, one night, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from agents.models import Agent, Brand, Notification
from contactcenter import clock
from goodwill.models import Finding, Policy, Reason, Watch
from goodwill.services import grant, watch_moment, watch_nights
from goodwill.services.watching import look
from tests import databases
from tests.contactcenter.test_plans import nodes
from tests.goodwill.housed import house
from tests.goodwill.simulated import AGENTS, SUPERVISORS, TICKETS, honest, unasked
from tests.goodwill.test_radar_simulated import NOW, signs_of
from tickets.models import Ticket

SEED = 3  # any: test_radar_simulated.py asks for the rate over many


def fill() -> tuple[int, list[int], int]:
    """A centre with an abuser as rows; gives the brand, its people in their order, and who it is."""
    centre = honest(SEED, NOW)
    (abuser,) = unasked(centre)
    brand = house(centre)
    people = list(Agent.objects.order_by("pk").values_list("pk", flat=True))
    return brand.pk, people, abuser


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[int, list[int], int]]:
    with databases.kept(django_db_blocker) as build:
        yield build(fill)


@pytest.fixture
def centre(filled: tuple[int, list[int], int], db: None) -> Brand:
    return Brand.objects.get(pk=filled[0])


def test_a_planted_abuser_is_found_in_a_night_among_40_agents_and_5000_tickets(
    centre: Brand, filled: tuple[int, list[int], int]
) -> None:
    _pk, people, abuser = filled
    assert (len(people), Ticket.objects.filter(brand=centre).count() >= TICKETS) == (
        AGENTS + SUPERVISORS,
        True,
    )
    assert watch_nights(at=NOW) == 1
    findings = list(Finding.objects.all())
    assert ("silent", people[abuser]) in {(one.kind, one.agent_id) for one in findings}
    assert sum(one.agent_id != people[abuser] for one in findings) <= 1
    simulated = honest(SEED, NOW)
    unasked(simulated)
    assert {(one.kind, one.agent_id) for one in findings} == {
        (sign.kind, people[sign.agent]) for sign in signs_of(simulated)
    }  # the rows say what the simulation says
    told = Notification.objects.filter(kind="goodwill_finding")
    assert set(told.values_list("agent", flat=True)) == set(people[AGENTS:])
    assert told.count() == SUPERVISORS * len(findings)
    watch = Watch.objects.get()
    assert (watch.brand, watch.found, watch.gifts) == (centre, len(findings), len(simulated.gifts()))


def test_a_night_takes_a_few_questions_however_many_there_are(centre: Brand, other_brand: Brand) -> None:
    def cost(brand: Brand) -> int:
        with CaptureQueriesContext(connection) as asked:
            look(brand, at=NOW)
        return len(asked)

    assert cost(centre) <= 24
    assert cost(other_brand) <= cost(centre)


BIG = {
    "goodwill_request",
    "tickets_ticket",
    "tickets_message",
    "tickets_ticketevent",
    "customers_customer",
    "loyalty_account",
}


def test_what_was_given_a_moment_ago_is_read_from_indexes(centre: Brand) -> None:
    agent, at = Agent.objects.earliest("pk"), clock.now()
    ticket = Ticket.objects.filter(brand=centre).latest("pk")
    Policy.objects.update(apart_days=None, grants_customer_90=None, customer_90=None)
    grant(ticket, 50, by=agent, reason=Reason.objects.get(brand=centre), key="now", at=at)
    with CaptureQueriesContext(connection) as queries:
        watch_moment(at=at)
    asked = [query["sql"] for query in queries if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    used: set[str] = set()
    for statement in asked:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
            (answer,) = cursor.fetchone()
        plan = list(nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
        whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
        assert not whole & BIG, statement
        used |= {node["Index Name"] for node in plan if "Index Name" in node}
    assert "goodwill_request_by_time" in used
