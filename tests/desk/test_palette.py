"""The palette: what it finds, for whom, and at which cost; and what is fetched ahead writes nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent, Brand
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.crowds import crowd
from tickets.models import Ticket

OPTION = re.compile(r'<div class="d-offer".*?<span class="cut" dir="auto">(.*?)</span>', re.DOTALL)


def offered(client: Client, typed: str, **more: str) -> list[str]:
    return OPTION.findall(client.get(reverse("desk:palette"), {"q": typed, **more}).text)


def test_it_finds_customers_tickets_orders_and_macros(desk: Client, ticket: Ticket) -> None:
    order = make.make_order(customer=ticket.customer)
    macro = make.make_macro(brand=ticket.brand)
    name = ticket.customer.name
    assert name in offered(desk, name)
    assert any(ticket.reference in words for words in offered(desk, ticket.reference))
    page = desk.get(reverse("desk:palette"), {"q": order.number}).text
    assert f"Order {order.number}" in page
    assert reverse("desk:person", args=[ticket.customer_id]) in page
    page = desk.get(reverse("desk:palette"), {"q": macro.title, "ticket": ticket.reference}).text
    assert f'data-macro="{reverse("desk:macro", args=[ticket.reference, macro.pk])}"' in page
    assert macro.title not in offered(desk, macro.title)  # no ticket is open that it could be for


def test_what_holds_the_words_stands_before_names_that_only_come_near(desk: Client, brand: Brand) -> None:
    late = make.make_ticket(
        brand=brand, customer=make.make_member(brand=brand, name="Tom Lathe"), subject="Late & <b>sorry</b>"
    )
    macro = make.make_macro(brand=brand, title="Parcel is late")
    shown = offered(desk, "late", ticket=late.reference)
    wanted = [macro.title, f"{late.reference} Late &amp; &lt;b&gt;sorry&lt;/b&gt;"]
    assert [words for words in shown if words in wanted] == wanted
    if "Tom Lathe" in shown:
        assert shown.index("Tom Lathe") > shown.index(wanted[-1])
    assert not any("mark" in words for words in shown)


def test_without_words_it_offers_the_tickets_opened_last_and_all_deeds(desk: Client, ticket: Ticket) -> None:
    other = make.make_ticket(brand=ticket.brand, subject="Wrong colour")
    shown = offered(
        desk, "", recent=f"{other.reference},{ticket.reference},FF-99999,junk", ticket=ticket.reference
    )
    assert shown[0] == f"{other.reference} Wrong colour"
    assert not any(words.startswith(ticket.reference) for words in shown)  # it is open already
    assert {"Goodwill", "Assign to me", "I am away", "Light or dark", "Go to your callbacks"} <= set(shown)


def test_the_wall_is_offered_to_who_may_look_at_all(desk: Client, supervisor: Agent) -> None:
    assert "Live board" not in offered(desk, "live")
    assert "Live board" in offered(signed_in(supervisor), "live")


def test_words_narrow_the_deeds(desk: Client) -> None:
    shown = offered(desk, "note leave")
    assert "Leave a note" in shown
    assert "Goodwill" not in shown


def test_nothing_of_another_brand_is_found(stranger: Client, ticket: Ticket, other_brand: Brand) -> None:
    macro = make.make_macro(brand=ticket.brand)
    order = make.make_order(customer=ticket.customer)
    for typed in (ticket.customer.name, ticket.reference, order.number, ticket.subject, macro.title):
        page = stranger.get(reverse("desk:palette"), {"q": typed, "ticket": ticket.reference}).text
        page = page.replace(reverse("desk:new_customer"), "")
        for there in ("/customers/", "/tickets/", "Order ", "data-macro"):
            assert there not in page, (typed, there)
    assert ticket.subject not in stranger.get(reverse("desk:palette"), {"recent": ticket.reference}).text


@pytest.mark.parametrize("typed", ["\x00", "'; --", "%", "x" * 5000, "²", "😀"])
def test_whatever_is_typed_is_answered(desk: Client, ticket: Ticket, typed: str) -> None:
    answer = desk.get(reverse("desk:palette"), {"q": typed, "ticket": typed, "recent": typed})
    assert answer.status_code == 200


def test_it_asks_the_same_few_questions_however_much_there_is(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    words = {"q": ticket.customer.name[:4], "ticket": ticket.reference}
    none = {"recent": ",".join(f"FF-{number}" for number in range(1, 9)), "ticket": ticket.reference}

    def asked(data: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(reverse("desk:palette"), data).status_code == 200
        return len(queries)

    def grow() -> None:
        crowd(ticket.queue, ticket.customer_id, 30, agent=agent, first=Ticket.objects.count())
        for number in range(15):
            make.make_customer(brand=ticket.brand, name=f"{ticket.customer.name} {number}")
            make.make_macro(brand=ticket.brand)

    grow()
    asked(words)
    few = asked(words), asked(none)
    grow()
    assert (asked(words), asked(none)) == few
    assert few[0] <= 26
    assert few[1] <= 4


def test_what_is_fetched_ahead_marks_nothing_and_writes_nothing(desk: Client, ticket: Ticket) -> None:
    headers = {"HX-Request": "true", "HX-Target": "conversation", "Desk-Ahead": "1"}
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(f"/tickets/{ticket.reference}/", headers=headers)
    assert answer.status_code == 200
    assert 'id="conversation"' in answer.text
    reading = ("SELECT", "WITH", "(SELECT", "SET LOCAL", "SAVEPOINT", "RELEASE")
    assert not [query["sql"] for query in queries if not query["sql"].lstrip().startswith(reading)]


def test_who_comes_back_to_the_desk_gets_its_two_panes_only(desk: Client) -> None:
    answer = desk.get("/", headers={"HX-Request": "true", "HX-Target": "conversation"})
    assert answer.text.lstrip().startswith("<main")
    assert 'id="customer"' in answer.text
    assert 'id="queue"' not in answer.text
