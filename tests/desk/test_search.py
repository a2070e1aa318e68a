"""The page of the search: what it shows, how it is reached, and what it costs the database."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from tests import make
from tests.desk.crowds import analyse, crowd
from tests.desk.test_plans import plan, rows_of, statements
from tickets.models import Ticket
from tickets.search import search
from tickets.search.looking import LOOKED_AT

MANY = 40_000
READ_AT_MOST = 12_000  # rows of words for one search, of 40,000


def page(client: Client, words: str, **headers: str) -> str:
    answer = client.get("/search/", {"q": words}, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_shows_what_was_found_marked_and_who_wrote_it(desk: Client, ticket: Ticket) -> None:
    html = page(desk, "monday parcels")
    for words in (
        ticket.reference,
        ticket.customer.name,
        "Where is my <mark>parcel</mark>?",
        "<mark>Monday</mark>",
        f'href="/tickets/{ticket.reference}/"',
        "1 ticket shown",
    ):
        assert words in html, words


def test_the_box_that_finds_a_caller_leads_to_the_tickets(desk: Client, ticket: Ticket) -> None:
    for words in ("parcel", ticket.customer.name):
        found = desk.get("/find/", {"q": words}, headers={"HX-Request": "true"}).content.decode()
        address = re.search(r'id="found-search" href="([^"]+)"', found)
        assert address, words
        assert ticket.reference in desk.get(address[1]).content.decode()


def test_what_was_typed_comes_back_escaped(desk: Client, ticket: Ticket) -> None:
    for words in ('"><script>alert(1)</script>', "evil<b>:1 parcel", 'tier:"><script>'):
        html = page(desk, words)
        assert "<script>alert" not in html
        assert "<b>:" not in html


def test_only_the_part_that_changes_is_sent_to_a_page_that_is_open(desk: Client, ticket: Ticket) -> None:
    part = page(desk, "parcel", **{"HX-Request": "true", "HX-Target": "search-found"})
    assert part.lstrip().startswith('<div id="search-found"')
    assert 'role="status" id="search-said" hx-swap-oob' in part
    assert "<html" not in part


def test_more_leads_on_by_key(desk: Client, brand: Brand) -> None:
    for _ in range(30):
        make.make_ticket(brand=brand, subject="Voucher")
    html = page(desk, "voucher")
    assert html.count('data-ticket="') == 25
    address = re.search(r'id="search-more" href="([^"]+)"', html)
    assert address
    target = {"HX-Request": "true", "HX-Target": "search-more"}
    more = desk.get(address[1].replace("&amp;", "&"), headers=target).content.decode()
    assert more.count('data-ticket="') == 5
    assert "search-more" not in more
    assert "d-group" not in more


def test_a_page_without_a_question_shows_how_to_ask_and_no_ticket(desk: Client, ticket: Ticket) -> None:
    html = page(desk, "")
    assert "from:maria" in html
    assert 'data-ticket="' not in html


def test_strangers_find_nothing_and_visitors_are_asked_to_sign_in(stranger: Client, ticket: Ticket) -> None:
    assert ticket.reference not in page(stranger, "parcel")
    assert Client().get("/search/", {"q": "parcel"}).status_code == 302


def test_the_page_asks_the_database_as_often_for_one_as_for_thirty(desk: Client, brand: Brand) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(desk, "voucher is:open -lamp")
        return len(queries)

    make.make_ticket(brand=brand, subject="Voucher")
    few = asked()
    for _ in range(29):
        make.make_ticket(brand=brand, subject="Voucher")
    assert asked() == few <= 22


@pytest.fixture
def crowded(brand: Brand, other_brand: Brand) -> Agent:
    """An agent of two brands with 20,000 tickets each: Ticket is in all of them, a number in one."""
    agent = make.make_agent(brands=[brand, other_brand])
    for one in (brand, other_brand):
        queue = make.make_queue(brand=one)
        crowd(queue, make.make_customer(brand=one).pk, MANY // 2, agent=agent)
    analyse("tickets_ticket", "tickets_ticketwords")
    return agent


def read(asked: list[str]) -> int:
    """How many rows of words the statements looked at; none may read them from end to end."""
    count = 0
    for sql in asked:
        for node in plan(sql):
            if node.get("Relation Name") == "tickets_ticketwords":
                assert node["Node Type"] in ("Bitmap Heap Scan", "Index Scan", "Index Only Scan"), (node, sql)
                count += int(rows_of(node))
    return count


def test_a_common_and_a_rare_word_are_found_by_the_index_in_a_part_of_the_rows(crowded: Agent) -> None:
    for words in ("ticket", "ticket is:open", "19999", "ticket 19999", "nowhere", "tick*", '"ticket 700"'):
        results, asked = statements(lambda words=words: search(crowded, words), "tickets_ticketwords")
        assert asked, words
        assert bool(results.hits) == (words != "nowhere"), words
        assert read(asked) <= READ_AT_MOST, words


def test_what_holds_a_word_is_held_against_operators_by_its_key(crowded: Agent) -> None:
    results, asked = statements(lambda: search(crowded, "ticket priority:urgent"), "tickets_ticketwords")
    assert (results.hits, bool(results.cursor)) == ([], True)
    keys = [node for sql in asked for node in plan(sql) if node.get("Relation Name") == "tickets_ticket"]
    assert keys
    assert all(node["Index Cond"].startswith("(id = ") for node in keys), keys
    assert LOOKED_AT <= sum(node["Actual Loops"] for node in keys) < 2 * LOOKED_AT


def test_control_without_shelves_a_common_word_reads_every_row(
    crowded: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.search.looking.stretches", lambda last: iter([(0, last + 1)]))
    results, asked = statements(lambda: search(crowded, "ticket"), "tickets_ticketwords")
    assert results.hits
    assert read(asked) > READ_AT_MOST


def test_control_without_its_index_a_word_is_looked_for_in_every_row(crowded: Agent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX tickets_ticketwords_found")
    _results, asked = statements(lambda: search(crowded, "nowhere"), "tickets_ticketwords")
    assert read(asked) > READ_AT_MOST
