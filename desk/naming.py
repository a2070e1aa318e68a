"""The name of what an event speaks of, asked for with the event: a colleague, a reason, a tag, another ticket.

An event keeps codes and ids only. A kind that names something else is one more `When` here and its words in
`desk/deeds.py`; it costs no further question.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat

from agents.models import Agent
from goodwill.models import Reason
from tickets.models import Tag, Ticket, TicketEvent

Kind = TicketEvent.Kind
TAGS, TICKETS = (Kind.TAGGED, Kind.UNTAGGED), (Kind.LINKED, Kind.UNLINKED)


def with_names(events: QuerySet[TicketEvent], ticket: Ticket) -> QuerySet[Any]:
    """`events` of a ticket, each with the `named` thing it speaks of; `""` of what is gone or was never there."""
    # What was put on or taken off, as the row's id; asked of these kinds only, others keep words there.
    about = Cast(Coalesce(KT("data__after"), KT("data__before")), BigIntegerField())
    events = events.annotate(
        about=Case(When(kind__in=[*TAGS, *TICKETS, Kind.ASSIGNED], then=about)), code=KT("data__reason")
    )
    own = Q(brand=ticket.brand_id)
    reference = Concat(Value(f"{ticket.brand.code}-"), Cast("number", CharField()))
    named = Case(
        When(kind=Kind.ASSIGNED, then=Subquery(Agent.objects.filter(pk=OuterRef("about")).values("name"))),
        When(kind__in=TAGS, then=Subquery(Tag.objects.filter(own, pk=OuterRef("about")).values("name"))),
        When(
            kind__in=TICKETS,
            then=Subquery(Ticket.objects.filter(own, pk=OuterRef("about")).values(name=reference)),
        ),
        When(
            kind=Kind.GOODWILL,
            then=Subquery(Reason.objects.filter(own, code=OuterRef("code")).values("label")),
        ),
        output_field=CharField(),
    )
    return events.annotate(named=Coalesce(named, Value("")))
