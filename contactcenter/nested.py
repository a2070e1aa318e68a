"""Small lists of one row within the statement that reads the row: as arrays of objects, and as instances again.

A page that shows twelve lists of three rows would otherwise ask twelve questions. `nested` makes a list a column of
another statement, `instances` makes rows of a model of what came; see `desk/lists.py` for a page that does so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DecimalField, F, Model, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

Row = TypeVar("Row", bound=Model)


def nested(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """The `columns` of `rows`, which speak of the outer row by `OuterRef`, as one column of the outer statement.

    A column of a related row is named by its path, beside the id of that row: `owner__id`, `owner__name`.
    """
    return ArraySubquery(rows.values(row=JSONObject(**{name: _exact(rows, name) for name in columns})))


def _exact(rows: QuerySet[Any], name: str) -> F | Cast:
    """The column of that name; a decimal number as text, for as a number of JSON it would come back rounded."""
    decimal = isinstance(rows.values_list(name).query.output_field, DecimalField)
    return Cast(name, TextField()) if decimal else F(name)


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
