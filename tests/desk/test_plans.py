"""What the database does for a page, with thirty thousand tickets: it walks an index and stops."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from bench import ledger_rows
from contactcenter.paging import pack
from customers.models import Customer
from desk.queue import PAGE, VIEWS, queue_pane
from desk.timeline import PAGE as TIMELINE_PAGE
from desk.timeline import timeline_of
from loyalty.models import Account
from tests import make
from tests.desk.crowds import analyse, crowd
from tickets.models import Ticket

READ_AT_MOST = 4 * PAGE  # rows of the table for one page, what is thrown away included
COUNTED = 1000


@pytest.fixture
def both(own_db: str, brand: Brand, other_brand: Brand) -> Agent:
    """An agent who serves two brands, each with 15,000 tickets.

    In a database of their own: what other tests took back lies about in the tables and turns a planner's head.
    """
    agent = make.make_agent(brands=[brand, other_brand])
    for one in (brand, other_brand):
        queue = make.make_queue(brand=one, name=f"Help {one.code}")
        crowd(queue, make.make_customer(brand=one).pk, 15_000, agent=agent)
    analyse("tickets_ticket", "agents_agent_brands")
    return agent


def statements(deed: Callable[[], Any], table: str) -> tuple[Any, list[str]]:
    """What the deed gave back, and the statements it read `table` with."""
    with CaptureQueriesContext(connection) as queries:
        answer = deed()
    return answer, [query["sql"] for query in queries.captured_queries if f'FROM "{table}"' in query["sql"]]


def plan(sql: str) -> list[dict[str, Any]]:
    """Every node of the plan of a statement, with what it really did."""

    def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for part in node.get("Plans", []):
            yield from nodes(part)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        return list(nodes(cursor.fetchone()[0][0]["Plan"]))


def rows_of(node: dict[str, Any]) -> int:
    """How many rows a node looked at, those it threw away too."""
    lost = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    return (node["Actual Rows"] + lost) * node["Actual Loops"]


def expect_a_short_walk(sql: str, table: str, at_most: int) -> None:
    """The statement reads `table` by an index, stops early, and sorts no more than a few pages."""
    for node in plan(sql):
        if node.get("Relation Name") == table:
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), (node, sql)
            assert rows_of(node) <= at_most, (node, sql)
        if "Sort" in node["Node Type"]:
            assert rows_of(node) <= at_most, (node, sql)


def test_a_page_of_the_queue_reads_hardly_more_than_it_shows_however_deep(both: Agent, brand: Brand) -> None:
    late, undated = pack("turn", make.instant("2026-01-20T00:00:00+00:00"), 0), pack("turn", None, 100)
    ended = pack("turn", make.instant("2030-01-01T00:00:00+00:00"), 0)
    for brands in ([*Brand.objects.all()], [brand]):
        both.brands.set(brands)
        for view, cursor in itertools.product(VIEWS, ["", late, ended, undated]):
            pane, asked = statements(partial(queue_pane, both, view=view, cursor=cursor), "tickets_ticket")
            assert pane.cursor
            for sql in asked:
                if "COUNT(" not in sql:
                    expect_a_short_walk(sql, "tickets_ticket", READ_AT_MOST)


def test_a_view_of_one_queue_passes_neither_other_queues_nor_all_of_its_own(
    both: Agent, brand: Brand
) -> None:
    late = make.make_queue(brand=brand, name="Late")
    crowd(late, make.make_customer(brand=brand).pk, 6_000, agent=both, first=50_000)
    Ticket.objects.filter(queue=late, due_at__isnull=False).update(due_at=F("due_at") + timedelta(days=365))
    analyse("tickets_ticket")
    for view, cursor in itertools.product(VIEWS, ["", pack("turn", None, 100)]):
        narrowed = partial(queue_pane, both, view=view, queue_id=str(late.pk), cursor=cursor)
        pane, asked = statements(narrowed, "tickets_ticket")
        assert pane.groups
        for sql in asked:
            if "COUNT(" not in sql:
                expect_a_short_walk(sql, "tickets_ticket", READ_AT_MOST)


def test_the_figures_beside_the_views_count_no_further_than_they_show(both: Agent) -> None:
    _, asked = statements(partial(queue_pane, both, view="mine"), "tickets_ticket")
    (counts,) = [sql for sql in asked if "COUNT(" in sql]
    nodes = [node for node in plan(counts) if node.get("Relation Name") == "tickets_ticket"]
    assert {node["Node Type"] for node in nodes} == {"Index Only Scan"}, counts
    assert sum(rows_of(node) for node in nodes) <= len(VIEWS) * COUNTED, counts


def test_a_timeline_reads_one_page_of_the_points_however_long_the_history(member: Customer) -> None:
    (account,) = ledger_rows.accounts(member.brand, 1)
    ledger_rows.lines([account], 3000)
    member = Account.objects.get(pk=account).customer
    cursor = ""
    for _ in range(5):
        (_, cursor), asked = statements(partial(timeline_of, member, cursor=cursor), "loyalty_entry")
        assert len(asked) == 1
        expect_a_short_walk(asked[0], "loyalty_entry", 2 * TIMELINE_PAGE)
    assert cursor
