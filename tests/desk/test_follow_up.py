"""The line that proposes a call when a ticket was solved."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from callbacks.models import Callback
from tests import make
from tests.callbacks.test_proposing import be_late
from tests.desk.deeds import fresh, post, say
from tickets import services
from tickets.models import Ticket


@pytest.fixture
def late(ticket: Ticket) -> Ticket:
    be_late(ticket)
    return ticket


def line(desk: Client, ticket: Ticket) -> str:
    return desk.get(reverse("desk:follow_up", args=[ticket.reference])).content.decode()


def test_the_page_of_a_solved_ticket_asks_for_the_proposal_and_shows_it_in_a_line(
    desk: Client, late: Ticket
) -> None:
    asks = f'hx-get="/tickets/{late.reference}/follow-up/"'
    assert asks not in desk.get(f"/tickets/{late.reference}/").content.decode()
    assert line(desk, late).strip() == ""
    answer = post(desk, "status", late.reference, status="resolved", seen=late.message_seq)
    assert asks in answer.content.decode()
    shown = line(desk, late)
    assert "We were late: ask whether all is well now" in shown
    assert 'data-key="y"' in shown


def test_one_press_promises_it_and_the_conversation_hears_of_it(
    desk: Client, agent: Agent, late: Ticket
) -> None:
    services.resolve(late, by=agent)
    answer = post(desk, "follow_up", late.reference, deed="promise")
    assert "Promised." in answer.content.decode()
    assert answer["HX-Trigger"] == "said"
    assert Callback.objects.get().source == "resolved"
    assert line(desk, late).strip() == ""


def test_one_press_declines_it_and_the_conversation_says_who_did(
    desk: Client, agent: Agent, late: Ticket
) -> None:
    services.resolve(late, by=agent)
    assert post(desk, "follow_up", late.reference, deed="decline").content.decode().strip() == ""
    assert not Callback.objects.exists()
    assert "No follow-up call needed" in desk.get(f"/tickets/{late.reference}/").content.decode()


def test_after_resolve_and_next_the_next_ticket_shows_what_is_proposed_on_the_last(
    desk: Client, agent: Agent, late: Ticket
) -> None:
    following = make.make_ticket(customer=late.customer, queue=late.queue)
    services.assign(following, agent, by=agent)
    Ticket.objects.filter(pk=following.pk).update(due_at=make.instant("2026-01-01T00:00:00+00:00"))
    there = f"/tickets/{following.reference}/?view=mine&solved={late.reference}"
    assert there in say(desk, late, then="next")["HX-Location"]
    assert f'hx-get="/tickets/{late.reference}/follow-up/"' in desk.get(there).content.decode()
    assert "follow-up" not in desk.get(f"/tickets/{following.reference}/?solved=%22x").content.decode()


def test_nothing_that_goes_wrong_with_a_proposal_stands_in_the_way_of_solving(
    desk: Client, late: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("callbacks.services.proposal_for", broken)
    monkeypatch.setattr("callbacks.services.proposing.proposal_for", broken)
    assert post(desk, "status", late.reference, status="resolved", seen=late.message_seq).status_code == 200
    assert fresh(late).status == "resolved"


def test_the_tickets_of_another_brand_are_not_there(stranger: Client, late: Ticket) -> None:
    assert stranger.get(reverse("desk:follow_up", args=[late.reference])).status_code == 404
