"""Handing on, parking, resolving, taking the next."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Brand
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import fresh, post
from tests.together import at_once
from tickets import services
from tickets.models import Ticket, TicketEvent

DIGITS = "9" * 5000


def events(ticket: Ticket, kind: str) -> int:
    return ticket.events.filter(kind=kind).count()


def test_a_ticket_is_handed_to_a_colleague_and_back_to_the_queue(
    desk: Client, brand: Brand, ticket: Ticket
) -> None:
    colleague = make.make_agent(brands=[brand], name="Bo Berg")
    answer = post(desk, "assign", ticket.reference, to=colleague.pk)
    assert (answer.status_code, fresh(ticket).assignee) == (200, colleague)
    content = answer.content.decode()
    assert content.index('id="head"') < content.index('id="customer"') < content.index('id="thread"')
    assert 'id="composer"' not in content
    post(desk, "assign", ticket.reference, to=colleague.pk)
    assert events(ticket, "assigned") == 1
    post(desk, "assign", ticket.reference, to="")
    assert (fresh(ticket).assignee, events(ticket, "assigned")) == (None, 2)


def test_a_colleague_nobody_knows_is_not_there_and_the_ticket_stays_where_it_is(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    for to in ["abc", "-5", "1.5", "²", str(10**30), DIGITS, "\x00", "0"]:
        services.assign(ticket, agent, by=agent)
        assert post(desk, "assign", ticket.reference, to=to).status_code == 404
        assert fresh(ticket).assignee == agent


def test_nobody_of_another_brand_and_nobody_who_left_gets_a_ticket(
    desk: Client, brand: Brand, other_brand: Brand, ticket: Ticket
) -> None:
    other = make.make_agent(brands=[other_brand])
    assert post(desk, "assign", ticket.reference, to=other.pk).status_code == 404
    gone = make.make_agent(brands=[brand], is_active=False, name="Gus Gone")
    answer = post(desk, "assign", ticket.reference, to=gone.pk)
    assert (answer.status_code, fresh(ticket).assignee) == (409, None)
    assert "Gus Gone does not serve this brand." in answer.content.decode()


def test_the_owner_of_the_installation_reads_why_a_ticket_cannot_be_theirs(
    owner: Agent, ticket: Ticket
) -> None:
    answer = post(signed_in(owner), "assign", ticket.reference, to=owner.pk)
    assert answer.status_code == 409
    assert "Owner does not serve this brand." in answer.content.decode()


def test_a_ticket_is_parked_taken_up_resolved_and_reopened(desk: Client, ticket: Ticket) -> None:
    for wanted, kept in [
        ("pending", "pending"), ("on_hold", "on_hold"), ("open", "open"), ("resolved", "resolved"), ("open", "open"),
    ]:  # fmt: skip
        answer = post(desk, "status", ticket.reference, status=wanted, seen=1)
        assert (answer.status_code, fresh(ticket).status) == (200, kept)
        before = ticket.events.count()
        assert post(desk, "status", ticket.reference, status=wanted, seen=1).status_code == 200
        assert ticket.events.count() == before
    assert (events(ticket, "resolved"), events(ticket, "reopened")) == (1, 1)


def test_a_status_that_nobody_sets_is_refused(desk: Client, ticket: Ticket) -> None:
    for status in ["", "new", "closed", "RESOLVED", "\x00", "a" * 9000, "<script>"]:
        answer = post(desk, "status", ticket.reference, status=status)
        assert (answer.status_code, fresh(ticket).status) == (409, "new")
        assert "<script>" not in answer.content.decode()


def test_a_ticket_is_not_resolved_over_the_customers_head(desk: Client, ticket: Ticket) -> None:
    for seen in ["", "0", "-1", "x", DIGITS]:
        answer = post(desk, "status", ticket.reference, status="resolved", seen=seen)
        assert (answer.status_code, fresh(ticket).status) == (409, "new")
        assert "Mara Mond wrote again" in answer.content.decode()


def test_a_parked_ticket_that_ended_has_to_be_reopened_first(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    services.resolve(ticket, by=agent)
    answer = post(desk, "status", ticket.reference, status="pending")
    assert (answer.status_code, fresh(ticket).status) == (409, "resolved")


def test_the_next_ticket_is_the_one_nobody_has_that_is_due_first(
    desk: Client, agent: Agent, other_brand: Brand, ticket: Ticket
) -> None:
    mine = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    services.assign(mine, agent, by=agent)
    foreign = make.make_ticket(brand=other_brand)
    early = make.instant("2026-01-01T00:00:00+00:00")
    Ticket.objects.filter(pk__in=[mine.pk, foreign.pk]).update(due_at=early)
    answer = desk.post("/queue/next/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/tickets/{ticket.reference}/?view=mine&taken=1",
    )
    assert (fresh(ticket).assignee, fresh(foreign).assignee) == (agent, None)
    answer = desk.post("/queue/next/")
    assert (answer.status_code, answer["Location"]) == (302, "/?view=mine")


@pytest.mark.race
def test_two_agents_who_take_the_next_at_once_get_two_tickets(own_db: str) -> None:
    brand = make.make_brand()
    clients = [signed_in(make.make_agent(brands=[brand])) for _ in range(2)]
    for _ in range(5):
        wanted = {make.make_ticket(brand=brand).reference for _ in range(2)}
        answers: list[Any] = at_once(*[partial(client.post, "/queue/next/") for client in clients])
        assert {answer["Location"].split("/")[2] for answer in answers} == wanted
    assert TicketEvent.objects.filter(kind="assigned").count() == 10


@pytest.mark.race
def test_a_reply_sent_twice_at_once_is_one_message(own_db: str) -> None:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    clients = [signed_in(agent) for _ in range(2)]
    fields = {"kind": "reply", "key": "once", "seen": 1, "text": "Hello"}
    deeds = [partial(client.post, f"/tickets/{ticket.reference}/say/", fields) for client in clients]
    assert [answer.status_code for answer in at_once(*deeds)] == [200, 200]
    assert ticket.messages.filter(kind="outbound").count() == 1
