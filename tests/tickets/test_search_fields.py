"""The search and the views over contact reasons and a brand's own fields."""

from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from tests import make
from tickets.models import Ticket, TicketField
from tickets.search import search
from tickets.search.lists import listed
from tickets.services import fill


@pytest.fixture
def kinds(brand: Brand) -> dict[str, TicketField]:
    """A field of each kind."""
    return {
        "model": make.make_field(brand=brand, label="Model"),
        "weight": make.make_field(brand=brand, label="Weight", kind="number"),
        "until": make.make_field(brand=brand, label="Warranty until", kind="date"),
        "colour": make.make_field(brand=brand, label="Colour", kind="choice", choices=["red", "dark blue"]),
    }


@pytest.fixture
def filled(brand: Brand, agent: Agent, kinds: dict[str, TicketField]) -> dict[str, Ticket]:
    """A ticket about a blue lamp, one about a red chair, and a bare one."""
    tickets = {name: make.make_ticket(brand=brand) for name in ("lamp", "chair", "bare")}
    colours = {choice.label: str(choice.pk) for choice in kinds["colour"].choices.all()}
    for name, model, weight, until, colour in (
        ("lamp", "Lamp 100% oak", "2.5", "2026-05-01", "dark blue"),
        ("chair", "Chair", "12", "2027-01-31", "red"),
    ):
        for field, typed in zip(kinds.values(), (model, weight, until, colours[colour]), strict=True):
            fill(tickets[name], field, typed, by=agent)
    fill(tickets["bare"], kinds["weight"], "99", by=agent)
    fill(tickets["bare"], kinds["weight"], "", by=agent)  # taken out again
    return tickets


def found(agent: Agent, typed: str, tickets: dict[str, Ticket]) -> set[str]:
    hits = {hit.ticket for hit in search(agent, typed).hits}
    return {name for name, ticket in tickets.items() if ticket.pk in hits}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("field:model", {"lamp", "chair"}),
        ("-field:model", {"bare"}),
        ("field:weight", {"lamp", "chair"}),
        ("field:model=OAK", {"lamp"}),
        ('field:"model=100% oak"', {"lamp"}),
        ("field:weight=2,5", {"lamp"}),
        ("field:weight>2.5", {"chair"}),
        ("field:weight>=2.5 field:weight<12", {"lamp"}),
        ('field:"warranty until<2026-06-01"', {"lamp"}),
        ('field:"Warranty until>=2027-01-31"', {"chair"}),
        ('field:"warranty until>2026-06"', {"chair"}),
        ('field:"warranty until<2027"', {"lamp"}),
        ("field:weight>-1 field:weight<1e1", {"lamp"}),
        ("field:colour=red", {"chair"}),
        ('field:"colour=Dark Blue"', {"lamp"}),
        ("field:colour=green", set()),
        ("field:colour=red field:weight<5", set()),
        ("-field:colour=red", {"lamp", "bare"}),
    ],
)
def test_what_stands_in_a_field_is_searched_and_listed(
    typed: str, names: set[str], filled: dict[str, Ticket], brand: Brand, agent: Agent
) -> None:
    assert found(agent, typed, filled) == names
    rows = {ticket.pk for ticket in listed(make.make_view(brand=brand, query=typed), agent)}
    assert {name for name, ticket in filled.items() if ticket.pk in rows} == names


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("field:size=4", "There is no field “size”."),
        ("field:=4", "There is no field “=4”."),
        (
            "field:weight=heavy",
            '“weight=heavy” cannot be compared with; write it as field:"Weight>5".',
        ),
        (
            "field:model>4",
            '“model>4” cannot be compared with; write it as field:"Model=words".',
        ),
        ('field:"warranty until<May"', "“warranty until<May” cannot be compared with"),
        ("reason:attic", "There is no contact reason “attic”."),
    ],
)
def test_what_is_no_field_or_reason_is_told(
    typed: str, sentence: str, filled: dict[str, Ticket], agent: Agent
) -> None:
    results = search(agent, typed)
    assert results.told[0].startswith(sentence)
    assert results.hits == []


def test_a_reason_finds_what_lies_under_it(brand: Brand, agent: Agent) -> None:
    delivery = make.make_contact_reason(brand=brand, label="Delivery")
    late = make.make_contact_reason(brand=brand, parent=delivery, label="Late")
    lost = make.make_contact_reason(brand=brand, parent=late, label="Lost")
    tickets = {row.label: make.make_ticket(brand=brand) for row in (delivery, late, lost)}
    for row in (delivery, late, lost):
        Ticket.objects.filter(pk=tickets[row.label].pk).update(reason=row)
    tickets["none"] = make.make_ticket(brand=brand)
    assert found(agent, "reason:delivery", tickets) == {"Delivery", "Late", "Lost"}
    assert found(agent, "reason:LATE", tickets) == {"Late", "Lost"}
    assert found(agent, "reason:lost", tickets) == {"Lost"}
    assert found(agent, "-reason:late", tickets) == {"Delivery", "none"}


def test_fields_and_reasons_of_another_brand_are_not_there(
    filled: dict[str, Ticket], other_brand: Brand, brand: Brand
) -> None:
    make.make_contact_reason(brand=brand, label="Delivery")
    stranger = make.make_agent(brands=[other_brand])
    assert search(stranger, "field:model").told == ["There is no field “model”."]
    assert search(stranger, "reason:delivery").told == ["There is no contact reason “delivery”."]


def test_one_name_of_two_brands_and_two_kinds_asks_both(
    filled: dict[str, Ticket], brand: Brand, other_brand: Brand
) -> None:
    both = make.make_agent(brands=[brand, other_brand])
    words = make.make_field(brand=other_brand, label="weight")
    tickets = filled | {"other": make.make_ticket(brand=other_brand)}
    fill(tickets["other"], words, "12 or so", by=both)
    assert found(both, "field:weight=12", tickets) == {"chair", "other"}
    assert found(both, "field:weight>5", tickets) == {"chair"}
