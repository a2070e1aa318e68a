"""Many rows at once, written in SQL: for pages whose cost must not grow with them."""

from __future__ import annotations

from django.db import connection, models

from agents.models import Agent
from tests.many import write_many
from tickets.models import Queue

TICKETS = """
INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority, assignee_id,
    opened_at, resolved_at, due_at, last_message_at, last_words, last_was_inbound, message_seq, key)
SELECT %(brand)s, 100000 + n, %(queue)s, %(customer)s, 'Ticket ' || n, 'mail',
    CASE WHEN n %% 10 < %(ended)s THEN 'resolved' ELSE 'open' END, 2,
    CASE WHEN n %% 3 = 0 THEN %(agent)s::bigint END,
    at, CASE WHEN n %% 10 < %(ended)s THEN at END,
    CASE WHEN n %% 10 >= %(ended)s AND n %% 4 > 0 THEN at + interval '1 day' END,
    at, '', true, 0, 'crowd:' || %(queue)s || ':' || n
FROM (SELECT n, timestamptz '2026-01-01 00:00+00' + (n * 7919 %% 30011) * interval '1 minute' AS at
      FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS n) AS rows
"""


def crowd(queue: Queue, customer: int, count: int, *, agent: Agent, ended: int = 1, first: int = 1) -> None:
    """`count` tickets in `queue`, numbered from `first`.

    Of ten `ended` are resolved, every third is `agent`'s, every fourth has no clock.
    """
    values = {"brand": queue.brand_id, "queue": queue.pk, "customer": customer, "agent": agent.pk}
    write_many(TICKETS, values | {"count": count, "ended": ended, "first": first})


def copies(row: models.Model, count: int, **changes: str) -> None:
    """`count` more rows like `row`; `changes` are columns and their SQL, in which `n` counts the new rows."""
    names = [
        field.column
        for field in row._meta.concrete_fields
        if not field.primary_key and not isinstance(field, models.GeneratedField)
    ]
    values = [changes.get(name, f'like_it."{name}"') for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    write_many(
        f"INSERT INTO {row._meta.db_table} ({columns}) SELECT {', '.join(values)}"  # noqa: S608
        f" FROM {row._meta.db_table} AS like_it, generate_series(1, %s) AS n WHERE like_it.id = %s",
        [count, row.pk],
    )


def analyse(*tables: str) -> None:
    """Let the planner know how many rows there are."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
