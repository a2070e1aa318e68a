"""The search for machines: the same answers that the desk gets, page by page."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.api.listing import NewestFirst
from contactcenter.paging import Page
from tickets.models import Ticket
from tickets.search import Hit, search
from tickets.search.words import clean


class HitOut(serializers.Serializer[Any]):
    """A ticket that was found, and by what."""

    reference = serializers.CharField()
    how = serializers.ChoiceField(
        choices=["ticket", "order", "account", "phone", "mail", "handle", "name", "words", "filter"],
        help_text="What named it; `words` for what was said in it, `filter` for operators alone.",
    )
    what = serializers.CharField(help_text="The number, address or name; empty for words and operators.")
    subject = serializers.CharField()
    status = serializers.ChoiceField(choices=Ticket.Status.choices)
    customer = serializers.IntegerField()


class Found(NewestFirst):
    """What names a ticket first, then the best; pages are those of the search."""

    def of(self, request: Any) -> str:
        return f"search:{clean(request.query_params.get('q', ''))}"

    def turn(self, rows: Any, view: Any, **place: Any) -> Page:
        typed = place["of"].removeprefix("search:")
        results = search(view.agent, typed, cursor=place["cursor"], size=place["size"])
        tickets = rows.in_bulk([hit.ticket for hit in results.hits])
        found = [_row(hit, tickets[hit.ticket]) for hit in results.hits if hit.ticket in tickets]
        return Page(found, results.cursor)


def _row(hit: Hit, ticket: Ticket) -> dict[str, Any]:
    return {
        "reference": ticket.reference, "how": hit.how, "what": hit.what, "subject": ticket.subject,
        "status": ticket.status, "customer": ticket.customer_id,
    }  # fmt: skip
