"""The page on what goodwill gave back: for who serves the brand, in a bounded number of questions, and as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Reason, Request
from goodwill.services import grant
from tests import make
from tests.goodwill.returns import NOW, SINCE, UNTIL, simulate
from tickets.models import Ticket

ADDRESS = "/admin/goodwill/request/returns/"
DAYS = {"from": SINCE.date().isoformat(), "to": UNTIL.date().isoformat()}


@pytest.fixture
def given(ticket: Ticket, agent: Agent, late_parcel: Reason) -> Request:
    Reason.objects.filter(pk=late_parcel.pk).update(label="=late")
    return grant(ticket, 300, by=agent, reason=late_parcel, key="k")


def page_of(client: Client, **asked: Any) -> str:
    answer: Any = client.get(ADDRESS, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_supervisor_reads_what_was_given_and_that_few_are_too_few(
    client: Client, supervisor: Agent, agent: Agent, given: Request
) -> None:
    client.force_login(supervisor)
    page = page_of(client)
    assert "300 points worth" in page
    assert agent.name in page
    assert page.count("too few to say") == 4
    assert "1 grant is left out" in page


def test_the_file_has_every_figure_and_no_formula_and_is_logged(
    client: Client, supervisor: Agent, given: Request
) -> None:
    client.force_login(supervisor)
    file: Any = client.get(ADDRESS, {"as": "csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("kind,by,name,grants,points,value_minor")
    assert "apology,reason,'=late,1,300,300,1,0,0,0,0,0" in lines
    assert "buys_90,too_few,0,0,0,,,,,," in lines
    start: Any = client.get("/admin/")
    assert "return on goodwill" in start.content.decode()


def test_with_people_enough_the_difference_is_told_with_its_interval(client: Client, owner: Agent) -> None:
    world = simulate(2, effect=0.2, people=1500)
    client.force_login(owner)
    with clock.standing_at(NOW):
        page = page_of(client, brand=world.brand.pk, **DAYS)
        file: Any = client.get(ADDRESS, {"brand": world.brand.pk, "as": "csv", **DAYS})
    assert "more often than those like them" in page
    assert "<svg" in page
    assert any(line.startswith("buys_90,more,") for line in file.content.decode().splitlines())


def test_another_brand_is_not_there_and_agents_have_no_such_page(
    client: Client, supervisor: Agent, agent: Agent, given: Request, other_brand: Brand
) -> None:
    client.force_login(supervisor)
    assert client.get(ADDRESS, {"brand": other_brand.pk}).status_code == 404
    stranger = make.make_agent(role="supervisor", brands=[other_brand])
    client.force_login(stranger)
    assert agent.name not in page_of(client)
    assert client.get(ADDRESS, {"brand": given.brand_id}).status_code == 404
    client.force_login(agent)
    assert client.get(ADDRESS).status_code == 302


def test_a_year_is_the_longest_and_what_is_no_day_is_passed_over(
    client: Client, supervisor: Agent, given: Request
) -> None:
    client.force_login(supervisor)
    answer: Any = client.get(ADDRESS, {"from": "1999-01-01", "to": "2026-03-01"})
    assert answer.context["asked"].last - answer.context["asked"].first == timedelta(days=366)
    assert "300 points worth" in page_of(client, **{"from": "yesterday", "to": "9999"})


def test_the_page_asks_no_more_for_more(client: Client, owner: Agent) -> None:
    client.force_login(owner)

    def asked(people: int) -> int:
        world = simulate(1, people=people)
        with CaptureQueriesContext(connection) as queries, clock.standing_at(NOW):
            page_of(client, brand=world.brand.pk, **DAYS)
        return len(queries)

    assert asked(10) == asked(400)
