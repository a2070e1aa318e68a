"""The supervisors' wall: who sees it, what it counts, and at what price."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from agents.presence.services import set_state
from callbacks.models import Callback
from contactcenter import clock
from desk.wall import board
from desk.wall.asking import OPENED_AT_MOST
from desk.wall.kept import days_of, hours_of, quarters
from goodwill.models import Policy, Reason
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.crowds import analyse, crowd
from tests.desk.test_plans import plan, rows_of
from tickets import services
from tickets.models import Queue, Ticket

HOUR = timedelta(hours=1)
COUNTED = 1_000


@pytest.fixture
def wall(supervisor: Agent) -> Client:
    """The browser of a supervisor of the brand."""
    return signed_in(supervisor)


def test_an_agent_is_told_no_and_a_supervisor_is_led_there(
    wall: Client, desk: Client, ticket: Ticket
) -> None:
    assert desk.get("/wall/").status_code == 403
    assert 'href="/wall/"' not in desk.get("/").content.decode()
    assert 'href="/wall/"' in wall.get("/").content.decode()
    assert 'href="/wall/"' in wall.get("/admin/").content.decode()
    assert wall.get("/wall/").status_code == 200


def test_a_supervisor_of_another_brand_sees_nothing_of_this_one(
    ticket: Ticket, agent: Agent, other_brand: Brand, late_parcel: Reason
) -> None:
    set_state(agent, "available", by=agent)
    Policy.objects.update(apart_days=None)
    goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="asked")
    make.make_budget(brand=ticket.brand, name="Autumn")
    other = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    page = signed_in(other).get("/wall/").content.decode()
    for word in (
        ticket.reference,
        ticket.customer.name,
        ticket.queue.name,
        agent.name,
        "Autumn",
        ticket.brand.name,
    ):
        assert f">{word}" not in page
    theirs = board(other)
    assert (theirs.waiting, theirs.lines, theirs.requests, theirs.budgets, theirs.next) == (
        0,
        [],
        [],
        [],
        None,
    )
    assert [person.agent for person in theirs.people] == []


def test_it_counts_who_waits_how_long_and_what_is_late_or_will_be(
    supervisor: Agent, queue: Queue, agent: Agent
) -> None:
    at = clock.now()
    for number, (waits, left) in enumerate([(5 * HOUR, -HOUR), (2 * HOUR, HOUR / 2), (HOUR, 3 * HOUR)]):
        one = make.make_ticket(queue=queue, at=at - waits)
        Ticket.objects.filter(pk=one.pk).update(
            due_at=at + left, due_since=at - waits, assignee=agent if number else None
        )
    put_off = make.make_ticket(queue=queue)
    services.snooze(put_off, until=at + 20 * HOUR, by=agent)
    (line,) = board(supervisor).lines
    assert (line.waiting, line.late, line.soon, line.nobodys) == (3, 1, 1, 1)
    assert line.oldest == "5:00"
    assert line.chip
    assert (line.chip.state, line.chip.span) == ("over", "1:00")
    found = board(supervisor)
    assert found.latest
    assert found.latest.queue == queue
    assert found.next
    assert found.next.chip.state == "warm"


def test_the_dial_of_a_queue_shows_how_much_is_left_of_its_next_promise(
    supervisor: Agent, queue: Queue
) -> None:
    at = clock.now()
    one = make.make_ticket(queue=queue, at=at - 3 * HOUR)
    Ticket.objects.filter(pk=one.pk).update(due_at=at + HOUR, due_since=at - 3 * HOUR)
    (line,) = board(supervisor).lines
    assert line.chip
    assert (line.chip.state, line.chip.left) == ("warm", 25)


def test_who_is_on_a_queue_is_its_team_or_else_the_brand(
    supervisor: Agent, queue: Queue, brand: Brand
) -> None:
    callers = make.make_team(brand=brand)
    inside, outside, away = (make.make_agent(brands=[brand], name=name) for name in ("In", "Out", "Away"))
    callers.agents.set([inside, away])
    theirs = make.make_queue(brand=brand, name="Callers only", team=callers)
    for person, state in ((inside, "available"), (outside, "available"), (away, "away")):
        set_state(person, state, by=person)
    lines = {line.queue: [person.agent for person in line.people] for line in board(supervisor).lines}
    assert lines == {theirs: [inside], queue: [inside, outside]}
    found = board(supervisor)
    assert (found.available, found.away, len(found.people)) == (2, 1, 3)


def test_first_answers_are_in_time_or_late(supervisor: Agent, agent: Agent, queue: Queue) -> None:
    in_time, late = (make.make_ticket(queue=queue) for _ in "12")
    services.reply(in_time, "Here it is.", by=agent, key="k", seen=in_time.message_seq)
    late.clocks.filter(kind="first").update(breached_at=clock.now())
    found = board(supervisor).in_time
    assert (found.met, found.late, found.share, found.look) == (1, 1, 50.0, "bad")


def test_the_page_asks_for_its_middle_alone(wall: Client, ticket: Ticket) -> None:
    page = wall.get("/wall/").content.decode()
    part = wall.get("/wall/", headers={"HX-Request": "true", "HX-Target": "wall"}).content.decode()
    assert "<html" in page
    assert "<html" not in part
    assert 'hx-trigger="every 15s"' in part
    assert 'id="wall"' in part


def test_every_chart_has_its_table_and_is_silent(wall: Client, ticket: Ticket) -> None:
    page = wall.get("/wall/").content.decode()
    charts = re.findall(r"<canvas[^>]*>", page)
    assert len(charts) == 2
    for chart in charts:
        assert 'aria-hidden="true"' in chart
        table = re.search(r'data-chart="([^"]+)"', chart)
        assert table
        assert f'id="{table[1]}"' in page
    assert "vendor/chart" in page
    assert "vendor/chart" not in wall.get("/").content.decode()


def grow(brand: Brand, agent: Agent, reason: Reason, count: int) -> None:
    """`count` more of everything the wall shows."""
    for number in range(count):
        queue = make.make_queue(
            brand=brand, team=make.make_team(brand=brand, agents=[agent]) if number % 2 else None
        )
        customer = make.make_member(brand=brand, phone=f"+4930123{40000 + number + 100 * count:05d}")
        one = make.make_ticket(customer=customer, queue=queue)
        person = make.make_agent(brands=[brand])
        make.make_callback(ticket=one, by=person, window=make.next_day("Europe/Berlin", 10))
        Policy.objects.update(apart_days=None)
        goodwill.services.ask(one, 600, by=agent, reason=reason, key=make.unique())
        set_state(person, "available", by=person)
        make.make_budget(brand=brand)


def test_it_asks_the_same_number_of_questions_with_few_and_with_many(
    wall: Client, supervisor: Agent, brand: Brand, programme: Any, agent: Agent, late_parcel: Reason
) -> None:
    grow(brand, agent, late_parcel, 2)
    wall.get("/wall/")
    with CaptureQueriesContext(connection) as few:
        wall.get("/wall/")
    grow(brand, agent, late_parcel, 12)
    with CaptureQueriesContext(connection) as many:
        wall.get("/wall/")
    assert len(many) == len(few) <= 12, [query["sql"][:120] for query in many.captured_queries]


@pytest.fixture
def both(own_db: str, brand: Brand, other_brand: Brand) -> Agent:
    """A supervisor of two brands, each with 15,000 tickets, of which many were opened today."""
    agent = make.make_agent(brands=[brand, other_brand], role=roles.SUPERVISOR)
    for one in (brand, other_brand):
        queue = make.make_queue(brand=one, name=f"Help {one.code}")
        crowd(queue, make.make_customer(brand=one).pk, 15_000, agent=agent, ended=3)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_ticket SET opened_at = now() - (id % 700) * interval '1 minute',"
            " due_since = CASE WHEN due_at IS NULL THEN NULL ELSE now() - interval '3 hours' END WHERE id % 3 = 0"
        )
    analyse("tickets_ticket", "agents_agent_brands", "tickets_clock", "callbacks_callback")
    return agent


def test_it_reads_no_more_of_the_tickets_than_it_counts_to(both: Agent) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = board(both)
    sqls = [query["sql"] for query in queries.captured_queries if '"tickets_ticket"' in query["sql"]]
    assert found.waiting == 2 * COUNTED
    assert found.is_cut
    assert sqls
    for sql in sqls:
        nodes = [node for node in plan(sql) if node.get("Relation Name") == "tickets_ticket"]
        assert nodes
        for node in nodes:
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), (node, sql)
            assert rows_of(node) <= 2 * 5 * OPENED_AT_MOST, (node, sql)


def test_hours_and_days_are_those_of_the_reader() -> None:
    zone = clock.zone("Asia/Kathmandu")  # 5:45 ahead
    at = make.instant("2026-03-02T10:20:00+00:00")  # 16:05 there
    rows = [(quarters(at), "1:", 4), (quarters(at - HOUR), "1:", 2)]
    hours = hours_of(rows, [], at, zone)
    assert [(f"{hour.start:%H:%M}", hour.opened) for hour in hours][-2:] == [("15:00", 2), ("16:00", 4)]
    night = make.instant("2026-03-01T18:15:00+00:00")  # midnight there
    today = at.astimezone(zone).date()
    days = [today - timedelta(days=1), today]
    promises = [
        (quarters(night), "kept", 3),
        (quarters(night) - 1, "missed", 1),
        (quarters(night), "cancelled", 9),
    ]
    assert [day.counts for day in days_of(promises, days, zone)] == [(0, 1, 0), (3, 0, 0)]


def test_promises_of_today_are_counted_by_what_came_of_them(
    supervisor: Agent, ticket: Ticket, agent: Agent
) -> None:
    at = clock.now()
    promise = make.make_callback(ticket=ticket, by=agent, window=make.next_day("Europe/Berlin", 10))
    assert (board(supervisor).lines[0].calls, board(supervisor).today.total) == (0, 0)
    Callback.objects.filter(pk=promise.pk).update(
        state=Callback.State.DUE, window_from=at, window_to=at + HOUR
    )
    found = board(supervisor)
    assert (found.lines[0].calls, found.today.counts) == (1, (0, 0, 1))


def test_components_are_shown_to_developers_only(desk: Client, settings: Any) -> None:
    assert desk.get("/desk/components/").status_code == 404
    settings.DEBUG = True
    page = desk.get("/desk/components/")
    assert page.status_code == 200
    for name in ("button", "chip", "panel", "table", "dialog", "toast", "empty", "meter", "mark"):
        assert f'id="c-{name}"' in page.content.decode()
    assert "<c-" not in page.content.decode()
    assert "style=" not in page.content.decode()
