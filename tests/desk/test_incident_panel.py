"""The panel of an incident: how many it hit, asking for all of them, answering, and how far it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent, Brand
from goodwill.models import IncidentGrant, Reason
from goodwill.services import give_out
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import post
from tests.goodwill.hit import an_incident, hit
from tickets.models import Ticket


@pytest.fixture
def incident(brand: Brand, agent: Agent) -> Ticket:
    return an_incident(brand, *(make.make_member(brand=brand) for _ in range(3)), by=agent)


def ask(client: Client, incident: Ticket, reason: Reason, **fields: Any) -> Any:
    return post(
        client, "incident", incident.reference, **({"key": "i1", "reason": reason.pk, "points": 100} | fields)
    )


def step(client: Client, incident: Ticket, name: str) -> Any:
    return post(client, "incident_step", incident.reference, IncidentGrant.objects.get().pk, name)


def panel(client: Client, incident: Ticket) -> str:
    return str(client.get(reverse("desk:incident", args=[incident.reference])).content.decode())


def test_only_the_ticket_of_an_incident_leads_to_the_panel(desk: Client, incident: Ticket) -> None:
    where = reverse("desk:incident", args=[incident.reference])
    pages = {ticket.pk: desk.get(reverse("desk:ticket", args=[ticket.reference])).text for ticket in (
        incident, Ticket.objects.select_related("brand").filter(links__other=incident).earliest("pk"),
    )}  # fmt: skip
    assert [where in page for page in pages.values()] == [True, False]


def test_one_asks_another_agrees_and_the_panel_says_how_far_it_is(
    desk: Client, supervisor: Agent, incident: Ticket, late_parcel: Reason, brand: Brand, agent: Agent
) -> None:
    hit(incident, make.make_customer(brand=brand), by=agent)
    assert "<b>4</b> customers were hit" in panel(desk, incident)
    said = ask(desk, incident, late_parcel, words="Fire").content.decode()
    assert "100 points each for 4 customers, Late parcel, by Ada" in said
    assert "Ask no longer" in said
    assert ">Agree<" not in said
    boss = signed_in(supervisor)
    assert ">Agree<" in panel(boss, incident)
    assert "every 3s" in step(boss, incident, "approve").content.decode()
    give_out()
    done = panel(desk, incident)
    assert "3 given" in done
    assert "1 left out: no member" in done
    assert "every 3s" not in done
    thread = desk.get(reverse("desk:thread", args=[incident.reference])).text
    assert "+100 points each for 4 customers · Late parcel: asked for" in thread
    assert "+100 points each for 3 customers · Late parcel: given" in thread
    hit(incident, make.make_member(brand=brand), by=agent)
    assert "Give it to 1 more" in panel(desk, incident)
    assert "every 3s" in step(desk, incident, "go-on").content.decode()


def test_refusals_stand_in_the_panel(
    desk: Client, supervisor: Agent, incident: Ticket, late_parcel: Reason
) -> None:
    assert ask(desk, incident, late_parcel, points="").status_code == 422
    assert ask(desk, incident, late_parcel).status_code == 200
    answer = ask(desk, incident, late_parcel, key="i2")
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#slot")
    assert step(desk, incident, "approve").status_code == 409
    assert step(desk, incident, "celebrate").status_code == 404
    assert step(desk, incident, "withdraw").status_code == 200
    assert IncidentGrant.objects.get().state == "withdrawn"


def test_the_panel_asks_no_more_however_many_were_hit(
    desk: Client, supervisor: Agent, incident: Ticket, late_parcel: Reason, brand: Brand, agent: Agent
) -> None:
    ask(desk, incident, late_parcel)
    step(signed_in(supervisor), incident, "approve")
    give_out()

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            panel(desk, incident)
        return len(asked)

    hit(incident, make.make_member(brand=brand), by=agent)
    before = cost()
    for _ in range(60):
        hit(incident, make.make_member(brand=brand), by=agent)
    assert cost() == before <= 14
    page = desk.get(reverse("desk:ticket", args=[incident.reference])).text
    assert len(re.findall(r'id="link-\d+"', page)) == 50
