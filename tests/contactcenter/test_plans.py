"""A sweep costs what it finds: its query walks its own partial index, however full the table is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from agents.models import Agent
from agents.presence.services import lose_some
from callbacks.services import claim_due
from goodwill.services import (
    default_due,
    give_out,
    incidents,
    keep_next_pledge,
    lapse_due,
    pass_on_due,
    watch_nights,
    watch_recent,
)
from loyalty.services import expire_some, mature_next, write_some_statements
from tests import databases, make
from tests.many import write_many
from tickets.channels.email.consults import send_next_consult
from tickets.channels.email.send import send_next
from tickets.models import Ticket
from tickets.services import (
    ask_some,
    close_some,
    expire_consults,
    forget_drafts,
    make_good_next,
    send_next_held,
    tell_late,
    tell_untaken,
    wake_some,
)

SWEEPS: dict[str, Callable[[], Any]] = {
    "tickets_message_to_send": send_next,
    "tickets_draft_to_forget": forget_drafts,
    "callbacks_callback_to_look": claim_due,
    "tickets_clock_to_tell": tell_late,
    "tickets_clock_to_make_good": make_good_next,
    "goodwill_pledgerun_to_look": keep_next_pledge,
    "tickets_survey_to_ask": ask_some,
    "tickets_consult_to_expire": expire_consults,
    "tickets_consultword_to_send": send_next_consult,
    "tickets_shoptask_to_tell": tell_untaken,
    "tickets_ticket_to_wake": wake_some,
    "tickets_ticket_to_close": close_some,
    "agents_presence_to_lose": lose_some,
    "loyalty_account_to_expire": expire_some,
    "loyalty_pendinggrant_to_mature": mature_next,
    "loyalty_statementrun_to_write": write_some_statements,
}
# These look first, and then claim the ticket of each thing they found: tests.goodwill.test_sweeps.
LOOKS: dict[str, Callable[[], Any]] = {
    "tickets_draft_to_send": send_next_held,
    "goodwill_request_to_lapse": lapse_due,
    "goodwill_request_to_pass_on": pass_on_due,
    "goodwill_offer_to_default": default_due,
    "goodwill_incidentgrant_lapses": incidents.lapse_due,
    "goodwill_incidentgrant_running": give_out,
    "goodwill_request_by_time": watch_recent,
    "goodwill_watch_once_a_night": watch_nights,
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
        window_from, window_to, promised_to, zone, key, request_hash, state, ended_at, look_at)
    SELECT brand_id, customer_id, 'task', '?', %(agent)s, %(agent)s, now(), now() + interval '1 day',
        now() + interval '2 days', now() + interval '2 days', 'UTC', n, '',
        CASE WHEN n % 200 = 0 THEN 'promised' ELSE 'kept' END, CASE WHEN n % 200 = 0 THEN NULL ELSE now() END,
        CASE WHEN n % 200 = 0 THEN now() + interval '1 day' END
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
    """INSERT INTO customers_order (brand_id, customer_id, number, status, currency, total_minor,
        refunded_minor, placed_at)
    SELECT brand_id, customer_id, 'A-1', 'placed', 'EUR', 1000, 0, now() FROM tickets_ticket WHERE id = %(ticket)s""",
    """INSERT INTO tickets_shoptask (brand_id, ticket_id, order_id, kind, state, note, key, request_hash, asked_by_id,
        asked_at, tell_at, ended_at, answer)
    SELECT t.brand_id, t.id, o.id, 'resend', CASE WHEN n % 200 = 0 THEN 'asked' ELSE 'withdrawn' END, '', n, '',
        %(agent)s, now(), CASE WHEN n % 200 = 0 THEN now() + interval '1 day' END,
        CASE WHEN n % 200 > 0 THEN now() END, ''
    FROM tickets_ticket t JOIN customers_order o ON o.number = 'A-1', generate_series(1, 20000) n
    WHERE t.id = %(ticket)s""",
    """INSERT INTO agents_agent (password, is_superuser, email, name, time_zone, language, is_active, is_staff,
        date_joined) SELECT '', false, n || '@many.example', 'One of many', 'UTC', 'en', true, false, now()
    FROM generate_series(1, 20000) n""",
    """INSERT INTO agents_presence (agent_id, kind, since, seen_at, was_lost)
    SELECT id, CASE WHEN id % 200 = 0 THEN 'busy' ELSE 'offline' END, now(), now() + interval '1 hour', false
    FROM agents_agent WHERE name = 'One of many'""",
    """INSERT INTO tickets_clock (ticket_id, kind, turn, target, used, started_at, since, due_at, next_at, ended_at,
        seq, was_met, wait_ended_at)
    SELECT id, 'resolution', 1, '1 hour', '0', now(), now(),
        CASE WHEN number % 200 = 0 THEN now() + interval '2 days' END,
        CASE WHEN number % 200 = 0 THEN now() + interval '1 day' END,
        CASE WHEN number % 200 > 0 THEN now() END, 1, false,
        CASE WHEN number % 200 = 1 THEN now() + interval '1 day' END
    FROM tickets_ticket WHERE number >= 1000""",
    """INSERT INTO tickets_draft (ticket_id, agent_id, kind, text, version, changed_at, due_at, is_scheduled, "then",
        key, returned)
    SELECT id, %(agent)s, 'reply', '?', 1, now(), CASE WHEN number % 200 = 0 THEN now() + interval '1 day' END, false,
        'stay', number, ''
    FROM tickets_ticket WHERE number >= 1000""",
    """INSERT INTO goodwill_pledgerun (brand_id, ticket_id, clock_id, turn, kind, started_at, look_at, state, why,
        ended_at)
    SELECT t.brand_id, t.id, c.id, 1, c.kind, now(), CASE WHEN t.number % 200 = 0 THEN now() + interval '1 day' END,
        CASE WHEN t.number % 200 = 0 THEN 'running' ELSE 'dropped' END, '', CASE WHEN t.number % 200 > 0 THEN now() END
    FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id WHERE t.number >= 1000""",
    """INSERT INTO tickets_survey (brand_id, ticket_id, queue_id, state, resolved_at, due_at, why_not, comment)
    SELECT brand_id, id, queue_id, CASE WHEN number % 200 = 0 THEN 'waiting' ELSE 'dropped' END, now(),
        CASE WHEN number % 200 = 0 THEN now() + interval '1 day' END, '', ''
    FROM tickets_ticket WHERE number >= 1000""",
    """INSERT INTO tickets_consult (brand_id, ticket_id, asked_by_id, expert_name, expert_address, question, shown,
        state, asked_at, expires_at, ended_at, key)
    SELECT brand_id, id, %(agent)s, '', 'tom@else.example', '?', '',
        CASE WHEN number % 200 = 0 THEN 'asked' ELSE 'answered' END, now(), now() + interval '1 day',
        CASE WHEN number % 200 > 0 THEN now() END, number
    FROM tickets_ticket WHERE number >= 1000""",
    """INSERT INTO tickets_consultword (consult_id, kind, author_id, sender, text, at, key, state, due_at, attempts,
        last_error)
    SELECT id, 'question', asked_by_id, '', '?', now(), key, CASE WHEN state = 'asked' THEN 'queued' ELSE 'sent' END,
        CASE WHEN state = 'asked' THEN now() + interval '1 day' END, 0, ''
    FROM tickets_consult""",
    """INSERT INTO goodwill_request (brand_id, ticket_id, account_id, reason_id, points, by_id, key, words, bound,
        parts, message, is_urgent, asked_of_id, passed, passes_at, takes_two, state, asked_at, lapses_at)
    SELECT t.brand_id, t.id, %(account)s, r.id, 100, %(agent)s, t.number, '', '', '[]', '', t.number % 200 = 0,
        CASE WHEN t.number % 200 = 0 THEN m.id END, '{}',
        CASE WHEN t.number % 200 = 0 THEN now() + interval '1 day' END,
        false, CASE WHEN t.number % 200 = 0 THEN 'waiting' ELSE 'withdrawn' END, now() - interval '40 days',
        CASE WHEN t.number % 200 = 0 THEN now() + interval '1 day' END
    FROM tickets_ticket t, (SELECT min(id) AS id FROM goodwill_reason) r, (SELECT max(id) AS id FROM agents_agent) m
    WHERE t.number >= 1000""",
    """INSERT INTO goodwill_offer (brand_id, request_id, text, state, sent_at, default_at)
    SELECT brand_id, id, '', CASE WHEN state = 'waiting' THEN 'open' ELSE 'withdrawn' END,
        CASE WHEN state = 'waiting' THEN now() END, CASE WHEN state = 'waiting' THEN now() + interval '1 day' END
    FROM goodwill_request""",
    """INSERT INTO goodwill_incidentgrant (brand_id, ticket_id, reason_id, points, customers, spares, by_id, key, words,
        state, reserved, asked_at, lapses_at)
    SELECT brand_id, ticket_id, reason_id, 100, 1, false, by_id, key, '',
        CASE WHEN state = 'waiting' THEN 'asked' ELSE 'withdrawn' END, 0, asked_at, lapses_at FROM goodwill_request""",
    """INSERT INTO goodwill_watch (brand_id, night, at, gifts, found)
    SELECT brand_id, date '1900-01-01' + n, now(), 0, 0 FROM loyalty_account, generate_series(1, 20000) n
    WHERE id = %(account)s""",
]


def fill_house() -> int:
    """Tables of 20,000 rows of which a hundred wait for tomorrow, known to the planner; gives the first ticket."""
    brand = make.make_brand()
    member = make.make_member(brand=brand, points=1000, phone="+493012345678")
    agent = make.make_agent(brands=[brand])
    make.make_reason(brand=brand)
    ticket = make.make_ticket(customer=member, queue=make.make_queue(brand=brand))
    ids = {"account": ticket.customer.account.pk, "agent": agent.pk, "ticket": ticket.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('loyalty.check', 'off', true)"
        )  # these accounts have points and no lots
        for statement in FILL:
            write_many(statement.replace("% 200", "%% 200"), ids)
            cursor.execute(f"ANALYZE {statement.split()[2]}")
        cursor.execute("ANALYZE")
        # What waits for the end of the transaction is looked at here and not in every test.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return ticket.pk


@pytest.fixture(scope="module")
def first_ticket(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    with databases.kept(django_db_blocker) as build:
        yield build(fill_house)


@pytest.fixture
def ticket(first_ticket: int, db: None) -> Ticket:
    """The first ticket of the full house."""
    return Ticket.objects.select_related("brand").get(pk=first_ticket)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of_the_claim(sweep: Callable[[], Any]) -> list[dict[str, Any]]:
    """The nodes of the plan of the statement by which `sweep` claims rows."""
    with CaptureQueriesContext(connection) as queries:
        assert not sweep()
    (claim,) = [query["sql"] for query in queries if "SKIP LOCKED" in query["sql"]]
    return explained(claim)


def explained(statement: str) -> list[dict[str, Any]]:
    """The nodes of the plan of a statement as it was sent."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def test_rules_of_time_walk_the_open_tickets_by_their_own_index(ticket: Ticket) -> None:
    rows = Ticket.objects.open_in_turn(ticket.brand, after=0)[:100]  # of a thousand that are open here
    assert "tickets_ticket_open_in_turn" in rows.explain()


def test_every_sweep_walks_its_own_index_and_without_it_would_not(ticket: Ticket) -> None:
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


def plan_of_the_look(sweep: Callable[[], Any], table: str) -> list[dict[str, Any]]:
    """The nodes of the plan of the first statement by which `sweep` reads the `table`."""
    with CaptureQueriesContext(connection) as queries:
        sweep()
    look = next(
        query["sql"] for query in queries if f'"{table}"' in query["sql"] and "SELECT" in query["sql"]
    )
    return explained(look)


def test_every_sweep_that_looks_first_finds_what_is_due_by_its_own_index_and_without_it_would_not(
    ticket: Ticket,
) -> None:
    for index, sweep in LOOKS.items():
        table = "_".join(index.split("_")[:2])
        plan = plan_of_the_look(sweep, table)
        assert index in {node.get("Index Name") for node in plan}, index
        with connection.cursor() as cursor:  # the control: a plan that knows no such index is told apart
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            unique = index == "goodwill_watch_once_a_night"
            cursor.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {index}" if unique else f"DROP INDEX {index}"
            )
        assert index not in {node.get("Index Name") for node in plan_of_the_look(sweep, table)}


def plan_of(rows: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        query, parameters = rows.query.sql_with_params()
        cursor.execute("EXPLAIN (FORMAT JSON) " + query, parameters)
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def test_routing_reads_what_waits_in_its_order_and_what_is_held_from_an_index_of_their_own(
    ticket: Ticket,
) -> None:
    many = Ticket.objects.filter(number__gte=1000, number__lt=9000)
    many.update(status="open", resolved_at=None, closes_at=None, snoozed_until=None)
    many.filter(number__lt=5000).update(assignee=Agent.objects.earliest("pk"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ANALYZE tickets_ticket")
    waits = Ticket.objects.to_route().filter(queue=ticket.queue_id)[:200]
    held = Ticket.objects.to_return().filter(queue=ticket.queue_id)[:50]
    for index, rows in {"tickets_ticket_to_route": waits, "tickets_ticket_to_return": held}.items():
        plan = plan_of(rows)
        assert [node["Index Name"] for node in plan if "Index Name" in node] == [index]
        assert "Sort" not in {node["Node Type"] for node in plan}, index
