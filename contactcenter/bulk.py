"""Many rows at once: COPY writes them, one UPDATE changes them. Few rows go the ordinary way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

FEW = 20  # up to here one INSERT is quicker than asking for ids and copying

OUTGROWN = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE')
    AND pg_relation_size(oid) >= 2 * greatest(relpages, 1) * current_setting('block_size')::bigint
"""


@models.Field.register_lookup
class OneOf(models.Lookup):
    """`field__one_of=values`: as `__in`, with all of many values in one array instead of a parameter for each.

    Of an `ArraySubquery` the values are looked up first, whatever the planner believes of their number.
    """

    lookup_name = "one_of"

    def get_prep_lookup(self) -> Any:
        if hasattr(self.rhs, "resolve_expression"):
            return self.rhs
        return _array([self.lhs.output_field.get_prep_value(value) for value in self.rhs])

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        field, params = self.process_lhs(compiler, connection)
        if not hasattr(self.rhs, "as_sql"):
            return f"{field} = ANY(%s)", (*params, self.rhs)
        array, values = compiler.compile(self.rhs)
        return f"{field} = ANY({array})", (*params, *values)


def insert(rows: Sequence[models.Model]) -> None:
    """Write new rows of one table; each gets its id. They may point at rows that were written just before."""
    if not rows:
        return
    if len(rows) <= FEW:
        type(rows[0])._base_manager.bulk_create(rows)
        return
    table = type(rows[0])._meta
    for row, pk in zip(rows, _new_ids(table.db_table, len(rows)), strict=True):
        row.pk = pk
        row._state.adding = False
    foreign = [field for field in table.concrete_fields if field.is_relation]
    names = [field.attname for field in table.concrete_fields if not field.generated]
    for row in rows:
        _point(row, foreign)
    copy(type(rows[0]), names, [[getattr(row, name) for name in names] for row in rows])


def create(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Write new rows as `copy` does, with the model's defaults for what is left out; gives their ids."""
    if not rows:
        return []
    ours = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    left_out = {field.attname: field.get_default() for field in ours if field.attname not in columns}
    ids = _new_ids(model._meta.db_table, len(rows))
    whole = [(pk, *row, *left_out.values()) for pk, row in zip(ids, rows, strict=True)]
    copy(model, ["id", *columns, *left_out], whole)
    return ids


def copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write `rows` of values for these `columns` (names of attributes) of one table, without making objects.

    What is left out gets the default of the database, not of Django; the id does.
    """
    if not rows:
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    chosen = [fields[name] for name in columns]
    documents = [place for place, field in enumerate(chosen) if isinstance(field, models.JSONField)]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(_column(field) for field in chosen)
    )
    # Errors of COPY come up when it ends, past Django's cursor.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as target:
        for row in rows:
            target.write_row(
                [Jsonb(value) if n in documents else value for n, value in enumerate(row)]
                if documents
                else row
            )


def update(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these `columns` (names of attributes) of rows of one table that are there."""
    if not rows:
        return
    table = type(rows[0])._meta
    fields = {field.attname: field for field in table.concrete_fields}
    chosen = [fields[name] for name in (table.pk.attname, *columns)]
    statement = sql.SQL(
        "UPDATE {table} AS old SET {changes} FROM unnest({arrays}) AS new({names}) WHERE {same}"
    )
    pk = _column(table.pk)
    names = [_column(field) for field in chosen]
    composed = statement.format(
        table=sql.Identifier(table.db_table),
        changes=sql.SQL(", ").join(sql.SQL("{} = new.{}").format(name, name) for name in names[1:]),
        arrays=sql.SQL(", ").join(
            sql.SQL("{}::{}[]").format(sql.Placeholder(), sql.SQL(str(field.db_type(connection))))
            for field in chosen
        ),
        names=sql.SQL(", ").join(names),
        same=sql.SQL("old.{} = new.{}").format(pk, pk),
    )
    with connection.cursor() as cursor:
        values = [_array([getattr(row, field.attname) for row in rows]) for field in chosen]
        cursor.execute(composed.as_string(), values)


def look_again() -> None:
    """Let the planner look again at tables that have doubled since it did; its own turn comes once a minute.

    It may still take them for empty, where every index is as good as any other: then keys to a table are looked for
    by reading all rows of a brand, for each row that is written.
    """
    with connection.cursor() as cursor:
        cursor.execute(OUTGROWN)
        for (table,) in cursor.fetchall():
            cursor.execute(f"ANALYZE {table}")


def _array(values: list[Any]) -> list[Any] | str:
    """`values` as a parameter: numbers and instants as the text of an array, which takes a third of the time."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds - {int} and kinds - {datetime}:
        return values
    return "{" + ",".join("NULL" if value is None else f'"{value}"' for value in values) + "}"


def _column(field: models.Field[Any, Any]) -> sql.Identifier:
    return sql.Identifier(str(field.column))


def _new_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))) FROM generate_series(1, %s)",
            [table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _point(row: models.Model, foreign: Sequence[Any]) -> None:
    """Fill in the ids of rows that had none when this one was made."""
    for field in foreign:
        if getattr(row, field.attname) is None and field.is_cached(row):
            related = field.get_cached_value(row)
            setattr(row, field.attname, related and related.pk)
