"""Calls as calendars read them: the file of a letter, and an agent's own calendar at a secret address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

import agents.services
from agents.models import Agent, Brand, Token
from callbacks import feeds, services
from callbacks.calendars import CANCEL, PUBLISH, Appointment, file_of
from callbacks.links import FEED
from callbacks.models import Callback
from contactcenter import clock, links
from customers.models import Customer
from tests import make
from tickets.models import Ticket

START = datetime(
    2026, 10, 25, 0, 30, tzinfo=UTC
)  # the clock in Berlin shows half past two, and does so again
ENTRY = Appointment(
    number=7, sequence=3, start=START, end=START + timedelta(hours=1), changed=START - timedelta(days=1),
    title="Call, by “Fern”; or\nnot", organiser="help@ff.example", organiser_name="Fern & Feather",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_knocked() -> None:
    caches["throttle"].clear()


@pytest.fixture
def path(agent: Agent) -> str:
    return urlsplit(feeds.renew(agent)).path


def events(text: bytes) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


@pytest.mark.parametrize(("method", "status"), [(PUBLISH, "CONFIRMED"), (CANCEL, "CANCELLED")])
def test_a_file_holds_the_call_as_the_standard_says(method: str, status: str) -> None:
    text = file_of(ENTRY, method=method)
    calendar = Calendar.from_ical(text)
    assert (calendar["METHOD"], calendar["VERSION"]) == (method, "2.0")
    (event,) = events(text)
    assert str(event["UID"]).startswith("callback-7@")
    assert (event["SEQUENCE"], event["STATUS"], event["SUMMARY"]) == (3, status, ENTRY.title)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (ENTRY.start, ENTRY.end)
    assert b"DTSTART:20261025T003000Z\r\n" in text
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_the_feed_shows_the_agents_own_open_calls_without_a_word_of_the_customer(
    path: str, client: Client, agent: Agent, member: Customer, ticket: Ticket
) -> None:
    mine = make.make_callback(ticket=ticket, by=agent, reason="Angry")
    make.make_callback(customer=member, by=make.make_agent(brands=[member.brand]))
    services.cancel(make.make_callback(customer=member, by=agent), by=agent)
    Callback.objects.filter(pk=make.make_callback(customer=member, by=agent).pk).update(
        window_from=clock.now() + timedelta(days=91), window_to=clock.now() + timedelta(days=92)
    )
    page = client.get(path)
    assert page["Content-Type"].startswith("text/calendar")
    (event,) = events(page.content)
    assert event.decoded("DTSTART") == mine.window_from
    assert ticket.reference in event["SUMMARY"]
    assert f"/callbacks/{mine.pk}/" in event["URL"]
    for words in ("Angry", member.name, "+493012345678"):
        assert words not in page.text


def test_a_moved_call_has_a_higher_sequence(
    path: str, client: Client, agent: Agent, member: Customer
) -> None:
    mine = make.make_callback(customer=member, by=agent)
    (before,) = events(client.get(path).content)
    services.move(mine, make.next_day(member.zone, days=4), by=agent, key="m")
    (after,) = events(client.get(path).content)
    assert (after["UID"], after["SEQUENCE"] > before["SEQUENCE"]) == (before["UID"], True)


def test_what_has_not_changed_is_not_sent_again(
    path: str, client: Client, agent: Agent, member: Customer
) -> None:
    make.make_callback(customer=member, by=agent)
    etag = client.get(path)["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    make.make_callback(customer=member, by=agent)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_only_brands_that_are_still_served_are_shown(
    path: str, client: Client, agent: Agent, member: Customer, other_brand: Brand
) -> None:
    make.make_callback(customer=member, by=agent)
    agent.brands.set([other_brand])
    assert events(client.get(path).content) == []


def test_a_renewed_or_revoked_address_and_one_of_an_agent_who_left_open_nothing(
    path: str, client: Client, agent: Agent
) -> None:
    assert urlsplit(feeds.address_of(agent)).path == path
    second = urlsplit(feeds.renew(agent)).path
    assert (client.get(path).status_code, client.get(second).status_code) == (404, 200)
    Agent.objects.update(is_active=False)
    assert client.get(second).status_code == 404
    Agent.objects.update(is_active=True)
    feeds.revoke(agent)
    assert (client.get(second).status_code, feeds.address_of(agent)) == (404, "")


def test_supervisors_may_revoke_it_where_they_revoke_other_tokens(
    path: str, client: Client, owner: Agent
) -> None:
    agents.services.revoke_token(Token.objects.get(), by=owner)
    assert client.get(path).status_code == 404


def test_a_key_to_the_api_opens_no_calendar_and_the_reverse(path: str, client: Client, agent: Agent) -> None:
    token, _secret = agents.services.issue_token(agent, name="till", scopes=["callbacks:read"])
    until = clock.now() + timedelta(days=1)
    word = links.token(FEED, brand=0, subject=token.pk, until=until)
    assert client.get(f"/calendar/{word}.ics").status_code == 404
    assert Token.objects.get(scopes=[agents.services.CALENDAR]).scopes == ["calendar"]


@pytest.mark.parametrize("word", ["made-up", "0.1.4102444800~x", "x" * 5000, "%00"])
def test_what_is_no_address_of_ours_opens_nothing(client: Client, word: str, db: None) -> None:
    assert client.get(f"/calendar/{word}.ics").status_code == 404


def test_it_is_only_read_and_not_too_often(path: str, client: Client, settings: Any) -> None:
    assert client.post(path).status_code == 405
    caches["throttle"].clear()
    settings.LINK_RATE = "2/min"
    assert [client.get(path).status_code for _try in range(3)] == [200, 200, 429]


def test_it_costs_the_same_whatever_is_on_file(
    path: str, client: Client, agent: Agent, member: Customer
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        return len(seen)

    make.make_callback(customer=member, by=agent)
    queries()  # notes the use
    before = queries()
    for days in range(2, 6):
        make.make_callback(customer=member, by=agent, window=make.next_day(member.zone, days=days))
    assert queries() == before <= 4
