"""What a room does when two customers become one, and when they become two again: rooms register a `MergeStep`.

The locks of all steps are taken in the order of the house before anything is looked at; then the steps run one
after the other, in one transaction. Keys over two columns wait for the end of the deed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db import connection, models
from psycopg import sql

from agents.models import Agent
from customers.models import Merge


class Place(IntEnum):
    """Where a lock stands in the order of the house."""

    TICKETS = 1
    CUSTOMERS = 2
    ORDERS = 3
    ACCOUNTS = 4
    CALLBACKS = 5


KEPT, BACK = "kept", "back"  # stays with the one who stays; goes to the one who comes back


@dataclass(frozen=True)
class Item:
    """Something that happened since a merge, to be decided when it is undone: `kept` or `back`.

    `key` names it in a form (`ticket:12`); `advice` is what the facts speak for, the person decides.
    """

    key: str
    what: str
    words: str
    at: datetime
    advice: str = KEPT


@dataclass(frozen=True)
class Undoing:
    """An un-merge under way: who does it, when, and what was decided of each item by its key."""

    merge: Merge
    by: Agent | None
    at: datetime
    choices: Mapping[str, str]

    def goes_back(self, key: str, *, otherwise: str = KEPT) -> bool:
        return self.choices.get(key, otherwise) == BACK


# Which rows of these customers (ids) a step locks, and where that lock stands.
Lock = tuple[Place, Callable[[Sequence[int]], models.QuerySet[Any]]]


@dataclass(frozen=True)
class MergeStep:
    """One room's part. `merge` gives the facts that its `unmerge` needs, plain values that JSON knows."""

    name: str
    merge: Callable[[Merge], dict[str, Any]]
    unmerge: Callable[[Undoing], None]
    since: Callable[[Merge], Iterable[Item]]
    locks: Sequence[Lock] = ()
    keys: Sequence[str] = field(default=())  # names of constraints that wait for the end


# In the order in which they run; registered in the rooms' `apps.ready()`.
MERGE_STEPS: list[MergeStep] = []


def take_along(merge: Merge, table: type[models.Model], *, column: str = "customer_id") -> None:
    """Let all rows of `table` that are the merged customer's follow to the one who stays; each is written down."""
    _run(
        "WITH moved AS (UPDATE {table} SET {column} = %(to)s WHERE {column} = %(of)s RETURNING id) "
        'INSERT INTO customers_mergedrow (merge_id, "table", row) SELECT %(merge)s, %(name)s, id FROM moved',
        table, column, merge, of=merge.merged_id, to=merge.kept_id,
    )  # fmt: skip


def bring_back(merge: Merge, table: type[models.Model], *, but: Sequence[int] = ()) -> None:
    """The rows that came along go back, without those whose ids are in `but`, and what is elsewhere by now."""
    _run(
        "UPDATE {table} SET {column} = %(to)s WHERE {column} = %(of)s AND id <> ALL (%(but)s) AND id IN "
        '(SELECT row FROM customers_mergedrow WHERE merge_id = %(merge)s AND "table" = %(name)s)',
        table, "customer_id", merge, of=merge.kept_id, to=merge.merged_id, but=list(but),
    )  # fmt: skip


def hand_over(merge: Merge, table: type[models.Model], rows: Sequence[int]) -> None:
    """These rows (ids) of the one who stays go to the one who comes back."""
    if rows:
        _run(
            "UPDATE {table} SET {column} = %(to)s WHERE {column} = %(of)s AND id = ANY (%(rows)s)",
            table, "customer_id", merge, of=merge.kept_id, to=merge.merged_id, rows=list(rows),
        )  # fmt: skip


def write_down(merge: Merge, table: type[models.Model], rows: Sequence[int]) -> None:
    """Remember that these rows (ids) moved with the merge, for a step that moves them itself."""
    from customers.models import MergedRow

    name = table._meta.db_table
    MergedRow.objects.bulk_create(MergedRow(merge=merge, table=name, row=row) for row in rows)


def came_along(merge: Merge, table: type[models.Model]) -> models.QuerySet[Any]:
    """The ids of the rows of `table` that came along, as a subquery."""
    return merge.rows.filter(table=table._meta.db_table).values("row")


def _run(statement: str, table: type[models.Model], column: str, merge: Merge, **params: Any) -> None:
    name = table._meta.db_table
    query = sql.SQL(statement).format(table=sql.Identifier(name), column=sql.Identifier(column))
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(), params | {"merge": merge.pk, "name": name})
