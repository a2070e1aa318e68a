"""Tables that are written all day carry no index that another one makes unneeded: each costs at every row."""

from __future__ import annotations

import pytest
from django.db import connection

WRITTEN_ALL_DAY = [
    "customers_consent",
    "customers_contactpoint",
    "customers_order",
    "loyalty_account",
    "loyalty_entry",
    "loyalty_lot",
    "loyalty_lotuse",
    "tickets_ticketevent",
]
# Not unique, of all rows, and another one of all rows begins with the same columns.
UNNEEDED = """
SELECT DISTINCT one.indexrelid::regclass::text FROM pg_index one JOIN pg_index other
    ON other.indrelid = one.indrelid AND other.indexrelid <> one.indexrelid
WHERE one.indrelid = %s::regclass AND NOT one.indisunique
    AND one.indpred IS NULL AND other.indpred IS NULL AND one.indexprs IS NULL AND other.indexprs IS NULL
    AND (other.indkey::text || ' ') LIKE (one.indkey::text || ' %%')
"""


@pytest.mark.django_db
@pytest.mark.parametrize("table", WRITTEN_ALL_DAY)
def test_no_index_is_what_another_one_begins_with(table: str) -> None:
    assert unneeded(table) == []


@pytest.mark.django_db
def test_control_such_an_index_is_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX of_account ON loyalty_entry (account_id)")
    assert unneeded("loyalty_entry") == ["of_account"]


def unneeded(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(UNNEEDED, [table])
        return [name for (name,) in cursor.fetchall()]
