"""Macros: words with placeholders and deeds beside them, all or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tickets.filling import filled_for
from tickets.models import Macro, Message, Queue, Tag, Ticket
from tickets.placeholders import filled, refusal
from tickets.services import send_macro


def test_placeholders_are_filled_once_and_values_are_never_looked_at_again() -> None:
    text = "Hi {customer first name}, {tier}: {balance}. {like this} stays."
    values = {"customer first name": "{balance}", "tier": "", "balance": "7"}
    assert filled(text, values) == ("Hi {balance}, [?tier]: 7. {like this} stays.", ["tier"])


def test_a_text_with_a_placeholder_that_nobody_knows_is_refused() -> None:
    assert refusal("Hello {customer first name}") == ""
    assert refusal("Hello {first name}").startswith(
        "There is no placeholder {first name}. There are: {customer"
    )


def test_every_placeholder_has_its_value_on_a_members_ticket(
    ticket: Ticket, member: Customer, agent: Agent
) -> None:
    at = clock.now()
    make.give(member.account, 40, at=at - timedelta(days=10), months=1)
    text = "{customer first name}|{ticket number}|{agent name}|{tier}|{balance}|{expiring points}"
    said, missing = filled_for(f"{text} {{expires on}}", ticket, by=agent, at=at)
    assert said.startswith(f"Mara|{ticket.reference}|Ada Amsel|Bronze|1,040|40 ")
    assert missing == []
    stranger = make.make_ticket(customer=make.make_customer(brand=ticket.brand, name=""))
    said, missing = filled_for(text, stranger, by=agent, at=at)
    assert (
        said == f"[?customer first name]|{stranger.reference}|Ada Amsel|[?tier]|[?balance]|[?expiring points]"
    )
    assert missing == ["customer first name", "tier", "balance", "expiring points"]


def macro_of(brand: Brand, late_parcel: Any, **fields: Any) -> Macro:
    actions = [
        {"do": "tag", "name": "late"},
        {"do": "grant_points", "reason": late_parcel.pk, "points": 200},
        {"do": "promise_call", "hours": 2, "about": "Where it is"},
        {"do": "resolve"},
    ]
    return make.make_macro(brand=brand, **({"actions": actions} | fields))


def test_a_macro_answers_and_does_all_its_deeds_once(
    ticket: Ticket, member: Customer, agent: Agent, brand: Brand, late_parcel: Any
) -> None:
    macro = macro_of(brand, late_parcel)
    for _ in range(2):
        message = send_macro(ticket, macro, "Hello Mara!", by=agent, key="k", seen=1)
    assert Message.objects.get(kind="outbound") == message
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.status, after.assignee) == ("resolved", agent)
    assert make.now_of(member).balance == 1200
    assert member.callbacks.count() == 1
    assert {line.actor for line in ticket.events.exclude(kind="opened")} == {"agent"}
    assert Macro.objects.get().used == 1


def untouched(ticket: Ticket, member: Customer) -> bool:
    return (
        not ticket.messages.filter(kind="outbound").exists()
        and not Tag.objects.exists()
        and make.now_of(member).balance == 1000
        and Macro.objects.get().used == 0
    )


def test_where_the_reply_is_refused_nothing_is_done(
    ticket: Ticket, member: Customer, agent: Agent, brand: Brand, late_parcel: Any
) -> None:
    macro = macro_of(brand, late_parcel)
    make.hear(ticket)
    with pytest.raises(Refused) as refused:
        send_macro(ticket, macro, "Hello!", by=agent, key="k", seen=1)
    assert refused.value.code == "conversation_moved"
    assert untouched(ticket, member)


def test_where_a_deed_is_refused_nothing_is_said_and_the_refusal_names_the_deed(
    ticket: Ticket, member: Customer, agent: Agent, brand: Brand, late_parcel: Any
) -> None:
    actions = [
        {"do": "tag", "name": "late"},
        {"do": "grant_points", "reason": late_parcel.pk, "points": 1000},
    ]
    macro = macro_of(brand, late_parcel, actions=actions)
    with pytest.raises(Refused) as refused:
        send_macro(ticket, macro, "Hello!", by=agent, key="k", seen=1)
    assert refused.value.code == "over_limit"
    assert refused.value.sentence.startswith("Give goodwill points: At most")
    assert untouched(ticket, member)


def test_a_mark_that_is_left_in_the_text_is_not_sent(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    with pytest.raises(Refused, match=r"Put something in for \[\?tier\] first"):
        send_macro(ticket, make.make_macro(brand=brand), "You are [?tier].", by=agent, key="k")


def test_macros_of_other_teams_brands_or_out_of_use_are_not_offered_and_not_sent(
    ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand, queue: Queue
) -> None:
    mine = make.make_macro(brand=brand, team=make.make_team(brand=brand, agents=[agent]))
    every = make.make_macro(brand=brand)
    closed = [
        make.make_macro(brand=brand, team=make.make_team(brand=brand)),
        make.make_macro(brand=brand, is_active=False),
        make.make_macro(brand=other_brand),
    ]
    assert set(Macro.objects.offered_to(agent, brand)) == {mine, every}
    for macro in closed:
        with pytest.raises(Refused, match="not in use"):
            send_macro(ticket, macro, "Hello!", by=agent, key="k")
