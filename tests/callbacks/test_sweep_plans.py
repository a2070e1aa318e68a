"""The sweeps cost what they find: with many promises on file, and many that are due, each walks an index of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from callbacks.services import look_at_next, offer_some, take_back_some
from contactcenter import clock
from tests import databases, make
from tests.contactcenter.test_plans import explained
from tests.many import write_many

# Kept ones, and of two hundred one that waits for tomorrow, one that is due and one that is accepted.
FILL = """INSERT INTO callbacks_callback (brand_id, customer_id, kind, reason, owner_id, promised_by_id, promised_at,
    contact_point_id, window_from, window_to, promised_to, zone, key, request_hash, state, ended_at, look_at, due_since)
SELECT c.brand_id, c.customer_id, 'call', '?', c.owner_id, c.owner_id, now(), c.contact_point_id,
    now() + interval '1 day', now() + interval '2 days', now() + interval '2 days', 'UTC', 'm' || n, '',
    (ARRAY['promised', 'due', 'accepted'])[n %% 200 + 1], NULL, now() + interval '1 day', now()
FROM callbacks_callback c, generate_series(1, 20000) n WHERE n %% 200 < 3
UNION ALL
SELECT c.brand_id, c.customer_id, 'call', '?', c.owner_id, c.owner_id, now(), c.contact_point_id,
    now() + interval '1 day', now() + interval '2 days', now() + interval '2 days', 'UTC', 'm' || n, '', 'kept',
    now(), NULL, NULL
FROM callbacks_callback c, generate_series(1, 20000) n WHERE n %% 200 >= 3"""


def fill() -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    make.make_callback(customer=make.make_customer(brand=brand), by=agent)
    make.come(agent)
    write_many(FILL, [])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with databases.kept(django_db_blocker) as build:
        build(fill)
        yield


def scans_of(deed: Callable[[], Any]) -> list[str]:
    """The statements of a sweep that read the whole table of promises."""
    with CaptureQueriesContext(connection) as queries:
        deed()
    found = []
    for query in queries:
        if "callbacks_callback" not in query["sql"] or not query["sql"].lstrip().startswith("SELECT"):
            continue
        for node in explained(query["sql"]):
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "callbacks_callback":
                found.append(query["sql"])
    return found


@pytest.mark.parametrize("sweep", [look_at_next, take_back_some, offer_some])
def test_a_sweep_never_reads_the_whole_table(many: None, db: None, sweep: Callable[..., int]) -> None:
    at = clock.now() + timedelta(minutes=1)
    assert scans_of(lambda: sweep(at=at)) == []


def test_control_without_its_index_the_look_reads_the_whole_table(many: None, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX callbacks_callback_to_look")
    assert scans_of(lambda: look_at_next(at=clock.now()))


def test_who_has_calls_that_are_due_is_asked_of_an_index(many: None, db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        offer_some(at=clock.now())
    first = next(query["sql"] for query in queries if '"agents_brand"' in query["sql"])
    read = [node for node in explained(first) if node.get("Relation Name") == "callbacks_callback"]
    # Brand by brand, or where there are many brands all that is due by a bitmap of the index: never what is on file.
    assert {node["Node Type"] for node in read} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
    assert "DISTINCT" not in first
