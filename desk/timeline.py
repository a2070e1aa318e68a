"""One list of everything that ever happened with a customer, newest first, paged by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from callbacks.models import Callback
from contactcenter.nested import Columns, instances
from contactcenter.paging import pack, unpack
from customers.models import Customer, Order
from desk.access import account_of
from loyalty.models import Entry
from tickets.models import Survey, Ticket

PAGE = 12


@dataclass(frozen=True)
class Moment:
    """Something that happened at an instant: `kind` is entry, order, ticket, callback or survey, `it` the row."""

    at: datetime
    kind: str
    it: Any


@dataclass(frozen=True)
class Source:
    """Where moments of a `kind` come from: `rows`, the column of their `instant`, and the columns that are shown."""

    kind: str
    rows: QuerySet[Any]
    instant: str
    columns: tuple[str, ...]


def timeline_of(customer: Customer, *, cursor: str = "", only: str = "") -> tuple[list[Moment], str]:
    """One page of moments, all or `only` of one kind, and the cursor of the next page (`""`: this is the last).

    One statement: every source is asked for one page by its own index, so the cost does not grow with the history.
    """
    place = unpack("timeline", cursor)
    heads = []
    for rank, source in enumerate(_sources(customer)):
        if only and source.kind != only:
            continue
        rows = source.rows.annotate(moment=F(source.instant))
        if place:
            rows = rows.filter(_before(place, rank))
        shown = Columns(**{name: name for name in ("id", *source.columns)})
        rows = rows.annotate(rank=Value(-rank), shown=shown).order_by("-moment", "-id")
        heads.append(rows.values_list("moment", "rank", "id", "shown")[: PAGE + 1])
    found = sorted(
        heads[0].union(*heads[1:], all=True) if heads[1:] else heads[0], key=itemgetter(0, 1, 2), reverse=True
    )
    page = found[:PAGE]
    following = pack("timeline", page[-1][0], -page[-1][1], page[-1][2]) if len(found) > PAGE else ""
    return _moments(customer, page), following


def _sources(customer: Customer) -> list[Source]:
    account = account_of(customer)
    entries = account.entries.all() if account else Entry.objects.none()
    taken = ("redemption__id", "redemption__reward__id", "redemption__reward__name")
    ended = Callback.objects.filter(customer=customer).exclude(state__in=Callback.OPEN)
    rated = Survey.objects.answered().filter(ticket__customer=customer)
    return [
        Source("entry", entries, "occurred_at", ("kind", "contra", "points", "source", "reason", *taken)),
        Source(
            "order", Order.objects.filter(customer=customer), "placed_at",
            ("number", "currency", "total_minor", "status"),
        ),
        Source("ticket", Ticket.objects.filter(customer=customer), "opened_at", ("number", "subject", "status")),
        Source("callback", ended, "ended_at", ("kind", "state", "owner__id", "owner__name", "owner__email")),
        Source("survey", rated, "answered_at", ("score", "comment", "ticket__id", "ticket__number")),
    ]  # fmt: skip


def _moments(customer: Customer, page: Sequence[tuple[datetime, int, int, dict[str, Any]]]) -> list[Moment]:
    sources, moments = _sources(customer), []
    for at, rank, _pk, shown in page:
        source = sources[-rank]
        (it,) = instances(source.rows.model, [shown])
        if source.kind == "entry":
            it.account = account_of(customer)
        elif source.kind == "ticket":
            it.brand = customer.brand
        elif source.kind == "survey":
            it.ticket.brand = customer.brand
        moments.append(Moment(at, source.kind, it))
    return moments


def _before(place: list[Any], rank: int) -> Q:
    """Rows of the source `rank` that stand after `place` (instant, rank, id) in the list."""
    at, at_rank, pk = place
    if rank == at_rank:
        return Q(moment__lte=at) & (Q(moment__lt=at) | Q(id__lt=pk))  # the first half is a range of the index
    return Q(moment__lte=at) if rank > at_rank else Q(moment__lt=at)
