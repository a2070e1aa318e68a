"""Imports beside the database alone: what it costs to take lines in, by the rows that they become."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection, models, transaction

from agents.models import Brand
from bench.figures import Figure
from bench.measure import Cost, cost
from customers.importing.examples import write_customers, write_orders
from customers.models import Consent, ContactPoint, Customer, Order, OrderLine
from loyalty import services
from loyalty.models import Account, Entry, Lot, Programme, TierChange

LINES = 4000  # few enough to be read by the process that is measured
BRAND = "IMPORTS"


def run() -> list[Figure]:
    """Customers, then their orders with points by a rule and tiers."""
    brand = Brand.objects.filter(code=BRAND).first() or Brand.objects.create(code=BRAND, name="Imports")
    programme, made = Programme.objects.get_or_create(
        brand=brand, defaults={"code": "imports", "name": "Imports"}
    )
    if made:
        services.first_rule(programme)
        services.set_up_tiers(
            programme, [("bronze", "Bronze", 0), ("silver", "Silver", 500), ("gold", "Gold", 2000)]
        )
    with tempfile.TemporaryDirectory() as folder:
        people, orders = Path(folder) / "people.csv", Path(folder) / "orders.csv"
        write_customers(people, LINES)
        write_orders(orders, LINES, customers=LINES)
        return [
            _row(
                "import, customers",
                _import("import_customers", people),
                [Customer, ContactPoint, Consent, Account],
            ),
            _row(
                "import, orders", _import("import_orders", orders), [Order, OrderLine, Entry, Lot, TierChange]
            ),
        ]


def _import(command: str, file: Path) -> Callable[[], object]:
    return lambda: call_command(command, file, brand=BRAND, json=True, stdout=StringIO())


def _row(name: str, deed: Callable[[], object], tables: Sequence[type[models.Model]]) -> Figure:
    """Milliseconds for a line, beside INSERT … SELECT of the rows it became, with all indexes and without keys."""
    before = {table: table._base_manager.aggregate(last=models.Max("id"))["last"] or 0 for table in tables}
    ours = cost(deed)
    bare = [_again(table, since) for table, since in before.items()]
    value, reference = ours.both / LINES, sum(one.both for one in bare) / LINES
    ratio = value / reference
    detail = f"a line: application {ours.application / LINES:.2f} ms, database {ours.database / LINES:.2f} ms"
    return Figure(
        name, "ms", value=value, reference=reference, ratio=ratio, goal=GOAL[name], reach=REACH[name],
        spread=(ratio, ratio), detail=detail,
    )  # fmt: skip


def _again(table: type[models.Model], since: int) -> Cost:
    """The rows of a table after the id `since` once more, into a table like it."""
    names = ", ".join(f'"{field.column}"' for field in table._meta.concrete_fields if not field.generated)
    there = table._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (LIKE {there} INCLUDING ALL)")

        @transaction.atomic
        def write() -> None:
            cursor.execute(f"INSERT INTO bare ({names}) SELECT {names} FROM {there} WHERE id > %s", [since])  # noqa: S608  our own names

        spent = cost(write)
        cursor.execute("DROP TABLE bare")
    return spent


GOAL = {"import, customers": 12.0, "import, orders": 20.0}
REACH = {"import, customers": 8.0, "import, orders": 12.0}
