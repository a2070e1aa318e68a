"""The name of what an event speaks of, asked for with the event: a colleague, a reason, a tag, another ticket.

An event keeps codes and ids only. A kind that names something else is one more `When` here and its words in
`desk/deeds.py`; it costs no further question.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat

from agents.models import Agent
from contactcenter.nested import Columns, nested
from contactcenter.prepared import Given, Prepared
from desk.lists.ticket import VALUE
from goodwill.models import Reason
from tickets.models import ChecklistItem, ContactReason, FieldValue, ShopTask, Tag, Ticket, TicketEvent
from tickets.models.reasons import BETWEEN

Kind = TicketEvent.Kind
TAGS, TICKETS = (Kind.TAGGED, Kind.UNTAGGED), (Kind.LINKED, Kind.UNLINKED)
LINES = (Kind.CHECKED, Kind.UNCHECKED)
CHANGED = (Kind.REASON, Kind.FIELD)
TICKET, BRAND = (Given(name, BigIntegerField()) for name in ("ticket", "brand"))


def with_names(events: QuerySet[TicketEvent], ticket: Ticket) -> QuerySet[Any]:
    """`events` of a ticket and of what went into it, each with the `names` of what it speaks of.

    `named` is the thing itself, `""` of what is gone or was never there. Of a changed reason `was` names the one
    before; of a field `values` has both, as `VALUE`.
    """
    given = {"ticket": ticket.pk, "brand": ticket.brand_id, "code": ticket.brand.code}
    return events.annotate(names=Prepared(_names, "pk", **given))


def _names() -> QuerySet[Any]:
    own = Q(brand=BRAND)
    # A link to itself, of one that came in, names nothing.
    others = Ticket.objects.filter(own).exclude(pk=TICKET)
    named = Case(
        When(kind=Kind.ASSIGNED, then=_one(Agent.objects.all(), F("name"))),
        When(kind__in=TAGS, then=_one(Tag.objects.filter(own), F("name"))),
        When(kind__in=TICKETS, then=_one(others, REFERENCE)),
        When(kind=Kind.REASON, then=_one(ContactReason.objects.filter(own), PATH)),
        When(kind__in=LINES, then=_one(ChecklistItem.objects.filter(reason__brand=BRAND), F("text"))),
        When(kind=Kind.SHOP, then=_one(ShopTask.objects.filter(own), F("answer"))),
        When(
            kind__in=[Kind.GOODWILL, Kind.GOODWILL_REQUEST],
            then=Subquery(Reason.objects.filter(own, code=OuterRef("code")).values("label")),
        ),
        output_field=CharField(),
    )
    was = Case(
        When(kind=Kind.REASON, then=_one(ContactReason.objects.filter(own), PATH, by="been")),
        output_field=CharField(),
    )
    stood = FieldValue.objects.filter(
        Q(pk=OuterRef("about")) | Q(pk=OuterRef("been")), ticket=OuterRef("ticket")
    )
    names = Columns(
        named=Coalesce(named, Value("")),
        was=Coalesce(was, Value("")),
        values=Case(When(kind=Kind.FIELD, then=nested(stood, *VALUE))),
    )
    return _with_ids(TicketEvent.objects.all()).annotate(it=names)


# As `ContactReason.path`, of the same four steps.
PATH = Func(
    Value(BETWEEN), F("parent__parent__parent__label"), F("parent__parent__label"), F("parent__label"), F("label"),
    function="CONCAT_WS", output_field=CharField(),
)  # fmt: skip

REFERENCE = Concat(Given("code", CharField()), Value("-"), Cast("number", CharField()))


def _with_ids(events: QuerySet[TicketEvent]) -> QuerySet[Any]:
    """The id of what each event is `about`, of what had `been` there before, and a `code`.

    Asked of kinds that keep an id in that place only: others keep words there.
    """
    before, after, task = (_id(name) for name in ("before", "after", "task"))
    one_thing = [*TAGS, *TICKETS, *LINES, Kind.ASSIGNED]
    return events.annotate(
        about=Case(
            When(kind__in=one_thing, then=Coalesce(after, before)),
            When(kind__in=CHANGED, then=after),
            When(kind=Kind.SHOP, then=task),
        ),
        been=Case(When(kind__in=CHANGED, then=before)),
        code=KT("data__reason"),
    )


def _id(name: str) -> Cast:
    return Cast(KT(f"data__{name}"), BigIntegerField())


def _one(rows: QuerySet[Any], name: Any, *, by: str = "about") -> Subquery:
    """The `name`, an expression, of the row that an event speaks of."""
    return Subquery(rows.filter(pk=OuterRef(by)).values(it=name))
