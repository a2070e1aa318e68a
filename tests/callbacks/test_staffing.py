"""Who it takes for the calls of the hours ahead: shares of windows, agents by Erlang C, and where that is short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from callbacks import erlang
from callbacks.models import Callback, CallbackPolicy
from callbacks.staffing import staffing
from contactcenter import clock
from customers.models import Customer
from tests import make

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PAGE = "/admin/callbacks/callback/staffing/"


@pytest.fixture
def caller(brand: Brand) -> Customer:
    return make.make_customer(brand=brand, phone="+49301234567")


def call(caller: Customer, start: datetime, length: timedelta = HOUR, **fields: Any) -> Callback:
    """A promise to call within `length` from `start`."""
    end = start + length
    sound = {
        "brand": caller.brand, "customer": caller, "contact_point": caller.contact_points.get(kind="phone"),
        "reason": "?", "window_from": start, "window_to": end, "promised_to": end, "look_at": start,
        "zone": "Europe/Berlin", "key": make.unique("call"), "request_hash": "",
    }  # fmt: skip
    return Callback.objects.create(**(sound | fields))


@pytest.fixture
def team(brand: Brand, agent: Agent) -> Any:
    return make.make_team(brand=brand, agents=[agent])


def calls(brand: Brand, **asked: Any) -> list[float]:
    return [round(hour.calls, 3) for hour in staffing(brand, at=asked.pop("at", NOW), **asked).hours]


def test_a_call_counts_in_each_hour_with_the_share_of_its_window(
    brand: Brand, caller: Customer, team: Any
) -> None:
    call(caller, NOW + HOUR, team=team)
    call(caller, NOW + HOUR, 4 * HOUR, team=team)
    call(caller, NOW + 90 * MINUTE, team=team)
    assert calls(brand)[:6] == [0, 1.75, 0.75, 0.25, 0.25, 0]


def test_what_is_overdue_or_runs_is_to_be_called_in_what_is_left(
    brand: Brand, caller: Customer, team: Any
) -> None:
    call(caller, NOW - 3 * HOUR, team=team, state="due")
    call(caller, NOW - HOUR, 2 * HOUR, team=team, state="due")
    assert calls(brand)[:2] == [2, 0]


def test_the_hour_that_runs_has_only_what_is_left_of_it(brand: Brand, caller: Customer, team: Any) -> None:
    call(caller, NOW, team=team)
    first = staffing(brand, at=NOW + 30 * MINUTE).hours[0]
    assert (first.calls, first.start) == (1, NOW + 30 * MINUTE)
    assert first.load == erlang.load(1, 360, 1800)


def test_what_is_over_in_a_call_or_no_call_does_not_count(
    brand: Brand, caller: Customer, team: Any, agent: Agent
) -> None:
    call(caller, NOW, team=team, state="in_call", owner=agent)
    call(caller, NOW, team=team, state="kept", ended_at=NOW, look_at=None)
    call(caller, NOW, team=team, kind="task")
    call(caller, NOW + 25 * HOUR, team=team)
    assert sum(calls(brand)) == 0


def test_agents_needed_are_those_of_the_published_table(brand: Brand, caller: Customer, team: Any) -> None:
    """100 calls in 30 minutes, 180 seconds each, 80 percent within 20 seconds: 14; so do 200 in an hour."""
    CallbackPolicy.objects.create(brand=brand, handling_minutes=3)
    for _ in range(200):
        call(caller, NOW, team=team)
    first = staffing(brand, at=NOW).hours[0]
    assert (round(first.load, 6), first.needed, first.short, first.wait) == (10, 14, 14, None)


def test_whoever_is_here_is_counted_and_the_wait_with_them_told(
    brand: Brand, caller: Customer, team: Any, agent: Agent, other_brand: Brand
) -> None:
    colleague = make.make_agent(brands=[brand])
    make.come(agent, colleague, make.make_agent(brands=[other_brand]))
    for _ in range(10):
        call(caller, NOW, team=team)
    found = staffing(brand, at=NOW)
    first = found.hours[0]
    assert (found.here, found.available, first.here, first.needed, first.short) == (2, 2, 2, 3, 1)
    assert first.wait == pytest.approx(erlang.wait(2, 1, 360))
    assert staffing(brand, at=NOW, team=team).here == 1


def test_the_calls_of_a_team_are_its_own_and_those_of_its_agents(
    brand: Brand, caller: Customer, team: Any, agent: Agent
) -> None:
    other = make.make_team(brand=brand)
    call(caller, NOW, team=team)
    call(caller, NOW, owner=agent)
    call(caller, NOW, owner=agent, team=other)
    assert calls(brand)[0] == 3
    assert calls(brand, team=team)[0] == 2
    assert calls(brand, team=other)[0] == 1


def test_the_page_says_where_it_is_short_and_costs_the_same(
    client: Client, supervisor: Agent, brand: Brand, other_brand: Brand, caller: Customer, team: Any
) -> None:
    client.force_login(supervisor)
    calm: Any = client.get(PAGE)
    assert "Whoever is here now is enough for every hour." in calm.content.decode()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    few = cost()
    soon = clock.now() + HOUR
    for _ in range(30):
        call(caller, soon, team=team)
    assert cost() == few
    page: Any = client.get(PAGE, {"team": team.pk})
    assert "agents are missing: it takes" in page.content.decode()
    assert client.get(PAGE, {"brand": other_brand.pk}).status_code == 404
    assert client.get(PAGE, {"team": make.make_team(brand=other_brand).pk}).status_code == 404
