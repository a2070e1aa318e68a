"""What counts towards tiers is found by the index also where the planner knows little of a table."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from contactcenter import bulk, clock
from customers.models import Customer
from loyalty.models import Entry
from loyalty.services import Gift, earn_many
from loyalty.services.standing import POINTS


def gifts(account: int, count: int, *, qualifying: int, name: str) -> None:
    now = clock.now()
    earn_many(
        [Gift(account, 10, "issue.order", f"{name}:{n}", now, qualifying=qualifying) for n in range(count)]
    )


def entries_believed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'loyalty_entry'::regclass")
        return int(cursor.fetchone()[0])


def test_each_window_is_a_range_of_an_index_though_the_planner_believes_that_nothing_qualifies(
    member: Customer,
) -> None:
    gifts(member.account.pk, 30, qualifying=0, name="opening")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE loyalty_entry")
    gifts(member.account.pk, 300, qualifying=10, name="order")
    year = [clock.now() - timedelta(days=365)] * 100, [clock.now() + timedelta(days=1)] * 100
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {POINTS}", [[member.account.pk] * 100, *year])
        plan = [line.strip() for (line,) in cursor.fetchall()]
    read = next(number for number, line in enumerate(plan) if "on loyalty_entry e" in line)
    assert plan[read + 1].startswith("Index Cond: ((account_id = ANY (asked.own))"), plan


def test_the_planner_is_told_of_a_table_that_has_outgrown_what_it_knows(
    member: Customer,
) -> None:
    account = member.account
    gifts(account.pk, 10, qualifying=0, name="first")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE loyalty_entry")
    before = entries_believed()
    gifts(account.pk, 20 * max(before, 20), qualifying=0, name="second")
    assert entries_believed() == before
    bulk.look_again()
    assert entries_believed() == Entry.objects.count()
