"""The head of a ticket: another queue, and out of sight for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from tests import make
from tests.desk.deeds import fresh, post
from tickets import services
from tickets.models import Ticket


def test_a_ticket_is_moved_to_another_queue_of_its_brand(
    desk: Client, ticket: Ticket, other_brand: Brand
) -> None:
    other, theirs = make.make_queue(brand=ticket.brand, name="Returns"), make.make_queue(brand=other_brand)
    offered = desk.get(reverse("desk:move", args=[ticket.reference])).text
    assert "Returns" in offered
    assert theirs.name not in offered
    assert post(desk, "move", ticket.reference, queue=theirs.pk).status_code == 404
    answer = post(desk, "move", ticket.reference, queue=other.pk)
    assert (answer.status_code, fresh(ticket).queue) == (200, other)
    assert "Moved to another queue" in answer.text


def test_a_ticket_is_put_off_is_out_of_the_list_and_comes_back_at_a_click(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    services.assign(ticket, agent, by=agent)
    answer = post(desk, "snooze", ticket.reference, until="tomorrow", on_thanks="yes")
    assert answer.status_code == 200
    assert "Put off until" in answer.text
    assert fresh(ticket).wakes_on_thanks
    assert ticket.reference not in desk.get(reverse("desk:queue")).text
    answer = post(desk, "snooze", ticket.reference, back="yes")
    assert fresh(ticket).snoozed_until is None
    assert "Back in the queue" in answer.text
    assert ticket.reference in desk.get(reverse("desk:queue")).text


@pytest.mark.parametrize("until", ["", "yesterday", "\x00"])
def test_a_time_that_is_not_offered_is_refused(desk: Client, ticket: Ticket, until: str) -> None:
    answer = post(desk, "snooze", ticket.reference, until=until)
    assert answer.status_code == 409
    assert "Choose one of the times" in answer.text
    assert fresh(ticket).snoozed_until is None


def test_a_closed_ticket_cannot_be_reopened_and_the_next_one_names_it(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    services.resolve(ticket, by=agent)
    services.close_some(at=fresh(ticket).closes_at + timedelta(days=1))
    assert 'id="reopen"' not in desk.get(reverse("desk:ticket", args=[ticket.reference])).text
    following = services.follow_up(fresh(ticket), subject="", channel="mail", key="f")
    page = desk.get(reverse("desk:ticket", args=[following.reference])).text
    assert f"Goes on from {ticket.reference}" in page
