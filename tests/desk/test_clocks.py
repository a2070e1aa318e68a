"""Two clocks on one page: the agent's and the customer's. And the middleware that sets the first."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.middleware import agents_own_time_and_language
from customers.models import Customer
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Queue, Ticket

BROKEN = ["Mars/Olympus", "", "Europe", "../../etc/passwd", "/etc/localtime", "UTC ", "\u202eUTC"]


@pytest.fixture
def tokyo(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Aki Abe", time_zone="Asia/Tokyo")


@pytest.fixture
def call(tokyo: Agent, brand: Brand, queue: Queue) -> Callback:
    """Promised by an agent in Tokyo to a customer in São Paulo, for ten o'clock there."""
    customer = make.make_customer(
        brand=brand, name="Rui", time_zone="America/Sao_Paulo", phone="+5511961234567"
    )
    ticket = make.make_ticket(customer=customer, queue=queue)
    return make.make_callback(ticket=ticket, by=tokyo, window=make.next_day("America/Sao_Paulo", 10, days=3))


def test_a_promise_is_shown_on_both_clocks(tokyo: Agent, call: Callback) -> None:
    content = signed_in(tokyo).get(f"/callbacks/{call.pk}/").content.decode()
    day = call.window_from.astimezone(ZoneInfo("America/Sao_Paulo"))
    assert f"{day:%a} {day.day} {day:%b}, 10:00–11:00 in Sao Paulo" in content
    assert "22:00–23:00 your time" in content  # ten in the morning there is ten at night here
    assert f"{clock.now().astimezone(ZoneInfo('America/Sao_Paulo')):%H:}" in content


def test_the_windows_of_a_day_are_the_customers_hours_with_the_agents_beside(
    tokyo: Agent, call: Callback
) -> None:
    day = (clock.now().astimezone(ZoneInfo("America/Sao_Paulo")) + timedelta(days=2)).date()
    content = signed_in(tokyo).get(f"/tickets/{call.ticket.reference}/callback/?day={day}").content.decode()
    for hour in range(8, 21):
        here = make.next_day("America/Sao_Paulo", hour, days=2)[0].astimezone(ZoneInfo("Asia/Tokyo"))
        assert f'value="{here.isoformat()}/{(here + timedelta(hours=1)).isoformat()}"' in content
        assert f"{hour:02d}:00–{hour + 1:02d}:00" in content
    assert "20:00–21:00" in content  # eight in the morning of the customer, on the agent's clock


def test_from_every_day_one_gets_to_the_next_one(tokyo: Agent, call: Callback) -> None:
    desk, day = signed_in(tokyo), clock.now().date() + timedelta(days=2)
    for where in (f"/tickets/{call.ticket.reference}/callback/", f"/callbacks/{call.pk}/windows/"):
        content = desk.get(where, {"day": str(day)}).content.decode()
        assert content.count('id="day-') == 4
        assert content.count(f'hx-get="{where}?day=') == 5  # the list itself follows owner and team
        assert f'hx-get="{where}" hx-trigger="change"' in content


WINDOW = Template("{% load desk %}{% window start end zone %} | {% hours start end %}")


@pytest.mark.parametrize(
    ("start", "zone", "reads"),
    [
        ("2026-03-28T09:00:00+00:00", "Europe/Berlin", "Sat 28 Mar, 10:00–11:00 in Berlin | 18:00–19:00"),
        ("2026-03-29T09:00:00+00:00", "Europe/Berlin", "Sun 29 Mar, 11:00–12:00 in Berlin | 18:00–19:00"),
        ("2026-03-29T00:30:00+00:00", "Europe/Berlin", "Sun 29 Mar, 01:30–03:30 in Berlin | 09:30–10:30"),
        ("2026-10-25T00:30:00+00:00", "Europe/Berlin", "Sun 25 Oct, 02:30–02:30 in Berlin | 09:30–10:30"),
        ("2026-10-25T09:00:00+00:00", "Europe/Berlin", "Sun 25 Oct, 10:00–11:00 in Berlin | 18:00–19:00"),
        (
            "2026-12-31T23:30:00+00:00",
            "America/Sao_Paulo",
            "Thu 31 Dec, 20:30–21:30 in Sao Paulo | 08:30–09:30",
        ),
    ],
)
def test_a_window_reads_right_on_both_clocks_on_the_days_the_clocks_change(
    start: str, zone: str, reads: str
) -> None:
    begin = make.instant(start)
    with timezone.override("Asia/Tokyo"):
        shown = WINDOW.render(Context({"start": begin, "end": begin + timedelta(hours=1), "zone": zone}))
    assert shown == reads


def test_the_days_of_a_conversation_begin_at_the_agents_midnight(brand: Brand, queue: Queue) -> None:
    ticket = make.make_ticket(
        customer=make.make_customer(brand=brand), queue=queue, at=make.instant("2026-11-10T14:59:00+00:00")
    )
    make.hear(ticket, at=make.instant("2026-11-10T15:01:00+00:00"))
    for zone, days in [
        ("Asia/Tokyo", ["Tuesday 10 November", "Wednesday 11 November"]),
        ("UTC", ["Tuesday 10 November"]),
    ]:
        client = signed_in(make.make_agent(brands=[brand], time_zone=zone))
        content = client.get(f"/tickets/{ticket.reference}/thread/").content.decode()
        assert re.findall(r'class="d-day"[^>]*>([^<]*)<', content) == days


@pytest.mark.parametrize("zone", BROKEN)
def test_a_zone_nobody_knows_breaks_no_page_of_its_agent_or_customer(
    zone: str, brand: Brand, agent: Agent, member: Customer, queue: Queue
) -> None:
    ticket = make.make_ticket(customer=member, queue=queue)
    make.make_callback(ticket=ticket, by=agent)
    Agent.objects.filter(pk=agent.pk).update(time_zone=zone)
    Customer.objects.filter(pk=member.pk).update(time_zone=zone)
    desk = signed_in(agent)
    for page in ("/", "/callbacks/", "/tickets/{}/", "/tickets/{}/callback/", "/tickets/{}/customer/"):
        assert desk.get(page.format(ticket.reference)).status_code == 200, page
    member.refresh_from_db()
    assert member.zone == "Europe/Berlin"  # the brand's
    Brand.objects.filter(pk=brand.pk).update(time_zone=zone)
    assert Customer.objects.get(pk=member.pk).zone == "UTC"
    assert desk.get(f"/tickets/{ticket.reference}/callback/").status_code == 200


@pytest.mark.parametrize("language", ["en", "en-gb", "fr", "xx", "", "../..", "e\u0301"])
def test_a_language_the_house_does_not_speak_breaks_no_page(
    language: str, ticket: Ticket, agent: Agent
) -> None:
    Agent.objects.filter(pk=agent.pk).update(language=language)
    answer = signed_in(agent).get(f"/tickets/{ticket.reference}/")
    assert answer.status_code == 200
    assert "€10.00" in answer.content.decode()


def through(user: Any) -> tuple[str, str]:
    """The zone and the language that a page is made in."""
    seen: list[tuple[str, str]] = []

    def page(request: Any) -> HttpResponse:
        seen.append((timezone.get_current_timezone_name(), translation.get_language()))
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = user
    agents_own_time_and_language(page)(request)
    return seen[0]


def test_a_page_is_made_in_the_agents_own_zone_and_language_and_the_next_is_not(tokyo: Agent) -> None:
    before = (timezone.get_current_timezone_name(), translation.get_language())
    assert through(tokyo) == ("Asia/Tokyo", "en")
    assert (timezone.get_current_timezone_name(), translation.get_language()) == before


def test_a_visitor_gets_the_houses_zone(client: Client, db: None) -> None:
    assert through(AnonymousUser())[0] == "UTC"
    assert client.get("/", follow=True).status_code == 200


def test_a_page_that_fails_leaves_no_zone_behind(tokyo: Agent) -> None:
    def page(request: Any) -> HttpResponse:
        raise LookupError

    request = RequestFactory().get("/")
    request.user = tokyo
    with pytest.raises(LookupError):
        agents_own_time_and_language(page)(request)
    assert timezone.get_current_timezone_name() == "UTC"
