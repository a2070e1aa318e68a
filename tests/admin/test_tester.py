"""The page that tries out policies: for tickets, agents and reasons of one's own brands, in so many questions."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from goodwill.models import Policy, Reason, Request
from goodwill.services import grant
from tests import make
from tickets.models import Ticket

ADDRESS = "/admin/goodwill/policy/try/"


@pytest.fixture
def asked(ticket: Ticket, agent: Agent, generous: Reason) -> dict[str, Any]:
    return {"agent": agent.email, "to": ticket.reference, "reason": generous.pk, "points": 700}


@pytest.fixture
def generous(brand: Brand) -> Reason:
    return make.make_reason(brand=brand, min_points=1, max_points=100_000)


def page_of(client: Client, asked: dict[str, Any]) -> str:
    answer: Any = client.get(ADDRESS, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_supervisor_reads_why_not_and_who_could_agree(
    client: Client, supervisor: Agent, asked: dict[str, Any]
) -> None:
    client.force_login(supervisor)
    assert "Who could agree" not in page_of(client, {})
    page = page_of(client, asked)
    assert "Not alone: somebody has to agree that Ada Amsel gives 700 points to Mara Mond." in page
    assert "At most 500 points at once. Ask for approval." in page
    assert "<strong>Sol Specht</strong>" in page
    assert "None is set, so none is asked." in page
    assert "Yes: Ada Amsel may give 500 points" in page_of(client, asked | {"points": 500})
    assert Request.objects.count() == 0


def test_a_customer_is_named_by_account_or_mail_and_their_newest_ticket_is_taken(
    client: Client, supervisor: Agent, ticket: Ticket, asked: dict[str, Any]
) -> None:
    newest = make.make_ticket(customer=ticket.customer)
    mail = ticket.customer.contact_points.get(kind="mail").value
    client.force_login(supervisor)
    for named in (mail.upper(), ticket.customer.account.number):
        page = page_of(client, asked | {"to": named})
        assert newest.reference in page
        assert "Not alone" in page


def test_what_the_budget_leaves_is_told(
    client: Client, supervisor: Agent, asked: dict[str, Any], brand: Brand
) -> None:
    make.make_budget(brand=brand, points=1200, name="March")
    client.force_login(supervisor)
    assert "March: 1,200 points left, 500 after it." in page_of(client, asked)
    assert "No: Ada Amsel may not give" in page_of(client, asked | {"points": 1201})


def test_a_voucher_is_tried_out_by_what_it_is_worth_and_an_order_is_named(
    client: Client, supervisor: Agent, asked: dict[str, Any], ticket: Ticket, brand: Brand, generous: Reason
) -> None:
    shipping = make.make_reward(brand=brand, name="Free shipping", points=400)
    order = make.make_order(customer=ticket.customer)
    Reason.objects.filter(pk=generous.pk).update(needs_order=True)
    client.force_login(supervisor)
    voucher = asked | {"points": "", "gift": f"reward-{shipping.pk}"}
    assert "name the order it is about" in page_of(client, voucher)
    page = page_of(client, voucher | {"order": order.number})
    assert "Yes: Ada Amsel may give Free shipping, worth 400 points, to Mara Mond now." in page
    strange = make.make_reward(name="Of another brand")
    for more, sentence in (
        ({"order": make.make_order().number}, "There is no such order."),
        ({"gift": ""}, "Say how many points, or what is given instead."),
        ({"gift": f"reward-{strange.pk}"}, "Select a valid choice."),
    ):
        assert sentence in page_of(client, voucher | more)
    assert Request.objects.count() == 0


def test_what_is_of_another_brand_is_not_there(
    client: Client, agent: Agent, asked: dict[str, Any], other_brand: Brand
) -> None:
    stranger = make.make_agent(role="supervisor", brands=[other_brand])
    own = {
        "agent": stranger.email,
        "to": make.make_ticket(customer=make.make_member(brand=other_brand)).reference,
        "reason": make.make_reason(brand=other_brand).pk,
    }
    client.force_login(stranger)
    assert "may" in page_of(client, asked | own)
    for one, sentence in (
        ("agent", "There is no such agent."),
        ("to", "There is no such ticket"),
        ("reason", "That choice is not one of the available choices."),
    ):
        page = page_of(client, asked | own | {one: asked[one]})
        assert sentence in page
        assert "Ada Amsel" not in page
        assert "Mara Mond" not in page
    client.force_login(agent)
    assert client.get(ADDRESS, asked).status_code == 302


@pytest.mark.parametrize("points", ["", "x", "-1", "0", "99999999999999999999", "\x00"])
def test_what_is_no_number_of_points_is_told_at_its_field(
    client: Client, supervisor: Agent, asked: dict[str, Any], points: str
) -> None:
    client.force_login(supervisor)
    page = page_of(client, asked | {"points": points, "to": "\x00' OR 1=1"})
    assert "points_error" in page
    assert "Limits" not in page


def test_more_grants_tickets_and_policies_ask_no_more(
    client: Client, supervisor: Agent, agent: Agent, ticket: Ticket, asked: dict[str, Any], generous: Reason
) -> None:
    client.force_login(supervisor)

    def questions() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(client, asked)
        return len(queries)

    few = questions()
    Policy.objects.update(grants_customer_90=99)
    for number in range(5):
        grant(make.make_ticket(customer=ticket.customer), 1, by=supervisor, reason=generous, key=f"k{number}")
        make.make_policy(
            agent=agent, brand=ticket.brand, starts_at=make.instant(f"202{number}-02-01T00:00:00+00:00")
        )
    assert questions() <= few
