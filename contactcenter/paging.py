"""Pages by key: the next page starts after the last row seen, so that depth costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, IntegerField, Q, QuerySet, Subquery
from django.db.models.expressions import CombinedExpression

COUNT_AT_MOST = 1000


@dataclass(frozen=True)
class Page:
    """Rows of one page and the `cursor` of the next, `""` when this is the last."""

    rows: Sequence[Any]
    cursor: str


def pack(of: str, *position: object) -> str:
    """A place in the list `of` that name as a word for an address, signed so that it comes back as it was."""
    place = [p.isoformat() if isinstance(p, datetime) else p for p in position]
    return signing.dumps(place, salt=f"paging.{of}")


def unpack(of: str, cursor: str) -> list[Any] | None:
    """The place a cursor of the list `of` names; None for an empty or a foreign one, which means the beginning."""
    try:
        return list(signing.loads(cursor, salt=f"paging.{of}")) if cursor else None
    except signing.BadSignature:
        return None


def page_by_turn(rows: QuerySet[Any], *, cursor: str, size: int, apart: Sequence[Q] = ()) -> Page:
    """One page of `rows`, which are ordered by (`turn_at` with empty ones last, `id`).

    `apart` parts the rows so that an index holds each part in that order: every part is asked for one page,
    so that the cost grows neither with the table nor with the depth.
    """
    found: list[Any] = []
    for stretch in _stretches(unpack("turn", cursor)):
        if len(found) <= size:
            found += _first(rows.filter(stretch), size + 1 - len(found), apart, place=_by_turn)
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], pack("turn", last.turn_at, last.pk) if last else "")


def newest(field: str = "id") -> CombinedExpression:
    """What the rows of a list are ordered by to have the highest `field` first; indexes end with it.

    With the column itself PostgreSQL would rather walk the primary key, past every row of all other brands.
    """
    return -F(field)


def page_from_newest(rows: QuerySet[Any], *, of: str, cursor: str, size: int, apart: Sequence[Q]) -> Page:
    """One page of `rows`, the highest id first; `of` names the list its cursors are good for.

    `apart` parts the rows as in `page_by_turn`: an index holds each part by `newest()`.
    """
    place = unpack(of, cursor)
    rows = rows.alias(newest=newest()).order_by("newest")
    if place:
        rows = rows.filter(newest__gt=-place[0])
    found = _first(rows, size + 1, apart, place=lambda row: -row.pk) if apart else []
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], pack(of, last.pk) if last else "")


def page_from_last(rows: QuerySet[Any], *, of: str, cursor: str, size: int, field: str) -> Page:
    """One page of `rows`, the highest `field` first, which is unique among them and which an index holds."""
    place = unpack(of, cursor)
    below = {f"{field}__lt": place[0]} if place else {}
    found = list(rows.filter(**below).order_by(f"-{field}")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], pack(of, getattr(last, field)) if last else "")


def _stretches(place: list[Any] | None) -> list[Q]:
    """What stands after `place`, each stretch a single range of the index."""
    if place is None:
        return [Q()]
    turn, pk = place
    if turn is None:
        return [Q(turn_at=None, pk__gt=pk)]
    return [Q(turn_at__gte=turn) & (Q(turn_at__gt=turn) | Q(pk__gt=pk)), Q(turn_at=None)]


def _by_turn(row: Any) -> tuple[bool, datetime | None, int]:
    return row.turn_at is None, row.turn_at, row.pk


def _first(rows: QuerySet[Any], count: int, apart: Sequence[Q], *, place: Callable[[Any], Any]) -> list[Any]:
    """The first `count` of ordered `rows`: those of every part in one statement, then by their `place` in the order."""
    if len(apart) < 2:
        return list(rows.filter(*apart)[:count])
    heads = [rows.filter(part)[:count] for part in apart]
    return sorted(heads[0].union(*heads[1:], all=True), key=place)[:count]


def capped_count(rows: QuerySet[Any]) -> int:
    """How many rows there are, counted to 1,000 at most: a page never pays for a number nobody reads."""
    return rows.order_by()[:COUNT_AT_MOST].count()


class CountUpTo(Subquery):
    """How many rows the query has, as a column of another question."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def count_up_to(rows: QuerySet[Any]) -> CountUpTo:
    """The same as a column of another question: several counts in one statement."""
    return CountUpTo(rows.order_by().values("pk")[:COUNT_AT_MOST])


def count_in_order(rows: QuerySet[Any], apart: Sequence[Q] = ()) -> CountUpTo:
    """The same of ordered `rows`, by the index that holds them in that order; `apart` as in `page_by_turn`.

    Without an order PostgreSQL hopes to meet a thousand soon, and begins to read the whole table.
    """
    heads = [rows.filter(part).values("pk")[:COUNT_AT_MOST] for part in apart or [Q()]]
    return CountUpTo(heads[0].union(*heads[1:], all=True)[:COUNT_AT_MOST] if heads[1:] else heads[0])
