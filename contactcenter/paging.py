"""Pages by key: the next page starts after the last row seen, so that depth costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet

COUNT_AT_MOST = 1000


@dataclass(frozen=True)
class Page:
    """Rows of one page and the `cursor` of the next, `""` when this is the last."""

    rows: Sequence[Any]
    cursor: str


def pack(*position: object) -> str:
    """A place in a list as a word for an address, signed so that it comes back as it was."""
    return signing.dumps([p.isoformat() if isinstance(p, datetime) else p for p in position], salt="paging")


def unpack(cursor: str) -> list[Any] | None:
    """The place a cursor names; None for an empty or a foreign one, which means the beginning."""
    try:
        return list(signing.loads(cursor, salt="paging")) if cursor else None
    except signing.BadSignature:
        return None


def page_by_due(rows: QuerySet[Any], *, cursor: str, size: int) -> Page:
    """One page of rows ordered by (`due_at` with empty ones last, `id`)."""
    place = unpack(cursor)
    if place:
        due, pk = place
        if due is None:
            rows = rows.filter(due_at__isnull=True, pk__gt=pk)
        else:
            rows = rows.filter(Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at__isnull=True))
    found = list(rows[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Page(found[:size], pack(last.due_at, last.pk) if last else "")


def capped_count(rows: QuerySet[Any]) -> int:
    """How many rows there are, counted to 1,000 at most: a page never pays for a number nobody reads."""
    return rows.order_by()[:COUNT_AT_MOST].count()
