"""Priority, type, tags and links in the head of a ticket."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from tests import make
from tests.desk.deeds import fresh, post
from tickets import services
from tickets.models import Tag, Ticket, TicketLink


def test_a_priority_and_a_type_are_chosen_in_the_head(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, "priority", ticket.reference, priority=4)
    assert (answer.status_code, fresh(ticket).priority) == (200, 4)
    assert "Priority: Urgent" in answer.text
    answer = post(desk, "type", ticket.reference, type="incident")
    assert (answer.status_code, fresh(ticket).type) == (200, "incident")
    assert "Type: Incident" in answer.text
    assert answer.text.index('id="head"') < answer.text.index('id="thread"')
    assert 'id="composer"' not in answer.text  # what was typed stays


@pytest.mark.parametrize("priority", ["", "x", "0", "9", "²", "-1", "9" * 5000, "\x00"])
def test_a_priority_nobody_knows_is_refused(desk: Client, ticket: Ticket, priority: str) -> None:
    answer = post(desk, "priority", ticket.reference, priority=priority)
    assert (answer.status_code, fresh(ticket).priority) == (409, 2)
    assert "There is no such priority." in answer.text


def test_a_tag_is_put_on_by_its_name_and_taken_off_at_its_chip(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, "tags", ticket.reference, name="late <b>")
    tag = Tag.objects.get()
    assert f'id="tag-{tag.pk}"' in answer.text
    assert "late &lt;b&gt;" in answer.text
    assert "<b>late" not in answer.text
    answer = post(desk, "tags", ticket.reference, off=tag.pk)
    assert f'id="tag-{tag.pk}"' not in answer.text
    assert "Tag late &lt;b&gt; taken off" in answer.text  # the thread still knows its name


def test_the_brands_other_tags_are_offered(
    desk: Client, ticket: Ticket, agent: Agent, other_brand: Brand
) -> None:
    services.tag(ticket, "mine", by=agent)
    Tag.objects.create(brand=ticket.brand, name="free")
    Tag.objects.create(brand=other_brand, name="theirs")
    answer = desk.get(reverse("desk:tags", args=[ticket.reference]))
    assert 'value="free"' in answer.text
    assert "mine" not in answer.text
    assert "theirs" not in answer.text


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b"])
def test_what_is_no_tag_is_answered_with_a_sentence(desk: Client, ticket: Ticket, name: str) -> None:
    answer = post(desk, "tags", ticket.reference, name=name)
    assert answer.status_code == 422
    assert not Tag.objects.exists()


def test_a_tag_of_another_brand_is_not_there(desk: Client, ticket: Ticket, other_brand: Brand) -> None:
    theirs = Tag.objects.create(brand=other_brand, name="theirs")
    for off in (theirs.pk, "x", "9" * 30):
        assert post(desk, "tags", ticket.reference, off=off).status_code == 404


def test_tickets_are_linked_by_number_and_each_leads_to_the_other(desk: Client, ticket: Ticket) -> None:
    other = make.make_ticket(brand=ticket.brand, subject="The big outage")
    answer = post(desk, "links", ticket.reference, other=other.reference.lower(), kind="incident")
    assert answer.status_code == 200
    assert f"Caused by {other.reference}" in answer.text
    assert f'href="/tickets/{other.reference}/"' in answer.text
    page = desk.get(f"/tickets/{other.reference}/").text
    assert f"Caused {ticket.reference}" in page
    link = TicketLink.objects.get()
    answer = post(desk, "links", other.reference, off=link.pk)
    assert answer.status_code == 200
    assert not TicketLink.objects.exists()
    assert f"No longer: Caused {ticket.reference}" in answer.text


@pytest.mark.parametrize("other", ["", "nothing", "FF-999999", "KL-1"])
def test_a_ticket_one_cannot_see_is_none(
    desk: Client, ticket: Ticket, other_brand: Brand, other: str
) -> None:
    make.make_ticket(brand=other_brand)
    answer = post(desk, "links", ticket.reference, other=other, kind="related")
    assert answer.status_code == (409 if other else 422)
    assert not TicketLink.objects.exists()


def test_a_ring_of_parts_is_refused_in_a_sentence(desk: Client, ticket: Ticket, agent: Agent) -> None:
    other = make.make_ticket(brand=ticket.brand)
    services.link(other, ticket, kind="parent", by=agent)
    answer = post(desk, "links", ticket.reference, other=other.reference, kind="parent")
    assert answer.status_code == 409
    assert f"{other.reference} is itself part of {ticket.reference}." in answer.text


def test_the_link_of_other_tickets_is_not_undone_from_here(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    one, other = (make.make_ticket(brand=ticket.brand) for _ in range(2))
    link = services.link(one, other, kind="related", by=agent)
    assert post(desk, "links", ticket.reference, off=link.pk).status_code == 404
    assert TicketLink.objects.exists()
