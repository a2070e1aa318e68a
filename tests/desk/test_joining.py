"""Merging, taking apart and splitting on the desk, and what other doors say of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from callbacks.services import cancel
from contactcenter.errors import Refused
from desk.lists import version_of
from desk.thread import PAGE, thread_of
from tests import make
from tests.desk.deeds import page_of, thread_now
from tickets.channels.email.send import letter
from tickets.models import Ticket
from tickets.search import search
from tickets.services import link, merge, reply, unmerge


@pytest.fixture
def other(ticket: Ticket) -> Ticket:
    return make.make_ticket(
        customer=ticket.customer, queue=ticket.queue, subject="Zeppelin", text="Where is my airship?"
    )


def post(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"desk:{name}", args=args), data, headers={"HX-Request": "true"})


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("brand", "customer").get(pk=ticket.pk)


def test_the_menu_offers_the_customers_other_tickets_and_takes_a_number(
    desk: Client, ticket: Ticket, other: Ticket
) -> None:
    strange = make.make_ticket(brand=ticket.brand)
    menu = desk.get(reverse("desk:merge_ticket", args=[ticket.reference])).content.decode()
    assert other.reference in menu
    assert strange.reference not in menu
    assert ticket.reference not in menu
    answer = post(desk, "merge_ticket", other.reference, into=f" {ticket.reference.lower()} ")
    assert answer.headers["HX-Redirect"] == reverse("desk:ticket", args=[ticket.reference])
    assert post(desk, "merge_ticket", ticket.reference, into="FF-999999").status_code == 409
    assert (
        "merge the two first"
        in post(desk, "merge_ticket", ticket.reference, into=strange.reference).content.decode()
    )


def test_the_page_of_a_merged_ticket_shows_where_it_went_and_takes_it_apart_again(
    desk: Client, ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    merge(other, ticket, by=agent)
    page = desk.get(reverse("desk:ticket", args=[other.reference])).content.decode()
    assert f'data-ticket="{ticket.reference}"' in page
    assert f"{other.reference} goes on here" in page
    assert "Where is my airship?" in page
    answer = post(desk, "apart", other.reference).content.decode()
    assert "goes on here" not in answer
    assert "was taken out" in answer
    assert (
        f'data-ticket="{other.reference}"'
        in desk.get(reverse("desk:ticket", args=[other.reference])).content.decode()
    )


def test_a_message_is_made_a_ticket_of_its_own_and_leaves_a_mark_where_it_stood(
    desk: Client, ticket: Ticket
) -> None:
    message = make.hear(ticket, "My lamp is broken")
    make.hear(ticket, "Hello?")
    answer = post(desk, "split", message.pk)
    new = Ticket.objects.get(key=f"split:{message.pk}")
    assert answer.headers["HX-Redirect"].endswith("/")
    assert str(new.number) in answer.headers["HX-Redirect"]
    items = thread_now(ticket).items
    assert [item.is_mark for item in items if item.message or item.is_mark] == [False, True, False]
    page = desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()
    assert f"Here stood what became FF-{new.number}" in page
    assert "My lamp is broken" not in page
    assert post(desk, "split", ticket.messages.first().pk).status_code == 409


def test_the_thread_of_both_is_one_in_order_of_time_and_paged_without_gap_or_repeat(
    ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    for number in range(PAGE):
        make.hear((ticket, other)[number % 2], f"word {number}")
    merge(other, ticket, by=agent)
    kept = now(ticket)
    page = thread_now(kept)
    seen = [item.message for item in page.items if item.message]
    while page.earlier:
        page = thread_now(kept, before=page.earlier)
        seen = [item.message for item in page.items if item.message] + seen
    assert [message.pk for message in seen] == list(
        kept.said().order_by("created_at", "pk").values_list("pk", flat=True)
    )
    origins = {item.shown["origin"] for item in thread_now(kept).items if item.shown}
    assert origins == {"", other.reference}


def test_what_happens_on_the_merged_one_is_news_to_the_page(
    ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    call = make.make_callback(ticket=other, by=agent)
    merge(other, ticket, by=agent)
    before = version_of(Ticket.objects.filter(pk=ticket.pk))
    cancel(call, by=agent)
    assert version_of(Ticket.objects.filter(pk=ticket.pk)) != before


def test_one_call_at_a_time_is_promised_on_a_ticket_and_what_went_into_it(
    ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    make.make_callback(ticket=other, by=agent)
    merge(other, ticket, by=agent)
    with pytest.raises(Refused, match="promised on this ticket already"):
        make.make_callback(ticket=now(ticket), by=agent)


def test_its_number_and_its_words_find_the_one_it_went_into(
    ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    merge(other, ticket, by=agent)
    for typed in (other.reference, "airship", "zeppelin", "airship status:new"):
        assert [hit.ticket for hit in search(agent, typed).hits] == [ticket.pk], typed
    (hit,) = search(agent, "airship").hits
    assert "airship" in str(hit.piece)
    assert other.pk not in [hit.ticket for hit in search(agent, "status:closed").hits]
    unmerge(other, by=agent)
    assert [hit.ticket for hit in search(agent, "airship zeppelin").hits] == [other.pk]


def test_links_of_the_merged_one_are_seen_on_the_other(
    desk: Client, ticket: Ticket, other: Ticket, agent: Agent
) -> None:
    third = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    link(other, third, kind="related", by=agent)
    link(other, ticket, kind="related", by=agent)
    merge(other, ticket, by=agent)
    page = desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()
    assert f"Related to {third.reference}" in page
    assert f"Related to {ticket.reference}" not in page


def test_a_ticket_into_which_nothing_went_is_read_with_no_question_more(
    ticket: Ticket, django_assert_num_queries: Any
) -> None:
    page = page_of(ticket)
    with django_assert_num_queries(2):
        thread_of(page.ticket, page.lists)


def test_a_merged_message_is_answered_in_its_mail_thread(ticket: Ticket, other: Ticket, agent: Agent) -> None:
    merge(other, ticket, by=agent)
    message = reply(ticket, "Found it", by=agent, key="r")
    message.ticket = Ticket.objects.select_related("brand", "queue").get(pk=ticket.pk)
    message.message_id = "x@y"
    heard = other.messages.get()
    assert letter(message).extra_headers["In-Reply-To"] == f"<{heard.message_id}>"


def test_split_and_merge_leave_nothing_to_who_serves_another_brand(client: Client, ticket: Ticket) -> None:
    client.force_login(make.make_agent())
    message = make.hear(ticket)
    assert client.post(reverse("desk:split", args=[message.pk])).status_code == 404
    assert client.get(reverse("desk:merge_ticket", args=[ticket.reference])).status_code == 404
    assert not Ticket.objects.exclude(pk=ticket.pk).exists()
