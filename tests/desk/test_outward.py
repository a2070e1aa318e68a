from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Brand, Notification
from contactcenter import clock
from customers.models import Customer
from desk.bell import unread_by
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Consult, Message, Survey, Ticket
from tickets.services import acknowledge, answer_survey, hear_expert, note


@pytest.fixture
def desk(agent: Agent) -> Client:
    return signed_in(agent)


def colleague(brand: Brand, handle: str, **fields: Any) -> Agent:
    return make.make_agent(brands=[brand], email=f"{handle}@desk.example", **fields)


def test_a_note_tells_whom_it_names_once_and_marks_the_name(
    desk: Client, ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    ana, sam = colleague(brand, "ana"), colleague(brand, "sam")
    make.make_team(brand=brand, name="Returns desk", agents=[sam, agent])
    colleague(other_brand, "kim")
    text = "@ana and @Returns-desk: write to x@ana.example, see https://a.example/@ana, ask @kim and @nobody. @ana!"
    body = {"key": "d", "kind": "note", "text": text, "seen": 1, "then": "stay"}
    for _ in range(2):
        desk.post(f"/tickets/{ticket.reference}/say/", body, headers={"HX-Request": "true"})
    page = desk.get(f"/tickets/{ticket.reference}/thread/")
    assert {(told.agent, told.kind, told.subject) for told in Notification.objects.all()} == {
        (ana, "mentioned", ticket.reference), (sam, "mentioned", ticket.reference),
    }  # fmt: skip
    assert Message.objects.get(kind="note").mentions == ["ana", "Returns-desk"]
    assert page.text.count("<mark>@ana</mark>") == 2
    assert "<mark>@Returns-desk</mark>" in page.text
    assert "<mark>@kim" not in page.text


def test_the_composer_offers_who_may_be_named(
    desk: Client, ticket: Ticket, brand: Brand, other_brand: Brand
) -> None:
    colleague(brand, "ana", name="Ana Amsel")
    colleague(other_brand, "anders", name="Anders Kilo")
    make.make_team(brand=brand, name="Analysts")
    page = desk.get(f"/tickets/{ticket.reference}/names/", {"q": "an"}).text
    assert 'data-handle="ana"' in page
    assert 'data-handle="analysts"' in page
    assert "anders" not in page


def test_an_expert_is_asked_from_the_ticket_and_answers_beside_it(
    desk: Client, ticket: Ticket, member: Customer
) -> None:
    panel = desk.get(f"/tickets/{ticket.reference}/consult/").text
    assert 'name="show" value="1"' in panel
    body = {
        "key": "d", "address": "tom@customs.example", "name": "Tom", "question": "May we?", "show": "1", "hold": "yes",
    }  # fmt: skip
    page = desk.post(f"/tickets/{ticket.reference}/consult/", body, headers={"HX-Request": "true"})
    assert page.status_code == 200
    consult = Consult.objects.get()
    assert consult.shown == "It should have been here on Monday."
    hear_expert(consult, "Yes, <b>with</b> form 7", key="a")
    page = desk.get(f"/tickets/{ticket.reference}/")
    assert "Yes, &lt;b&gt;with&lt;/b&gt; form 7" in page.text
    assert "The expert has answered" in page.text
    assert page.text.count(f'id="consult-{consult.pk}"') == 1


def test_a_question_is_withdrawn_and_one_of_another_ticket_is_not_there(desk: Client, ticket: Ticket) -> None:
    body = {"key": "d", "address": "tom@customs.example", "question": "May we?"}
    desk.post(f"/tickets/{ticket.reference}/consult/", body)
    consult = Consult.objects.get()
    other = make.make_ticket(customer=ticket.customer)
    assert desk.post(f"/tickets/{other.reference}/consult/{consult.pk}/withdraw/").status_code == 404
    assert desk.post(f"/tickets/{ticket.reference}/consult/{consult.pk}/withdraw/").status_code == 200
    consult.refresh_from_db()
    assert consult.state == "withdrawn"


def test_the_thread_tells_quietly_of_the_automatic_answer_and_of_the_customers_verdict(
    desk: Client, ticket: Ticket
) -> None:
    sender = ticket.customer.contact_points.get(kind="mail").value
    acknowledge(ticket, sender=sender, automatic="", at=clock.now())
    survey = Survey.objects.create(
        brand=ticket.brand, ticket=ticket, queue=ticket.queue, state="asked", resolved_at=clock.now(),
        asked_at=clock.now(),
    )  # fmt: skip
    answer_survey(survey, 1, comment="Nobody <called>")
    page = desk.get(f"/tickets/{ticket.reference}/").text
    assert "Automatic first answer: we reply by" in page
    assert "The customer says: very bad" in page
    assert "Nobody &lt;called&gt;" in page
    told = desk.get(f"/tickets/{ticket.reference}/timeline/?only=survey").text
    assert "very bad" in told
    assert "Nobody &lt;called&gt;" in told


def test_the_bell_counts_what_is_not_read_lists_it_and_is_silent_when_all_is(
    desk: Client, agent: Agent, brand: Brand
) -> None:
    for number in range(3):
        make.make_notification(agent, brand, kind="mentioned", subject=f"FF-{number}")
    make.make_notification(colleague(brand, "ana"), brand, subject="FF-99")
    assert ">3</span>" in desk.get("/bell/").text
    listed = desk.get("/notifications/", headers={"HX-Request": "true"}).text
    assert listed.count("You are named in a note") == 3
    assert "FF-99" not in listed
    last = Notification.objects.filter(agent=agent).latest("pk")
    later = make.make_notification(agent, brand, kind="late", subject="FF-7")
    desk.post("/notifications/", {"up_to": last.pk}, headers={"HX-Request": "true"})
    assert list(Notification.objects.filter(agent=agent).unread()) == [later]
    assert "FF-7" in desk.get("/notifications/").text


def test_many_are_counted_to_a_hundred_and_by_one_question(
    desk: Client, agent: Agent, brand: Brand, django_assert_num_queries: Any
) -> None:
    Notification.objects.bulk_create(
        Notification(agent=agent, brand=brand, kind="late", subject="FF-1", key=f"k{n}") for n in range(120)
    )
    assert "99+" in desk.get("/bell/").text
    with django_assert_num_queries(1):
        unread_by(agent)


def test_what_one_was_told_of_a_brand_one_left_is_not_shown(desk: Client, agent: Agent, brand: Brand) -> None:
    make.make_notification(agent, brand, subject="FF-1")
    agent.brands.clear()
    assert "FF-1" not in desk.get("/notifications/").text


def test_a_note_by_itself_names_nobody(ticket: Ticket, agent: Agent) -> None:
    note(ticket, "Nothing @ all, and a@b.example", by=agent, key="n")
    assert Message.objects.get(kind="note").mentions == []
