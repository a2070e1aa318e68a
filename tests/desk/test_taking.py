"""Taking the next ticket nobody has: said, undone, and in the list one works from."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from agents.models import Agent
from tests.desk.deeds import fresh, post
from tickets.models import Ticket
from tickets.services import assign


def test_what_was_taken_is_said_and_can_be_undone(desk: Client, agent: Agent, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    answer = desk.post(reverse("desk:take_next") + "?view=all")
    assert answer["Location"] == f"/tickets/{ticket.reference}/?view=all&taken=1"
    page = desk.get(answer["Location"]).content.decode()
    line = page[page.index('id="undo"') :][:700]
    assert "Ada took the ticket" in line
    event = ticket.events.latest("pk")
    assert f'hx-post="{reverse("desk:undo", args=[ticket.reference, event.pk])}"' in line
    post(desk, "undo", ticket.reference, event.pk)
    assert fresh(ticket).assignee is None


def test_where_nobody_has_none_it_is_said_and_the_list_stays(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    assign(ticket, agent, by=agent)
    where = f"?view=all&queue={ticket.queue_id}"
    answer = desk.post(reverse("desk:take_next") + where, follow=True)
    assert answer.redirect_chain == [(f"/{where}", 302)]
    assert "No ticket waits without an owner." in answer.content.decode()


def test_an_empty_list_of_ones_own_offers_the_next_of_nobodys(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    assert "Take the next" in desk.get("/").content.decode()
    assign(ticket, agent, by=agent)
    assert "Take the next <" not in desk.get("/").content.decode()
