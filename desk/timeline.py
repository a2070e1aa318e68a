"""One list of everything that ever happened with a customer, newest first, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from callbacks.models import Callback
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


def timeline_of(customer: Customer, *, cursor: str = "", only: str = "") -> tuple[list[Moment], str]:
    """One page of moments, all or `only` of one kind, and the cursor of the next page (`""`: this is the last).

    Every source is asked for one page by its own index, so the cost does not grow with the history.
    """
    place = unpack("timeline", cursor)
    found: list[tuple[datetime, int, int, Moment]] = []
    for rank, (kind, rows) in enumerate(_sources(customer).items()):
        if only and kind != only:
            continue
        if place:
            rows = rows.filter(_before(place, rank))
        for row in rows.order_by("-moment", "-id")[: PAGE + 1]:
            found.append((row.moment, -rank, row.pk, Moment(row.moment, kind, row)))
    found.sort(key=lambda entry: entry[:3], reverse=True)
    page = found[:PAGE]
    more = len(found) > PAGE
    following = pack("timeline", page[-1][0], -page[-1][1], page[-1][2]) if more else ""
    return [entry[3] for entry in page], following


def _sources(customer: Customer) -> dict[str, QuerySet[Any]]:
    account = account_of(customer)
    entries = account.entries.all() if account else Entry.objects.none()
    return {
        "entry": entries.select_related("redemption__reward")
        .only(
            "kind",
            "contra",
            "points",
            "source",
            "account_id",
            "redemption__state",
            "redemption__entry_id",
            "redemption__reward__name",
        )
        .annotate(moment=F("occurred_at")),
        "order": Order.objects.filter(customer=customer).annotate(moment=F("placed_at")),
        "ticket": Ticket.objects.filter(customer=customer)
        .select_related("brand")
        .only("number", "subject", "status", "brand__code")
        .annotate(moment=F("opened_at")),
        "callback": Callback.objects.filter(customer=customer)
        .exclude(state__in=Callback.OPEN)
        .select_related("owner")
        .only("kind", "state", "owner__name", "owner__email")
        .annotate(moment=F("ended_at")),
        "survey": Survey.objects.answered()
        .filter(ticket__customer=customer)
        .select_related("ticket__brand")
        .only("score", "comment", "ticket__number", "ticket__brand__code")
        .annotate(moment=F("answered_at")),
    }


def _before(place: list[Any], rank: int) -> Q:
    """Rows of the source `rank` that stand after `place` (instant, rank, id) in the list."""
    at, at_rank, pk = place
    if rank == at_rank:
        return Q(moment__lte=at) & (Q(moment__lt=at) | Q(id__lt=pk))  # the first half is a range of the index
    return Q(moment__lte=at) if rank > at_rank else Q(moment__lt=at)
