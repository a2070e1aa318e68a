"""One brand's systems learn nothing of another's, by whatever address or body they ask."""

from __future__ import annotations

from types import SimpleNamespace as World
from typing import Any

import pytest

from agents.models import Agent
from customers.models import Customer
from goodwill.services import grant
from tests import make
from tests.api.client import Machine, expect_problem
from tickets.models import Ticket


@pytest.fixture
def theirs(ticket: Ticket, agent: Agent, late_parcel: Any) -> World:
    """Rows of the brand FF, each bearing the name of Mara Mond or something of hers."""
    order = make.make_order(customer=ticket.customer, number="SECRET-1")
    grant(ticket, 50, by=agent, reason=late_parcel, key="g")
    promise = make.make_callback(ticket=ticket, by=agent)
    return World(
        customer=ticket.customer,
        ticket=ticket,
        order=order,
        line=order.lines.get(),
        promise=promise,
        agent=agent,
    )


def addresses(theirs: World) -> list[str]:
    reference = theirs.ticket.reference
    return [
        f"customers/{theirs.customer.pk}/",
        f"orders/{theirs.order.pk}/",
        f"tickets/{reference}/",
        f"tickets/{reference}/messages/",
        f"callbacks/{theirs.promise.pk}/",
    ]


def deeds(theirs: World) -> list[tuple[str, dict[str, Any]]]:
    """Deeds on rows of FF, as sound as their own systems would send them."""
    start, end = make.next_day("Europe/Berlin", 10, days=3)
    window = {"window_from": start.isoformat(), "window_to": end.isoformat()}
    return [
        (f"orders/{theirs.order.pk}/refunds/", {"lines": [{"line": theirs.line.pk, "amount_minor": 1}]}),
        (f"tickets/{theirs.ticket.reference}/reply/", {"text": "x"}),
        (f"callbacks/{theirs.promise.pk}/move/", window),
        (f"callbacks/{theirs.promise.pk}/decline/", {}),
        (f"callbacks/{theirs.promise.pk}/outcome/", {"outcome": "busy"}),
        (f"callbacks/{theirs.promise.pk}/cancel/", {}),
    ]


def named(theirs: World) -> list[tuple[str, dict[str, Any], str]]:
    """Deeds whose body names rows of FF."""
    start, end = make.next_day("Europe/Berlin", 10, days=3)
    window = {"window_from": start.isoformat(), "window_to": end.isoformat()}
    who, reference = theirs.customer.pk, theirs.ticket.reference
    line = {"sku": "x", "name": "x", "amount_minor": 1}
    return [
        ("customers/", {"brand": "FF", "name": "x"}, "unknown_brand"),
        ("orders/", {"customer": who, "number": "x", "lines": [line]}, "unknown_customer"),
        ("tickets/", {"customer": who, "channel": "chat", "subject": "x", "text": "x"}, "unknown_customer"),
        ("goodwill/", {"ticket": reference, "reason": "late-parcel", "points": 50}, "unknown_ticket"),
        ("callbacks/", {"customer": who, "reason": "x", **window}, "unknown_customer"),
    ]


def test_their_rows_are_not_there(other_shop: Machine, theirs: World) -> None:
    for path in addresses(theirs):
        expect_problem(other_shop.get(path), 404, "not_found")
    for path, body in deeds(theirs):
        expect_problem(other_shop.post(path, body), 404, "not_found")


def test_control_for_their_own_systems_they_are(shop: Machine, theirs: World) -> None:
    for path in addresses(theirs):
        assert shop.get(path).status_code == 200, path
    for path, body in deeds(theirs):
        assert shop.post(path, body).status_code == 201, path


def test_a_body_that_names_their_rows_is_told_as_if_they_did_not_exist(
    other_shop: Machine, theirs: World, late_parcel: Any
) -> None:
    for path, body, code in named(theirs):
        answer = other_shop.post(path, body)
        expect_problem(answer, 422, code)
        assert b"Mara" not in answer.content


def test_a_row_of_theirs_cannot_be_joined_to_one_of_ours(other_shop: Machine, theirs: World) -> None:
    ours = make.make_customer(brand=other_shop.agent.brands.get(), phone="+551130718800")
    start, end = make.next_day("America/Sao_Paulo", 10)
    call = {
        "customer": ours.pk,
        "reason": "x",
        "window_from": start.isoformat(),
        "window_to": end.isoformat(),
    }
    for more, code in [
        ({"ticket": theirs.ticket.reference}, "unknown_ticket"),
        ({"owner": theirs.agent.pk}, "unknown_owner"),
        ({"team": make.make_team(brand=theirs.ticket.brand).pk}, "unknown_team"),
        ({"number": "+493012345678"}, "unknown_number"),
    ]:
        expect_problem(other_shop.post("callbacks/", call | more), 422, code)
    word = {
        "customer": ours.pk,
        "channel": "chat",
        "subject": "x",
        "text": "x",
        "queue": theirs.ticket.queue_id,
    }
    expect_problem(other_shop.post("tickets/", word), 422, "unknown_queue")


def test_lists_and_filters_find_nothing_of_theirs(other_shop: Machine, theirs: World) -> None:
    who, reference = theirs.customer.pk, theirs.ticket.reference
    for path, filters in {
        "customers/": [{}, {"brand": "FF"}, {"name": "Mara"}, {"phone": "+493012345678"}],
        "orders/": [{}, {"brand": "FF"}, {"customer": who}, {"number": "SECRET-1"}],
        "tickets/": [{}, {"customer": who}, {"queue": theirs.ticket.queue_id}, {"assignee": theirs.agent.pk}],
        "goodwill/": [{}, {"ticket": reference}, {"customer": who}],
        "callbacks/": [{}, {"ticket": reference}, {"customer": who}, {"owner": theirs.agent.pk}, {"team": 1}],
    }.items():
        for query in filters:
            assert other_shop.rows(path, **query) == [], (path, query)


def test_an_address_taken_at_another_brand_is_free_here(other_shop: Machine, member: Customer) -> None:
    body = {"brand": "KL", "name": "x", "contact_points": [{"kind": "phone", "value": "+493012345678"}]}
    assert other_shop.post("customers/", body).status_code == 201


def test_a_cursor_is_good_for_its_own_list_only(shop: Machine, theirs: World) -> None:
    for _ in range(2):
        make.make_customer(brand=theirs.ticket.brand)
    cursor = shop.get("customers/", limit=1).json()["next_cursor"]
    assert shop.get("customers/", limit=1, cursor=cursor).status_code == 200
    for path, wrong in [("orders/", cursor), ("customers/", cursor[:-1]), ("customers/", "é\x00")]:
        said = expect_problem(shop.get(path, cursor=wrong), 400, "invalid")
        assert said["errors"][0]["pointer"] == "#/cursor"
