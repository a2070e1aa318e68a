"""Macros in the composer: what is offered, what would be said and done, and what is sent."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from agents.models import Brand
from customers.models import Customer
from tests import make
from tests.desk.deeds import fresh, say
from tickets.models import Macro, Tag, Ticket
from tickets.services import run_next


def chosen(desk: Client, ticket: Ticket, macro: Macro) -> str:
    return desk.get(reverse("desk:macro", args=[ticket.reference, macro.pk])).text


def test_the_list_has_the_brands_macros_with_what_one_types_for_them(
    desk: Client, ticket: Ticket, brand: Brand, other_brand: Brand
) -> None:
    make.make_macro(brand=brand, title="Late & sorry", shortcut="late")
    make.make_macro(brand=other_brand, title="Theirs")
    listed = desk.get(reverse("desk:macros", args=[ticket.reference])).text
    assert "Late &amp; sorry" in listed
    assert "/late" in listed
    assert "Theirs" not in listed


def test_a_macro_shows_its_words_filled_in_and_what_it_would_do_and_does_nothing_yet(
    desk: Client, ticket: Ticket, brand: Brand, late_parcel: Any
) -> None:
    actions = [{"do": "tag", "name": "late"}, {"do": "grant_points", "reason": late_parcel.pk, "points": 100}]
    shown = chosen(
        desk, ticket, make.make_macro(brand=brand, actions=actions, text="Hello {customer first name}!")
    )
    assert 'data-text="Hello Mara!"' in shown
    assert "Tag late · Give 100 points: Late parcel" in shown
    assert not Tag.objects.exists()


def test_names_are_letters_whatever_they_look_like(desk: Client, brand: Brand) -> None:
    customer = make.make_customer(brand=brand, name='"><script>{balance} x')
    ticket = make.make_ticket(customer=customer)
    shown = chosen(desk, ticket, make.make_macro(brand=brand, text="{customer first name} {tier}"))
    assert 'data-text="&quot;&gt;&lt;script&gt;{balance} [?tier]"' in shown
    assert "Not known here, and marked in the text: tier." in shown


def test_the_reply_goes_out_with_the_deeds_and_a_refused_deed_leaves_what_was_typed(
    desk: Client, ticket: Ticket, member: Customer, brand: Brand, late_parcel: Any
) -> None:
    macro = make.make_macro(
        brand=brand, actions=[{"do": "grant_points", "reason": late_parcel.pk, "points": 1000}]
    )
    refused = say(desk, ticket, "Hello!", macro=macro.pk)
    assert refused.status_code == 409
    assert "Give goodwill points: At most" in refused.content.decode()
    assert fresh(ticket).message_seq == 1
    Macro.objects.update(
        actions=[{"do": "grant_points", "reason": late_parcel.pk, "points": 100}, {"do": "resolve"}]
    )
    sent = say(desk, ticket, "Hello!", macro=macro.pk)
    assert sent.status_code == 200
    assert (fresh(ticket).status, make.now_of(member).balance) == ("resolved", 1100)
    assert '<div id="macro"></div>' in sent.content.decode()


def test_what_a_rule_did_is_told_as_the_rules(desk: Client, ticket: Ticket, brand: Brand) -> None:
    make.make_rule(
        brand=brand, event="heard", actions=[{"do": "tag", "name": "late"}, {"do": "note", "text": "Hm."}]
    )
    make.hear(ticket)
    run_next()
    thread = desk.get(reverse("desk:thread", args=[ticket.reference])).text
    assert "Tagged late · a rule" in thread
    assert ", by a rule</b>" in thread
