"""A budget of a campaign: which tickets it pays for, before whom, and what becomes of it when it is used up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import tickets.services
from agents.models import Agent, Brand
from contactcenter.errors import Refused
from goodwill.models import Budget, Reason, Request
from goodwill.services import Option, approve, ask, decline, grant, incidents, offer
from tests import make
from tickets.models import Ticket


@pytest.fixture
def spring(ticket: Ticket, agent: Agent) -> Budget:
    """The budget of a campaign in which the ticket is."""
    tag = tickets.services.tag(ticket, "spring", by=agent)
    return make.make_budget(brand=ticket.brand, name="Spring sale", points=600, campaign=tag)


def asked(ticket: Ticket, agent: Agent, reason: Reason, points: int = 50, **more: Any) -> Request:
    return ask(ticket, points, by=agent, reason=reason, key=make.unique(), **more)


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def book(budget: Budget) -> tuple[int, int]:
    budget.refresh_from_db()
    return budget.spent, budget.reserved


def test_of_several_the_incident_pays_before_the_campaign_the_team_and_the_brand(
    ticket: Ticket, agent: Agent, own: Any, generous: Reason, spring: Budget, brand: Brand
) -> None:
    incident = make.make_ticket(brand=brand)
    storm = make.make_budget(brand=brand, name="Storm", incident=incident)
    team = make.make_budget(brand=brand, team=make.make_team(brand=brand, agents=[agent]))
    whole = make.make_budget(brand=brand)
    tickets.services.link(ticket, incident, kind="incident", by=agent)
    last_to_first = []
    for one in (storm, spring, team, whole):
        assert asked(ticket, agent, generous).budget == one
        last_to_first.append(one.title)
        Budget.objects.filter(pk=one.pk).update(ends_at=one.starts_at + (one.ends_at - one.starts_at) / 100)
    assert last_to_first[:2] == [f"Storm ({incident.reference})", "Spring sale (spring)"]
    assert asked(ticket, agent, generous).budget is None


def test_it_pays_for_tickets_that_bear_its_tag_whoever_works_on_them_and_for_no_others(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, spring: Budget, other_brand: Brand
) -> None:
    elsewhere = make.make_ticket(customer=ticket.customer)
    assert asked(elsewhere, agent, generous).budget is None
    assert asked(ticket, supervisor, generous).budget == spring
    stranger = make.make_agent(brands=[other_brand])
    theirs = make.make_ticket(customer=make.make_member(brand=other_brand))
    tickets.services.tag(theirs, "spring", by=stranger)
    assert asked(theirs, stranger, make.make_reason(brand=other_brand)).budget is None
    tickets.services.merge(ticket, elsewhere, by=agent)  # what goes into another ticket brings its tags along
    assert asked(elsewhere, supervisor, generous).budget == spring
    tickets.services.untag(elsewhere, spring.campaign, by=agent)
    assert asked(elsewhere, supervisor, generous).budget is None


def test_a_hard_one_refuses_what_it_has_no_room_for_on_every_way_and_no_other_pays_instead(
    ticket: Ticket, agent: Agent, supervisor: Agent, own: Any, generous: Reason, spring: Budget, brand: Brand
) -> None:
    make.make_budget(brand=brand)  # the brand's has room, and is not asked
    asked(ticket, supervisor, generous, 550)
    assert sum(book(spring)) == 550
    left = {"by": agent, "reason": generous}
    assert code_of(grant, ticket, 51, key="g", **left) == "budget_used_up"
    assert code_of(ask, ticket, 51, key="a", **left) == "budget_used_up"
    assert code_of(offer, ticket, [Option(51), Option()], key="o", text="Sorry", **left) == "budget_used_up"
    hit = make.make_ticket(customer=make.make_member(brand=brand))
    tickets.services.link(hit, ticket, kind="incident", by=agent)
    assert code_of(incidents.ask, ticket, 51, key="i", **left) == "budget_used_up"
    assert grant(ticket, 50, key="k", **left).budget == spring
    assert sum(book(spring)) == 600


def test_what_waits_is_reserved_spent_when_agreed_to_and_free_when_declined(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, spring: Budget
) -> None:
    one = asked(ticket, agent, generous, 590)
    assert (one.state, book(spring)) == ("waiting", (0, 590))
    decline(one, by=supervisor)
    assert book(spring) == (0, 0)
    approve(asked(ticket, agent, generous, 600), by=supervisor)
    assert book(spring) == (600, 0)


def test_a_soft_one_gives_more_and_shows_it(
    ticket: Ticket, agent: Agent, own: Any, generous: Reason, spring: Budget
) -> None:
    Budget.objects.filter(pk=spring.pk).update(is_hard=False)
    assert grant(ticket, 700, by=agent, reason=generous, key="k").state == "posted"
    assert book(spring) == (700, 0)
    assert spring.left == -100


def test_the_panel_and_the_supervisors_pages_say_which_budget_pays(
    client: Client, ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, spring: Budget
) -> None:
    make.make_budget(brand=ticket.brand, name="The whole brand")
    client.force_login(agent)
    panel = client.get(f"/tickets/{ticket.reference}/goodwill/").content.decode()
    assert "Spring sale (spring)" in panel
    assert "The whole brand" not in panel
    client.force_login(supervisor)
    rows = client.get(reverse("admin:goodwill_budget_changelist")).content.decode()
    assert "Spring sale" in rows
    assert "spring" in rows
    assert client.get(reverse("admin:goodwill_budget_add")).content.count(b'name="campaign"')
