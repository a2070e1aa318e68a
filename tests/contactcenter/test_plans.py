"""A sweep costs what it finds: its query walks its own partial index, however full the table is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from callbacks.services import claim_due
from loyalty.services import expire_some, mature_next, write_some_statements
from tickets.channels.email.send import send_next
from tickets.models import Ticket
from tickets.services import close_some, tell_late, wake_some

SWEEPS: dict[str, Callable[[], Any]] = {
    "tickets_message_to_send": send_next,
    "callbacks_callback_to_come": claim_due,
    "tickets_clock_to_tell": tell_late,
    "tickets_ticket_to_wake": wake_some,
    "tickets_ticket_to_close": close_some,
    "loyalty_account_to_expire": expire_some,
    "loyalty_pendinggrant_to_mature": mature_next,
    "loyalty_statementrun_to_write": write_some_statements,
}


FILL = [
    """INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)
    SELECT brand_id, 'One of many', 'en', '', '', '', now()
    FROM loyalty_account, generate_series(1, 20000) n WHERE id = %(account)s""",
    """INSERT INTO loyalty_account (brand_id, programme_id, customer_id, number, status, balance, held, pending,
        lifetime_earned, lifetime_redeemed, lifetime_expired, version, joined_at, next_expiry)
    SELECT a.brand_id, a.programme_id, c.id, c.id, 'active', 10, 0, 0, 10, 0, 0, 1, now(),
        CASE WHEN c.id % 200 = 0 THEN now() + interval '1 day' END
    FROM loyalty_account a, customers_customer c WHERE a.id = %(account)s AND c.name = 'One of many'""",
    """INSERT INTO loyalty_pendinggrant (account_id, granted, points, qualifying, matures_at, state, is_open, key,
        source, occurred_at, breakdown)
    SELECT %(account)s, 5, CASE WHEN n % 200 = 0 THEN 5 ELSE 0 END, 0, now() + interval '1 day',
        CASE WHEN n % 200 = 0 THEN 'pending' ELSE 'cancelled' END, n % 200 = 0, n, '', now(), '{}'
    FROM generate_series(1, 20000) n""",
    """INSERT INTO loyalty_statementrun (brand_id, programme_id, month, after, letters, begun_at, done_at)
    SELECT brand_id, programme_id, date '1000-01-01' + n * interval '1 month', 0, 0, now(), now()
    FROM loyalty_account, generate_series(1, 20000) n WHERE id = %(account)s""",
    """INSERT INTO callbacks_callback (brand_id, customer_id, kind, reason, owner_id, promised_by_id, promised_at,
        window_from, window_to, zone, key, request_hash, state, ended_at)
    SELECT brand_id, customer_id, 'task', '?', %(agent)s, %(agent)s, now(), now() + interval '1 day',
        now() + interval '2 days', 'UTC', n, '', CASE WHEN n % 200 = 0 THEN 'promised' ELSE 'kept' END,
        CASE WHEN n % 200 = 0 THEN NULL ELSE now() END
    FROM loyalty_account, generate_series(1, 20000) n WHERE id = %(account)s""",
    """INSERT INTO tickets_message (ticket_id, seq, kind, channel, author_id, sender, text, html, message_id,
        in_reply_to, key, created_at, attempts, last_error, state, due_at, recipient_id)
    SELECT %(ticket)s, n + 100, 'outbound', 'mail', %(agent)s, '', '', '', '', '', n, now(), 0, '',
        CASE WHEN n % 200 = 0 THEN 'queued' ELSE 'sent' END,
        CASE WHEN n % 200 = 0 THEN now() + interval '1 day' END,
        (SELECT min(id) FROM customers_contactpoint)
    FROM generate_series(1, 20000) n""",
    """INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority,
        opened_at, resolved_at, closes_at, snoozed_until, last_message_at, last_words, last_was_inbound, message_seq,
        key)
    SELECT brand_id, 1000 + n, queue_id, customer_id, '', 'mail',
        CASE WHEN n % 200 < 10 THEN 'open' ELSE 'resolved' END, 2, now(), CASE WHEN n % 200 >= 10 THEN now() END,
        CASE WHEN n % 200 = 10 THEN now() + interval '1 day' END,
        CASE WHEN n % 200 = 0 THEN now() + interval '1 day' END, now(), '', true, 0, n
    FROM tickets_ticket, generate_series(1, 20000) n WHERE id = %(ticket)s""",
    """INSERT INTO tickets_clock (ticket_id, kind, turn, target, used, started_at, since, due_at, next_at, ended_at,
        seq, was_met)
    SELECT id, 'resolution', 1, '1 hour', '0', now(), now(),
        CASE WHEN number % 200 = 0 THEN now() + interval '2 days' END,
        CASE WHEN number % 200 = 0 THEN now() + interval '1 day' END,
        CASE WHEN number % 200 > 0 THEN now() END, 1, false
    FROM tickets_ticket WHERE number >= 1000""",
]


@pytest.fixture
def full_house(ticket: Ticket, agent: Agent) -> None:
    """Tables of 20,000 rows of which a hundred wait for tomorrow, known to the planner."""
    ids = {"account": ticket.customer.account.pk, "agent": agent.pk, "ticket": ticket.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('loyalty.check', 'off', true)"
        )  # these accounts have points and no lots
        for statement in FILL:
            cursor.execute(statement.replace("% 200", "%% 200"), ids)
            cursor.execute(
                "ANALYZE"
            )  # at once: keys to a table that seems empty are checked by reading all of it


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of_the_claim(sweep: Callable[[], Any]) -> list[dict[str, Any]]:
    """The nodes of the plan of the statement by which `sweep` claims rows."""
    with CaptureQueriesContext(connection) as queries:
        assert not sweep()
    (claim,) = [query["sql"] for query in queries if "SKIP LOCKED" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + claim.replace("%", "%%"), [])
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def test_rules_of_time_walk_the_open_tickets_by_their_own_index(full_house: None, ticket: Ticket) -> None:
    rows = Ticket.objects.open_in_turn(ticket.brand, after=0)[:500]
    assert "tickets_ticket_open_in_turn" in rows.explain()


def test_every_sweep_walks_its_own_index_and_without_it_would_not(full_house: None) -> None:
    for index, sweep in SWEEPS.items():
        plan = plan_of_the_claim(sweep)
        assert index in {node.get("Index Name") for node in plan}, index
        table = index.split("_to_")[0]
        read_whole = [
            node for node in plan if node["Node Type"] == "Seq Scan" and node["Relation Name"] == table
        ]
        assert not read_whole, index
        with connection.cursor() as cursor:  # the control: a plan that knows no such index is told apart
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"DROP INDEX {index}")
        assert index not in {node.get("Index Name") for node in plan_of_the_claim(sweep)}
