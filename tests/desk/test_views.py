"""Views on the desk: kept, opened, counted and taken away; and why the first ticket is the first."""

from __future__ import annotations

from django.test import Client

from agents.models import Agent, Brand
from desk.queue import queue_pane
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.crowds import analyse, crowd
from tests.desk.test_plans import plan, rows_of, statements
from tickets import services
from tickets.models import Queue, SavedView, Ticket

MENU = {"HX-Request": "true", "HX-Target": "view-names"}


def test_an_agent_keeps_a_view_and_opens_it_with_its_count(
    desk: Client, brand: Brand, ticket: Ticket
) -> None:
    kept = {"name": "Soon", "query": "due:<9d", "brand": brand.pk}
    answer = desk.post("/views/keep/", kept)
    view = SavedView.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/?view=v{view.pk}")
    page = desk.get(answer["Location"]).content.decode()
    assert f'id="tab-v{view.pk}"' in page
    assert f'id="count-v{view.pk}">1<' in page
    assert ticket.reference in page
    assert "Soon" in desk.get("/views/", headers=MENU).content.decode()
    assert desk.post(f"/views/{view.pk}/drop/").status_code == 302
    assert (
        ticket.reference not in desk.get(f"/?view=v{view.pk}").content.decode()
    )  # the list of one's own instead


def test_a_view_is_changed_in_its_form_and_stays_for_whom_it_was(
    desk: Client, brand: Brand, agent: Agent
) -> None:
    view = make.make_view(brand=brand, owner=agent, name="Soon", query="due:<9d")
    page = desk.get(f"/views/?change={view.pk}").content.decode()
    assert 'value="due:&lt;9d"' in page
    assert "Change “Soon”" in page
    kept = {"view": view.pk, "brand": brand.pk, "name": "Very soon", "query": "due:<1h", "shared": "all"}
    assert desk.post("/views/keep/", kept)["Location"] == f"/?view=v{view.pk}"
    view.refresh_from_db()
    assert (view.name, view.query, view.owner) == ("Very soon", "due:<1h", agent)
    for other in (make.make_view(brand=brand, owner=make.make_agent(brands=[brand])).pk, 10**12):
        assert desk.post("/views/keep/", kept | {"view": other}).status_code == 404
        assert "Change “" not in desk.get(f"/views/?change={other}").content.decode()
    shared = make.make_view(brand=brand)
    assert desk.post("/views/keep/", kept | {"view": shared.pk}).status_code == 409


def test_what_is_no_view_is_refused_with_the_words_kept_in_the_form(desk: Client, brand: Brand) -> None:
    answer = desk.post(
        "/views/keep/", {"name": "X", "query": "lamp", "brand": brand.pk}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert "A view is made of operators" in answer.content.decode()


def test_a_view_of_somebody_else_opens_as_if_it_were_not_there(
    desk: Client, brand: Brand, supervisor: Agent, ticket: Ticket
) -> None:
    view = make.make_view(brand=brand, owner=supervisor)
    assert ticket.reference not in desk.get(f"/?view=v{view.pk}").content.decode()
    assert desk.post(f"/views/{view.pk}/drop/").status_code == 404
    for broken in ("v", "v0", "vx", "v" + "9" * 30, "v\x00"):
        assert desk.get("/", {"view": broken}).status_code == 200


def test_a_view_is_narrowed_to_a_queue(desk: Client, brand: Brand, queue: Queue, ticket: Ticket) -> None:
    elsewhere = make.make_ticket(customer=ticket.customer, queue=make.make_queue(brand=brand))
    view = make.make_view(brand=brand, query="is:waiting")
    page = desk.get(f"/?view=v{view.pk}&queue={queue.pk}").content.decode()
    assert ticket.reference in page
    assert elsewhere.reference not in page


def test_why_the_first_is_the_first_is_told_with_what_comes_after(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    later = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    services.set_priority(later, Ticket.Priority.URGENT, by=agent)
    words = desk.get("/queue/why/?view=all").content.decode()
    assert f"{later.reference} is due" in words
    assert "255 minutes ahead of that: priority urgent and tier Bronze" in words
    assert f"After it comes {ticket.reference}" in words
    assert "No word of a customer waits" in desk.get("/queue/why/?view=mine").content.decode()


def test_who_has_waited_a_day_is_said_to_be_passed_by_nothing_new(
    desk: Client, brand: Brand, ticket: Ticket
) -> None:
    patient = make.make_queue(brand=brand, reply_minutes=60 * 24 * 5)
    make.make_ticket(customer=ticket.customer, queue=patient)
    words = desk.get(f"/queue/why/?view=all&queue={patient.pk}").content.decode()
    assert "it has waited for a day: nothing new may pass it" in words


def test_the_count_of_a_view_that_fits_few_looks_at_five_thousand_tickets_only(
    own_db: str, brand: Brand, queue: Queue, agent: Agent
) -> None:
    """In a database of its own, where no rows that other tests took back lie about in the table."""
    crowd(queue, make.make_customer(brand=brand).pk, 12_000, agent=agent)
    analyse("tickets_ticket")
    view = make.make_view(brand=brand, query="priority:urgent")
    pane, asked = statements(lambda: queue_pane(agent, view=f"v{view.pk}"), "tickets_ticket")
    assert pane.counts[f"v{view.pk}"] == 0
    (counts,) = [sql for sql in asked if "COUNT(" in sql]
    walked = [node for node in plan(counts) if node.get("Index Name") == "tickets_ticket_open_by_turn"]
    assert walked
    assert all(rows_of(node) <= 5_001 for node in walked)
    assert signed_in(agent).get(f"/?view=v{view.pk}").status_code == 200


def test_choosing_a_queue_changes_the_list_and_what_the_bar_says_and_nothing_else(
    desk: Client, ticket: Ticket
) -> None:
    page = desk.get(f"/tickets/{ticket.reference}/").content.decode()
    asked = f'href="/?view=mine&amp;queue={ticket.queue_id}"'
    assert asked in page[page.index('id="where"') : page.index('id="queue"')]
    headers = {"HX-Request": "true", "HX-Target": "queue"}
    answer = desk.get(f"/?view=all&queue={ticket.queue_id}", headers=headers).content.decode()
    assert ticket.reference in answer
    assert 'id="where" data-menu hx-swap-oob="true" hx-boost="true"' in answer
    assert f'<span class="cut">{ticket.queue.name}</span>' in answer
    assert 'id="conversation"' not in answer
    rows = desk.get("/queue/?view=all", headers={"HX-Request": "true", "HX-Target": "queue-rows"})
    assert 'id="where"' not in rows.content.decode()  # what comes by itself does not shut the menu


def test_tickets_named_beside_a_ticket_open_in_its_place(desk: Client, agent: Agent, ticket: Ticket) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    page = desk.get(f"/tickets/{ticket.reference}/").content.decode()
    timeline = page[page.index('id="timeline"') :]
    link = (
        f'href="/tickets/{other.reference}/" hx-get="/tickets/{other.reference}/" hx-target="#conversation"'
    )
    assert timeline.count(link) == 2  # among what has been, and under *open elsewhere*
