"""The search by the API: the answers of the desk, page by page, and of the own brands only."""

from __future__ import annotations

from customers.models import Customer
from tests import make
from tests.api.client import Machine, expect_problem
from tickets.models import Queue


def test_tickets_are_found_by_words_and_numbers_as_on_the_desk(
    shop: Machine, other_shop: Machine, member: Customer, queue: Queue
) -> None:
    lamp = make.make_ticket(customer=member, queue=queue, subject="The lamp", text="It came in pieces.")
    make.make_ticket(customer=member, queue=queue, subject="A scarf", text="Too short.")
    (found,) = shop.rows("tickets/search/", q="piece -scarf")
    assert (found["reference"], found["how"], found["customer"]) == (lamp.reference, "words", member.pk)
    assert [row["how"] for row in shop.rows("tickets/search/", q=lamp.reference)] == ["ticket"]
    assert other_shop.rows("tickets/search/", q="piece") == []
    assert other_shop.rows("tickets/search/", q=lamp.reference) == []


def test_pages_of_a_search_hold_every_ticket_once_and_a_cursor_is_good_for_its_words_only(
    shop: Machine, member: Customer, queue: Queue
) -> None:
    lamps = {make.make_ticket(customer=member, queue=queue, subject="Lamp").reference for _ in range(5)}
    read, cursor = [], ""
    while True:
        page = shop.get("tickets/search/", q="lamp", limit=2, **({"cursor": cursor} if cursor else {})).json()
        read += [row["reference"] for row in page["results"]]
        if not page["next_cursor"]:
            break
        cursor = page["next_cursor"]
    assert sorted(read) == sorted(lamps)
    expect_problem(shop.get("tickets/search/", q="scarf", cursor=cursor), 400, "invalid")


def test_a_search_for_nothing_and_a_name_that_is_none_are_told(shop: Machine) -> None:
    expect_problem(shop.get("tickets/search/", q=" "), 400, "invalid")
    expect_problem(shop.get("tickets/search/", words="lamp"), 400, "invalid")
