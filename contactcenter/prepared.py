"""Large expressions over the row of a statement, built and compiled once in a process.

Django builds a statement anew for each page. Of one with hundreds of columns that takes longer than the database does.
`Prepared` keeps its text; what differs from page to page stands in it as `Given`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import DateTimeField, Expression, F, Field, QuerySet

IT = "it"


class Given(Expression):
    """A value that is told when the statement is asked, by its name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, _compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A parameter of this type; the expression itself holds its place."""
        return f"%s::{self.output_field.db_type(connection)}", (self,)


AT: Any = Given("at", DateTimeField())  # stands in conditions where a page asks of an instant


class Prepared(Expression):
    """The annotation `it` of `rows()` as a column of another statement over the same model, with the values `given`.

    `paths` lead to a column of each outer table that it speaks of, so that they are joined. An instant or a day that is
    not `Given` is refused: it would stand still.
    """

    def __init__(self, rows: Callable[[], QuerySet[Any]], *paths: str, **given: Any) -> None:
        super().__init__(_written(rows).output_field)
        self.rows, self.given = rows, given
        self.outer: list[Any] = [F(path) for path in paths]

    def get_source_expressions(self) -> list[Any]:
        return self.outer

    def set_source_expressions(self, exprs: list[Any]) -> None:  # type: ignore[override]
        self.outer = exprs

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The kept text; a `RuntimeError` where the tables it speaks of go by other names in this statement."""
        kept, here = _written(self.rows), {column.alias for column in self.outer}
        if here != kept.tables:
            raise RuntimeError(
                f"{self.rows.__qualname__} speaks of {set(kept.tables)}, its paths lead to {here}."
            )
        return kept.sql, tuple(self.given[one.name] if isinstance(one, Given) else one for one in kept.params)


class _Written(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    tables: frozenset[str]  # the outer ones, by their names in `sql`
    output_field: Field[Any, Any]


@cache
def _written(rows: Callable[[], QuerySet[Any]]) -> _Written:
    query = rows().query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.compile(query.annotations[IT])
    if any(isinstance(one, date) for one in params):
        raise RuntimeError(f"An instant stands still in what {rows.__qualname__} prepares.")
    tables = frozenset(name for name in query.alias_map if f'"{name}".' in sql)
    return _Written(sql, tuple(params), tables, query.annotations[IT].output_field)
