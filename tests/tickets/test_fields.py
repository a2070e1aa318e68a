"""Fields of a brand's own: typed by their kind, each change written down, and required ones before the end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once
from tickets.models import FieldQueue, FieldValue, Ticket, TicketField
from tickets.services import fill, missing_fields, reply, resolve


def standing(ticket: Ticket) -> list[tuple[str, str]]:
    values = FieldValue.objects.filter(ticket=ticket).current().select_related("choice", "field")
    return [(value.field.label, value.shown) for value in values.order_by("pk")]


def refusal_of(ticket: Ticket, field: TicketField, typed: str, agent: Agent) -> str:
    with pytest.raises(Refused) as refusal:
        fill(ticket, field, typed, by=agent)
    return refusal.value.code


def test_what_is_typed_stands_in_the_column_of_its_kind(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    colours = make.make_field(brand=brand, kind="choice", choices=["red", "blue"])
    blue = colours.choices.get(label="blue")
    for kind, typed, column, meant in (
        ("text", "  A-1 ", "text", "A-1"),
        ("number", "12,50", "number", Decimal("12.5")),
        ("date", "2026-11-28", "date", date(2026, 11, 28)),
    ):
        value = fill(ticket, make.make_field(brand=brand, kind=kind), typed, by=agent)
        assert value is not None
        assert getattr(FieldValue.objects.get(pk=value.pk), column) == meant
        assert fill(ticket, value.field, value.typed, by=agent) == value  # as it is shown in the form
    value = fill(ticket, colours, str(blue.pk), by=agent)
    assert value is not None
    assert (value.choice, value.typed) == (blue, str(blue.pk))


def test_what_is_none_of_the_kind_is_refused(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    other = make.make_field(brand=brand, kind="choice", choices=["small"]).choices.get()
    for kind, typed, code in (
        ("text", "x" * 501, "too_long"),
        ("number", "twelve", "no_number"),
        ("number", "NaN", "no_number"),
        ("number", "1e14", "no_number"),
        ("number", "1.00001", "no_number"),
        ("date", "28.11.2026", "no_day"),
        ("choice", str(other.pk), "no_such_choice"),
        ("choice", "²", "no_such_choice"),
    ):
        assert refusal_of(ticket, make.make_field(brand=brand, kind=kind), typed, agent) == code, typed
    assert standing(ticket) == []


def test_each_change_is_a_line_with_what_stood_there_before(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    field = make.make_field(brand=brand, label="Serial")
    for typed in ("A", "A", "B", ""):
        fill(ticket, field, typed, by=agent)
    words = dict(FieldValue.objects.values_list("pk", "text"))
    lines = [line.data for line in ticket.events.filter(kind="field").order_by("seq")]
    told = [(words.get(line["before"]), words.get(line["after"])) for line in lines]
    assert told == [(None, "A"), ("A", "B"), ("B", None)]
    assert {line["field"] for line in lines} == {field.pk}
    assert standing(ticket) == []


def test_a_field_is_asked_for_in_its_queues_or_in_all(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    field, elsewhere = make.make_field(brand=brand), make.make_queue(brand=brand)
    FieldQueue.objects.create(brand=brand, field=field, queue=elsewhere)
    everywhere = make.make_field(brand=brand)
    assert list(TicketField.objects.asked_of(ticket)) == [everywhere]
    assert refusal_of(ticket, field, "A", agent) == "no_such_field"
    there = make.make_ticket(customer=ticket.customer, queue=elsewhere)
    assert list(TicketField.objects.asked_of(there)) == [field, everywhere]


def test_without_its_required_fields_a_ticket_is_not_resolved_and_the_refusal_names_them(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    serial = make.make_field(brand=brand, label="Serial", is_required=True)
    colour = make.make_field(brand=brand, label="Colour", kind="choice", choices=["red"], is_required=True)
    make.make_field(brand=brand, label="No longer", is_required=True, is_active=False)
    make.make_field(brand=brand, label="If known")
    with pytest.raises(Refused) as refusal:
        reply(ticket, "Done.", by=agent, key="k", resolve=True)
    assert refusal.value.code == "not_complete"
    assert "Serial, Colour" in refusal.value.sentence
    red = colour.choices.get()
    assert refusal.value.details["fields"] == [
        {"id": serial.pk, "label": "Serial", "kind": "text", "choices": []},
        {"id": colour.pk, "label": "Colour", "kind": "choice", "choices": [{"id": red.pk, "label": "red"}]},
    ]
    fill(ticket, serial, "A", by=agent)
    assert missing_fields(ticket) == [colour]
    fill(ticket, colour, str(red.pk), by=agent)
    assert resolve(ticket, by=agent).status == "resolved"


@pytest.mark.race
def test_of_two_who_fill_a_field_at_once_the_second_replaces_the_first(own_db: str) -> None:
    ticket, deeds = _two_at_once()
    assert not [answer for answer in at_once(*deeds) if isinstance(answer, Exception)]
    assert len(standing(ticket)) == 1
    assert ticket.events.filter(kind="field").count() == 2


@pytest.mark.race
def test_control_without_the_ticket_locked_the_second_is_an_error(own_db: str) -> None:
    _ticket, deeds = _two_at_once()
    answers = at_once(*deeds, unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refused, IntegrityError)


def _two_at_once() -> tuple[Ticket, list[partial[FieldValue | None]]]:
    ticket = make.make_ticket()
    field = make.make_field(brand=ticket.brand)
    agent = make.make_agent(brands=[ticket.brand])
    return ticket, [partial(fill, ticket, field, typed, by=agent) for typed in "AB"]
