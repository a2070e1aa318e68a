"""What a timeline is made of: kinds of moments, each asked for one page by its own index, all in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Value

from callbacks.models import Callback
from contactcenter.nested import Columns
from customers.models import Notice, Order
from loyalty.models import Entry, TierChange
from tickets.models import Survey, Ticket

PAGE = 12


@dataclass(frozen=True)
class Source:
    """Where moments of a `kind` come from: `rows`, the column of their `instant`, and the columns that are shown."""

    kind: str
    rows: QuerySet[Any]
    instant: str
    columns: tuple[str, ...]


def sources(customer: Any, account: Any) -> list[Source]:
    """All kinds of a customer and their account: ids, or what refers to them in the statement around."""
    theirs = {"customer": customer}
    taken = ("redemption__id", "redemption__reward__id", "redemption__reward__name")
    ended = Callback.objects.filter(**theirs).exclude(state__in=Callback.OPEN)
    return [
        Source(
            "entry", Entry.objects.filter(account=account), "occurred_at",
            ("kind", "contra", "points", "source", "reason", *taken),
        ),
        Source("order", Order.objects.filter(**theirs), "placed_at", ("number", "currency", "total_minor", "status")),
        Source("ticket", Ticket.objects.filter(**theirs), "opened_at", ("number", "subject", "status")),
        Source("callback", ended, "ended_at", ("kind", "state", "owner__id", "owner__name", "owner__email")),
        Source(
            "survey", Survey.objects.answered().filter(ticket__customer=customer), "answered_at",
            ("score", "comment", "ticket__id", "ticket__number"),
        ),
        Source(
            "tier", TierChange.objects.filter(account=account), "effective_at",
            ("cause", "from_tier__id", "from_tier__name", "to_tier__id", "to_tier__name", "to_tier__code"),
        ),
        Source("notice", Notice.objects.filter(**theirs, state="sent"), "sent_at", ("template",)),
    ]  # fmt: skip


def newest_of(
    customer: Any, account: Any, *, place: Sequence[Any] | None = None, only: str = ""
) -> QuerySet[Any]:
    """One page and one more of each kind (or of `only` one) before `place` (instant, rank, id), as objects.

    `rank` in them is the place of the kind in `sources`: of one instant the first kind is the newest.
    """
    heads = []
    for rank, source in enumerate(sources(customer, account)):
        if only and source.kind != only:
            continue
        rows = source.rows.alias(moment=F(source.instant))
        if place:
            rows = rows.filter(_before(place, rank))
        columns = {name: name for name in ("id", *source.columns)}
        shown = Columns(moment=F("moment"), rank=Value(rank), **columns)
        heads.append(rows.order_by("-moment", "-id").values_list(shown, flat=True)[: PAGE + 1])
    return heads[0].union(*heads[1:], all=True) if heads[1:] else heads[0]


def newest_beside(customer: str, *, account: str) -> ArraySubquery:
    """The same as a column of a statement; `customer` and `account` are the paths from its row to their ids."""
    return ArraySubquery(newest_of(OuterRef(customer), OuterRef(account)))


def _before(place: Sequence[Any], rank: int) -> Q:
    """Rows of the source `rank` that stand after `place` in the list."""
    at, at_rank, pk = place
    if rank == at_rank:
        return Q(moment__lte=at) & (Q(moment__lt=at) | Q(id__lt=pk))  # the first half is a range of the index
    return Q(moment__lte=at) if rank > at_rank else Q(moment__lt=at)
