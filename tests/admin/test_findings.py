"""The supervisors' pages on what the radar found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Finding, Policy, Reason
from goodwill.services import grant
from tests import make
from tickets.models import Ticket

LIST = "/admin/goodwill/finding/"


def look_at(finding: Finding) -> str:
    return f"{LIST}{finding.pk}/look/"


@pytest.fixture
def signed_in(client: Client, supervisor: Agent) -> Client:
    client.force_login(supervisor)
    return client


@pytest.fixture
def second(brand: Brand) -> Agent:
    return make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Sten Second")


@pytest.fixture
def finding(ticket: Ticket, agent: Agent, late_parcel: Reason) -> Finding:
    request = grant(ticket, 300, by=agent, reason=late_parcel, key="k")
    evidence = {"hits": 6, "of": 20, "expected": 0.4, "peers": 12, "points": 300, "requests": [request.pk]}
    return make.make_finding(agent=agent, brand=ticket.brand, kind="silent", evidence=evidence)


def page_of(client: Client, address: str) -> str:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return " ".join(str(answer.content.decode()).split())


def test_the_list_and_the_row_say_what_was_found_in_words(signed_in: Client, finding: Finding) -> None:
    said = "6 of 20 gifts; by what 12 others do in the same place 0.4 were to be expected."
    for address in (LIST, f"{LIST}{finding.pk}/change/"):
        page = page_of(signed_in, address)
        assert said in page
        assert "Ada Amsel" in page
        assert "&quot;hits&quot;" not in page


def test_the_page_shows_the_tickets_it_rests_on_and_that_it_is_a_question(
    signed_in: Client, finding: Finding, ticket: Ticket
) -> None:
    page = page_of(signed_in, look_at(finding))
    assert "6 of 20 gifts" in page
    assert "A question, not a verdict" in page
    assert f">{ticket.reference}</a>" in page
    assert "Mara Mond" in page
    assert ">300<" in page


def test_it_is_taken_handed_on_and_decided_with_a_note(
    signed_in: Client, finding: Finding, supervisor: Agent, second: Agent
) -> None:
    told: Any = signed_in.post(look_at(finding), {"decision": "take"}, follow=True)
    assert "It is looked into now. Owner: Sol Specht." in told.content.decode()
    signed_in.post(look_at(finding), {"decision": "assign", "to": second.pk})
    finding.refresh_from_db()
    assert (finding.state, finding.owner) == ("looked_into", second)
    signed_in.post(look_at(finding), {"decision": "confirmed", "note": "We have spoken"})
    finding.refresh_from_db()
    assert (finding.state, finding.decided_by, finding.owner) == ("confirmed", supervisor, second)
    page = page_of(signed_in, look_at(finding))
    assert "“We have spoken”" in page
    assert "look_form" not in page


def test_what_is_refused_is_told_and_what_was_typed_stays(
    signed_in: Client, finding: Finding, other_brand: Brand
) -> None:
    elsewhere = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    for fields, sentence in (
        ({"decision": "dismissed", "note": " "}, "Say in a few words why."),
        ({"decision": "guilty", "note": "Typed by hand"}, "A finding is dismissed or confirmed."),
        ({"decision": "assign", "to": ""}, "Choose who looks into it."),
        ({"decision": "assign", "to": "x"}, "Choose who looks into it."),
        ({"decision": "assign", "to": elsewhere.pk}, "Choose who looks into it."),
    ):
        told: Any = signed_in.post(look_at(finding), fields)
        assert sentence in told.content.decode()
        assert f'value="{fields.get("note", "")}"' in told.content.decode()
    finding.refresh_from_db()
    assert (finding.state, finding.owner) == ("open", None)


def test_who_is_concerned_finds_neither_list_nor_page_and_is_offered_to_nobody(
    client: Client, brand: Brand, supervisor: Agent, second: Agent
) -> None:
    third = make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Tea Third")
    evidence = {"there": 8, "back": 7, "approvers": 4, "points": 9, "requests": []}
    both = make.make_finding(
        agent=supervisor, approver=second, brand=brand, kind="each_other", evidence=evidence
    )
    for one in (supervisor, second):
        client.force_login(one)
        assert "8 requests agreed to" not in page_of(client, LIST)
        assert client.get(look_at(both)).status_code == 404
        assert client.post(look_at(both), {"decision": "dismissed", "note": "So"}).status_code == 404
    client.force_login(third)
    page = page_of(client, look_at(both))
    assert "8 requests agreed to one way and 7 the other" in page
    assert f'<option value="{supervisor.pk}">' not in page
    assert f'<option value="{second.pk}">' not in page


def test_names_of_the_queue_and_of_who_merged_and_spent_stand_beside_it(
    signed_in: Client, agent: Agent, brand: Brand, supervisor: Agent
) -> None:
    queue = make.make_queue(brand=brand, name="Returns")
    evidence = {
        "queue": queue.pk, "a_ticket": 60.0, "error": 5.1, "median": 20.0, "spread": 1.5, "peers": 9, "tickets": 100,
    }  # fmt: skip
    above = make.make_finding(agent=agent, brand=brand, kind="above_peers", evidence=evidence)
    assert "The queue is Returns." in page_of(signed_in, look_at(above))
    evidence = {"hits": 1, "merge": 1, "merged_by": supervisor.pk, "entry": 1, "spent_by": None}
    merged = make.make_finding(agent=agent, brand=brand, kind="merged", evidence=evidence)
    assert "Merged by Sol Specht, spent by no agent." in page_of(signed_in, look_at(merged))


def test_fifty_requests_take_as_many_questions_as_one(
    signed_in: Client, finding: Finding, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(signed_in, look_at(finding))
        return len(asked)

    cost()
    few = cost()
    make.make_policy(agent=agent, brand=brand, per_grant=500)
    Policy.objects.update(apart_days=None)
    requests = [
        grant(
            make.make_ticket(customer=make.make_member(brand=brand)),
            50,
            by=agent,
            reason=late_parcel,
            key=f"k{n}",
        )
        for n in range(12)
    ]
    Finding.objects.update(evidence=finding.evidence | {"requests": [one.pk for one in requests]})
    assert cost() == few


def test_the_nights_are_listed(signed_in: Client, brand: Brand) -> None:
    make.make_watch(brand=brand)
    assert "<td" in page_of(signed_in, "/admin/goodwill/watch/")
