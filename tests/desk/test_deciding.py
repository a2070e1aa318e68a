"""A request that waits: answered where it is read, and told to who asked."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Policy, Reason, Request
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import post
from tickets.models import Ticket


@pytest.fixture
def boss(brand: Brand) -> Agent:
    return make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Ruth Rabe")


@pytest.fixture
def waiting(ticket: Ticket, agent: Agent, late_parcel: Reason) -> Request:
    found: Request = goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="asked")
    assert found.state == "waiting"
    return found


def page(client: Client, ticket: Ticket) -> str:
    return client.get(f"/tickets/{ticket.reference}/").content.decode()


def parts(whole: str) -> tuple[str, str]:
    """The conversation and the customer's pane."""
    at = whole.index('id="customer"')
    return whole[:at], whole[at:]


def test_the_line_of_the_conversation_carries_the_answer_for_who_may_give_it(
    boss: Agent, ticket: Ticket, waiting: Request
) -> None:
    client = signed_in(boss)
    thread, pane = parts(page(client, ticket))
    for step in ("approve", "decline"):
        assert (
            f'hx-post="{reverse("desk:goodwill_step", args=[ticket.reference, waiting.pk, step])}"' in thread
        )
    assert "600 points wait for your answer" in pane
    answer = post(client, "goodwill_step", ticket.reference, waiting.pk, "approve")
    waiting.refresh_from_db()
    assert (answer.status_code, waiting.state) == (200, "posted")
    assert "agree-" not in answer.content.decode()
    assert "wait for" not in answer.content.decode()


def test_who_asked_reads_that_it_waits_and_for_whom(
    desk: Client, boss: Agent, ticket: Ticket, waiting: Request
) -> None:
    thread, pane = parts(page(desk, ticket))
    for part in (thread, pane):
        assert "600 points wait for whoever may agree" in part
    assert "agree-" not in thread
    Request.objects.filter(pk=waiting.pk).update(is_urgent=True, asked_of=boss, passes_at=waiting.lapses_at)
    assert all("600 points wait for Ruth Rabe" in part for part in parts(page(desk, ticket)))


def test_whoever_may_not_decide_finds_no_answer_and_is_refused_one(
    brand: Brand, ticket: Ticket, waiting: Request
) -> None:
    client = signed_in(make.make_agent(brands=[brand]))
    assert "agree-" not in page(client, ticket)
    assert post(client, "goodwill_step", ticket.reference, waiting.pk, "approve").status_code in (403, 409)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_an_answer_over_ones_own_limits_is_refused_at_the_line(
    boss: Agent, ticket: Ticket, waiting: Request
) -> None:
    Policy.objects.update(per_grant=100)
    slot = f"#decide-{waiting.pk}-refusal"
    client = signed_in(boss)
    assert f'id="{slot[1:]}"' in page(client, ticket)
    answer = post(client, "goodwill_step", ticket.reference, waiting.pk, "approve", slot=slot)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, slot)


def test_in_the_panel_the_main_key_agrees_while_something_waits(
    boss: Agent, desk: Client, ticket: Ticket, waiting: Request
) -> None:
    where = reverse("desk:goodwill", args=[ticket.reference])
    assert 'data-decides data-key="mod+enter"' in signed_in(boss).get(where).content.decode()
    assert "data-decides" not in desk.get(where).content.decode()
    goodwill.services.decline(waiting, by=boss)
    assert "data-decides" not in signed_in(boss).get(where).content.decode()
