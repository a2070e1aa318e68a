"""What the database does to find a caller among a hundred thousand customers: every arm walks an index of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection

from agents.models import Agent, Brand
from desk.finding import find
from tests import make
from tests.desk.crowds import analyse, crowd
from tests.desk.test_plans import plan, statements
from tests.many import write_many

MANY = 100_000
READ_AT_MOST = 5_000  # rows of one table that a search may look at, of 100,000
TABLES = (
    "customers_customer",
    "customers_contactpoint",
    "customers_order",
    "loyalty_account",
    "tickets_ticket",
)

FILL = [
    """INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)
    SELECT CASE WHEN n %% 2 = 0 THEN %(one)s ELSE %(two)s END,
        initcap(left(translate(md5(n::text), '0123456789', 'aeioulmnrs'), 5)) || ' '
        || initcap(left(translate(md5((n * 7)::text), '0123456789', 'aeioulmnrs'), 6)), 'en', '', '', '', now()
    FROM generate_series(1, %(many)s) n""",
    """INSERT INTO customers_contactpoint (brand_id, customer_id, kind, value, created_at)
    SELECT brand_id, id, 'phone', '+4930' || lpad(id::text, 7, '0'), now() FROM customers_customer WHERE id %% 5 = 0""",
    """INSERT INTO customers_contactpoint (brand_id, customer_id, kind, value, created_at)
    SELECT brand_id, id, 'mail', md5(id::text) || '@mail.example', now() FROM customers_customer WHERE id %% 5 = 0""",
    """INSERT INTO customers_order (brand_id, customer_id, number, status, currency, total_minor, refunded_minor,
        placed_at)
    SELECT brand_id, id, 'A-' || id, 'placed', 'EUR', 1, 0, now() FROM customers_customer WHERE id %% 5 = 0""",
    """INSERT INTO loyalty_account (brand_id, programme_id, customer_id, number, status, balance, held, pending,
        lifetime_earned, lifetime_redeemed, lifetime_expired, version, joined_at)
    SELECT c.brand_id, p.id, c.id, 'P-' || lpad(c.id::text, 7, '0'), 'active', 0, 0, 0, 0, 0, 0, 0, now()
    FROM customers_customer c JOIN loyalty_programme p USING (brand_id) WHERE c.id %% 5 = 0""",
]


@pytest.fixture
def crowded(brand: Brand, other_brand: Brand) -> Agent:
    """An agent of two brands with 50,000 customers each, every fifth with addresses, an order and an account."""
    for one in (brand, other_brand):
        make.make_programme(brand=one)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in FILL:
            write_many(statement, {"one": brand.pk, "two": other_brand.pk, "many": MANY})
            analyse(*TABLES)
    agent = make.make_agent(brands=[brand, other_brand])
    queue = make.make_queue(brand=brand)
    crowd(queue, brand.customers.earliest("pk").pk, 5_000, agent=agent)
    analyse("tickets_ticket")
    return agent


def looked_at(sql: str) -> dict[str, int]:
    """How many rows of each table a statement read or threw away."""
    rows: dict[str, int] = {}
    for node in plan(sql):
        table = node.get("Relation Name")
        if table in TABLES:
            assert node["Node Type"] != "Seq Scan", (node, sql)
            lost = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
            rows[table] = rows.get(table, 0) + int((node["Actual Rows"] + lost) * node["Actual Loops"])
    return rows


def searches(agent: Agent) -> dict[str, list[str]]:
    """What a search asks, by what was typed."""
    somebody: Any = agent.brands.first().customers.order_by("pk")[20_000]
    first, last = somebody.name.split()
    typed = [
        f"030 {somebody.pk:07d}", f"{somebody.pk:07d}", f"{somebody.pk:07d}"[-4:], f"A-{somebody.pk}", "FF-100812",
        "100812", f"P-{somebody.pk:07d}", first[:2], first[:4], f"{first[:3]} {last[:3]}", somebody.name,
        f"{first[:6]}x{first[6:]} {last}", "a@mail.example", "zzzzzz", "@nobody",
    ]  # fmt: skip
    return {words: statements(partial(find, agent, words), "customers_customer")[1] for words in typed}


def test_a_part_of_a_name_that_the_planner_takes_for_frequent_is_found_by_index_too(crowded: Agent) -> None:
    with connection.cursor() as cursor:  # what stands in its sample seems far more frequent than it is
        cursor.execute(
            "SELECT unnest(histogram_bounds::text::text[]) FROM pg_stats"
            " WHERE tablename = 'customers_customer' AND attname = 'findable'"
        )
        parts = [name.split()[0][:4] for (name,) in cursor.fetchall()][:30]
    asked = [
        sql for part in parts for sql in statements(partial(find, crowded, part), "customers_customer")[1]
    ]
    for sql in asked:
        looked_at(sql)
    with (
        connection.cursor() as cursor
    ):  # the control: a planner left to itself reads all rows for some of them
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert "Seq Scan" in {node["Node Type"] for sql in asked for node in plan(sql)}


def test_a_caller_is_found_among_a_hundred_thousand_by_indexes_alone(crowded: Agent) -> None:
    for words, asked in searches(crowded).items():
        for sql in asked:
            for table, rows in looked_at(sql).items():
                assert rows <= READ_AT_MOST, (words, table, rows, sql)
    with connection.cursor() as cursor:  # the control: without its index a name is looked for in every row
        cursor.execute("DROP INDEX customers_customer_words")
    _, (asked, *_) = statements(partial(find, crowded, "zzzz yyyy"), "customers_customer")
    assert (
        max(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in plan(asked))
        > READ_AT_MOST
    )
