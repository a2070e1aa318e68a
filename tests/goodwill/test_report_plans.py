"""The reports start from the rows of the days that are asked about, by their indexes, however many others there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Brand
from goodwill.reports.choices import choices
from goodwill.reports.comparison import comparison
from goodwill.reports.given import given
from tests.contactcenter.test_plans import nodes
from tests.goodwill.returns import NOW, SINCE, simulate
from tests.many import write_many

# The first of the 120 of which something is told.
DAY = {"since": SINCE, "until": SINCE + timedelta(days=1)}
OLD_OFFERS = """
INSERT INTO goodwill_offer (brand_id, request_id, text, state, sent_at, default_at)
SELECT r.brand_id, r.id, '', 'withdrawn', %(at)s::timestamptz + n * interval '1 hour',
    %(at)s::timestamptz + interval '999 days'
FROM (SELECT id, brand_id, row_number() OVER (ORDER BY id) AS n FROM goodwill_request WHERE brand_id = %(brand)s) r
"""


def plans_of(question: Callable[[], Any]) -> list[dict[str, Any]]:
    """The nodes of the plans of all that `question` asks."""
    with CaptureQueriesContext(connection) as queries:
        question()
    found: list[dict[str, Any]] = []
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"].replace("%", "%%"), [])
            (answer,) = cursor.fetchone()
        plan = json.loads(answer) if isinstance(answer, str) else answer
        found += nodes(plan[0]["Plan"])
    return found


def read_whole(plan: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}


# As many again, three times, of the years before: the days that are asked about are few among all.
OLD_REQUESTS = """
INSERT INTO goodwill_request (brand_id, ticket_id, account_id, reason_id, by_id, points, key, words, bound, message,
    parts, passed, is_urgent, takes_two, state, asked_at)
SELECT r.brand_id, r.ticket_id, r.account_id, r.reason_id, r.by_id, r.points, 'old' || n || r.key, '', '', '',
    '[]', '{}', false, false, 'lapsed', r.asked_at - n * interval '200 days'
FROM goodwill_request r CROSS JOIN generate_series(1, 3) n WHERE r.brand_id = %(brand)s
"""


@pytest.fixture
def full(db: None) -> Brand:
    brand = simulate(1, people=8000).brand
    write_many(OLD_REQUESTS, {"brand": brand.pk})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ANALYZE goodwill_request")
    return brand


@pytest.mark.parametrize(
    ("question", "indexes"),
    [
        (given, {"goodwill_request_by_time"}),
        (comparison, {"goodwill_request_by_time", "tickets_ticket_by_opening", "customers_order_newest"}),
    ],
)
def test_a_day_is_read_by_the_indexes_of_its_rows(
    full: Brand, question: Callable[..., Any], indexes: set[str]
) -> None:
    plan = plans_of(lambda: question(full, at=NOW, **DAY))
    assert indexes <= {node.get("Index Name") for node in plan}
    assert "goodwill_request" not in read_whole(plan)


def test_offers_of_a_day_are_read_by_when_they_were_sent(full: Brand) -> None:
    write_many(OLD_OFFERS, {"brand": full.pk, "at": SINCE})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ANALYZE goodwill_offer, goodwill_request")
    plan = plans_of(lambda: choices(full, **DAY))
    assert "goodwill_offer_by_time" in {node.get("Index Name") for node in plan}
    assert "goodwill_offer" not in read_whole(plan)
