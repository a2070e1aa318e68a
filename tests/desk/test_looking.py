"""Who looks at a ticket and who types there: told to whoever may know the ticket, kept for a moment only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent, Brand
from contactcenter import clock, wire
from desk import looking
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Draft, Queue, Ticket

Lookers = dict[str, list[str]]  # of a ticket: who is there


@pytest.fixture(autouse=True)
def _nobody_yet(ticket: Ticket) -> None:
    """Tickets of other tests had the same numbers."""
    wire.ask(lambda client: client.flushdb(), otherwise=None)


@pytest.fixture
def sam(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Sam Okoro")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes over the wire."""
    words: list[str] = []
    publish = wire.publish
    monkeypatch.setattr(wire, "publish", lambda word: (words.append(word), publish(word)))
    return words


def tell(client: Client, **words: Any) -> Lookers:
    """Say it as a tab does; who else is at which ticket, by the words of the ticket's head."""
    html = client.post(reverse("desk:looks"), words).content.decode()
    told = re.findall(r'data-of="(\d+)".*?data-head-looks>(.*?)</div>', html)
    return {ticket: re.findall(r'title="([^"]+)"', head) for ticket, head in told}


def test_each_sees_who_else_looks_and_types_and_not_themselves(
    ticket: Ticket, agent: Agent, sam: Agent
) -> None:
    ana, other, at = signed_in(agent), signed_in(sam), str(ticket.pk)
    assert tell(ana, ticket=at) == {}
    assert tell(other, ticket=at) == {at: ["Ada is looking"]}
    assert tell(ana, ticket=at) == {at: ["Sam is looking"]}
    tell(other, ticket=at, typing="note")
    assert tell(ana, rows=at) == {at: ["Sam is writing a note"]}
    tell(other, ticket=at, typing="reply")
    assert tell(ana, rows=at) == {at: ["Sam is writing a reply"]}
    tell(other, left=at)
    assert tell(ana, ticket=at) == {}


def test_an_unsent_draft_of_who_is_not_there_is_named(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    ana, at = signed_in(agent), str(ticket.pk)
    for text in ("", "Dear Mara"):
        Draft.objects.update_or_create(ticket=ticket, agent=sam, defaults={"kind": "reply", "text": text})
        assert tell(ana, ticket=at) == ({at: ["Sam has not sent what they wrote"]} if text else {})
    assert tell(ana, rows=at) == {}  # in the head only
    tell(signed_in(sam), ticket=at)
    assert tell(ana, ticket=at) == {at: ["Sam is looking"]}


def test_the_others_hear_of_a_change_and_not_of_every_word(
    ticket: Ticket, agent: Agent, said: list[str]
) -> None:
    ana, at = signed_in(agent), str(ticket.pk)
    for words, told in (
        ({"ticket": at}, 1),
        ({"ticket": at}, 0),
        ({"ticket": at, "typing": "note"}, 1),
        ({"ticket": at, "typing": "note"}, 0),
        ({"ticket": at}, 1),
        ({"left": at}, 1),
        ({"left": at}, 0),
    ):
        said.clear()
        tell(ana, **words)
        assert said.count(f"looks {ticket.brand_id} {ticket.pk}") == told, words


def test_what_was_said_a_while_ago_is_over(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    now = clock.now()

    def seen(after: int) -> list[str]:
        there = looking.lookers([ticket.pk], but=agent, at=later(after))
        return [one.types for one in there.get(ticket.pk, [])]

    def later(seconds: int) -> datetime:
        return now + timedelta(seconds=seconds)

    looking.look(ticket.pk, ticket.brand_id, sam, types="note", at=now)
    assert seen(looking.TYPES_SECONDS - 1) == ["note"]
    assert seen(looking.TYPES_SECONDS + 1) == [""]
    assert seen(looking.LOOKS_SECONDS + 1) == []


def test_nobody_tells_or_learns_of_tickets_of_a_brand_they_do_not_serve(
    ticket: Ticket, agent: Agent, other_brand: Brand
) -> None:
    stranger, at = make.make_agent(brands=[other_brand], name="Kim Klee"), str(ticket.pk)
    tell(signed_in(agent), ticket=at)
    theirs = signed_in(stranger)
    assert tell(theirs, ticket=at, rows=at, typing="note") == {}
    assert tell(signed_in(agent), ticket=at) == {}
    tell(theirs, left=at)
    stranger.brands.add(ticket.brand)  # the control
    assert tell(theirs, ticket=at) == {at: ["Ada is looking"]}
    assert tell(signed_in(agent), ticket=at) == {at: ["Kim is looking"]}


@pytest.mark.parametrize("text", ["", "x", "1.5", "9" * 30, "-1", "\x00"])
def test_words_that_name_no_ticket_are_no_error(ticket: Ticket, agent: Agent, text: str) -> None:
    assert tell(signed_in(agent), ticket=text, left=text, rows=f"{text},{text}", typing=text) == {}


def test_without_redis_nothing_is_shown_and_nothing_fails(
    ticket: Ticket, agent: Agent, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire._Wire, "rests_until", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert tell(signed_in(agent), ticket=str(ticket.pk), typing="note") == {}


def test_it_costs_the_same_whether_one_or_many_are_there(
    ticket: Ticket, queue: Queue, agent: Agent, sam: Agent, brand: Brand
) -> None:
    ana = signed_in(agent)

    def cost(tickets: list[Ticket]) -> int:
        rows = ",".join(str(one.pk) for one in tickets)
        with CaptureQueriesContext(connection) as queries:
            ana.post(reverse("desk:looks"), {"ticket": tickets[0].pk, "rows": rows})
        return len(queries)

    looking.look(ticket.pk, brand.pk, sam, types="", at=clock.now())
    one = cost([ticket])
    more = [make.make_ticket(customer=ticket.customer, queue=queue) for _ in range(5)]
    for other in more:
        for who in (sam, make.make_agent(brands=[brand])):
            looking.look(other.pk, brand.pk, who, types="note", at=clock.now())
    assert cost([ticket, *more]) == one


def test_a_row_is_unread_until_one_has_had_it_open_since_the_customer_spoke_last(
    ticket: Ticket, agent: Agent, sam: Agent
) -> None:
    ana, sams = signed_in(agent), signed_in(sam)

    def is_unread(client: Client) -> bool:
        return "is-unread" in client.get(reverse("desk:queue"), {"view": "all"}).content.decode()

    assert (is_unread(ana), is_unread(sams)) == (True, True)
    tell(ana, ticket=str(ticket.pk))
    assert (is_unread(ana), is_unread(sams)) == (False, True)  # read by one is not read by all
    make.hear(ticket, "Still nothing.")
    assert is_unread(ana)
    tell(ana, ticket=str(ticket.pk))
    tell(ana, left=str(ticket.pk))
    assert not is_unread(ana)


def test_no_more_than_the_newest_of_what_one_had_open_is_kept(
    ticket: Ticket, agent: Agent, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "OPENED_KEPT", 3)
    at = clock.now()
    for number in range(5):
        looking.look(number + 1, brand.pk, agent, types="", at=at + timedelta(seconds=number))
    kept = looking.opened(agent, [1, 2, 3, 4, 5])
    assert [bool(kept[pk]) for pk in (1, 2, 3, 4, 5)] == [False, False, True, True, True]
