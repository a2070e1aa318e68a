"""The planner is told of tables that are filled faster than it looks."""

from __future__ import annotations

from django.db import connection

from contactcenter import bulk, clock
from customers.models import Customer
from loyalty.models import Entry
from loyalty.services import Gift, earn_many


def gifts(account: int, count: int, *, qualifying: int, name: str) -> None:
    now = clock.now()
    earn_many(
        [Gift(account, 10, "issue.order", f"{name}:{n}", now, qualifying=qualifying) for n in range(count)]
    )


def believed() -> tuple[int, int]:
    """Pages and entries of the ledger as the planner knows them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpages, reltuples FROM pg_class WHERE oid = 'loyalty_entry'::regclass")
        pages, entries = cursor.fetchone()
    return int(pages), int(entries)


def test_the_planner_is_told_of_a_table_that_has_outgrown_what_it_knows(
    member: Customer,
) -> None:
    account = member.account
    gifts(account.pk, 10, qualifying=0, name="first")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE loyalty_entry")
    pages, entries = believed()
    gifts(account.pk, 100 * pages, qualifying=0, name="second")
    assert believed() == (pages, entries)
    bulk.look_again()
    assert believed()[1] == Entry.objects.count()
