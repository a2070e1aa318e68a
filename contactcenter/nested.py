"""Small lists of one row within the statement that reads the row: as arrays of objects, and as instances again.

A page that shows twelve lists of three rows would otherwise ask twelve questions. `nested` makes a list a column of
another statement, `instances` makes rows of a model of what came; see `desk/lists/` for a page that does so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DecimalField, F, Func, JSONField, Model, QuerySet, TextField
from django.db.models.functions import Cast

Row = TypeVar("Row", bound=Model)


class Columns(Func):
    """An object of columns by their names, as `JSONObject`; its names, which are ours, stand in the statement.

    That is half of what is to be built and compiled for a page with hundreds of columns.
    """

    output_field = JSONField()

    def __init__(self, **columns: Any) -> None:
        self.names = tuple(columns)
        super().__init__(*columns.values())

    def as_sql(self, compiler: Any, connection: Any, *_how: Any, **_more: Any) -> tuple[str, tuple[Any, ...]]:
        parts: list[str] = []
        params: list[Any] = []
        for name, column in zip(self.names, self.get_source_expressions(), strict=True):
            try:
                sql, values = compiler.compile(column)
            except EmptyResultSet:  # a list of which Django knows that nothing is in it
                sql, values = "NULL", ()
            parts.append(f"'{name}', {sql}")
            params += values
        return f"JSONB_BUILD_OBJECT({', '.join(parts)})", tuple(params)


def nested(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """The `columns` of `rows`, which speak of the outer row by `OuterRef`, as one column of the outer statement.

    A column of a related row is named by its path, beside the id of that row: `owner__id`, `owner__name`.
    """
    model: Any = rows.model
    return ArraySubquery(rows.values(row=Columns(**{name: _exact(model, name) for name in columns})))


@cache
def _exact(model: type[Model], path: str) -> F | Cast:
    """The column of that path; a decimal number as text, for as a number of JSON it would come back rounded."""
    place: Any = model
    for name in path.split("__"):
        try:
            field = place._meta.get_field(name)
        except FieldDoesNotExist:  # what the statement works out
            return F(path)
        place = field.related_model
    return Cast(path, TextField()) if isinstance(field, DecimalField) else F(path)


def instances(model: type[Row], found: Iterable[dict[str, Any]]) -> list[Row]:
    """What `nested` brought as rows of `model`, to be read: what was not asked for is deferred, as with `only`."""
    return [_instance(model, columns) for columns in found]


def _instance(model: type[Row], columns: dict[str, Any]) -> Row:
    own = {name: value for name, value in columns.items() if "__" not in name}
    related: dict[str, dict[str, Any]] = {}
    for path in columns.keys() - own.keys():
        name, _, rest = path.partition("__")
        related.setdefault(name, {})[rest] = columns[path]
        if rest == "id" and (field := model._meta.get_field(name)).concrete:
            own[field.attname] = columns[path]
    fields = {field.attname: field for field in model._meta.concrete_fields if field.attname in own}
    row = model.from_db(
        DEFAULT_DB_ALIAS, list(fields), [one.to_python(own.pop(name)) for name, one in fields.items()]
    )
    for name, value in own.items():  # what the statement worked out
        setattr(row, name, value)
    for name, part in related.items():
        _join(row, name, part)
    return row


def _join(row: Model, name: str, columns: dict[str, Any]) -> None:
    """Put the related row of this name on `row`; None where there is none."""
    relation: Any = row._meta.get_field(name)
    other = _instance(relation.related_model, columns) if columns["id"] is not None else None
    relation.set_cached_value(row, other)
    if other and not relation.concrete:  # the other one points here
        relation.remote_field.set_cached_value(other, row)
