"""The windows on the desk: what stands against each, and whose time is looked at."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from callbacks.models import CallbackPolicy
from customers.services import record_consent
from tests import make
from tickets.models import Ticket

AFTER_TOMORROW = 2


def shown(client: Client, path: str, **asked: object) -> dict[str, str]:
    """By its local hour, what stands beside each window of the day after tomorrow."""
    day = make.next_day("Europe/Berlin", days=AFTER_TOMORROW)[0].date().isoformat()
    content = client.get(path, {"day": day} | asked).content.decode()
    rows = re.findall(r'<label class="d-slot.*?<b>(.*?)</b>.*?<span>([^<]*)</span></label>', content)
    return {hours[:5]: beside for hours, beside in rows}


@pytest.fixture
def panel(ticket: Ticket) -> str:
    return reverse("desk:promise", args=[ticket.reference])


def fill(agent: Agent, brand: Brand, count: int, **fields: object) -> None:
    window = make.next_day("Europe/Berlin", 15, days=AFTER_TOMORROW)
    for _ in range(count):
        make.make_callback(customer=make.make_customer(brand=brand), by=agent, window=window, **fields)


def test_a_window_that_cannot_be_promised_says_why(
    desk: Client, agent: Agent, brand: Brand, panel: str
) -> None:
    fill(agent, brand, 4)
    beside = shown(desk, panel)
    assert [beside[hour] for hour in ("07:00", "14:00", "15:00", "21:00")] == [
        "quiet hours", "free", "full", "quiet hours",
    ]  # fmt: skip


def test_the_agents_day_is_named_where_it_is_another(
    desk: Client, agent: Agent, ticket: Ticket, panel: str
) -> None:
    ticket.customer.time_zone, agent.time_zone = "America/Los_Angeles", "Europe/Berlin"
    ticket.customer.save(update_fields=["time_zone"])
    agent.save(update_fields=["time_zone"])
    day = make.next_day("America/Los_Angeles", days=AFTER_TOMORROW)[0].date()
    content = desk.get(panel, {"day": day.isoformat()}).content.decode()
    beside = dict(re.findall(r"<b>(\d\d:00)–\d\d:00</b><span class=\"muted\">([^<]*)</span>", content))
    following = f"{day + timedelta(days=1):%a}"
    assert beside["10:00"] in ("19:00–20:00", "18:00–19:00")
    assert beside["19:00"] in (f"{following} 04:00–05:00", f"{following} 03:00–04:00")


def test_who_wants_no_calls_is_greyed_all_day(desk: Client, ticket: Ticket, panel: str) -> None:
    record_consent(ticket.customer, "calls", given=False, source="letter")
    assert set(shown(desk, panel).values()) == {"no calls wanted"}


def test_the_time_looked_at_is_that_of_who_is_chosen(
    desk: Client, agent: Agent, supervisor: Agent, brand: Brand, panel: str
) -> None:
    team = make.make_team(brand=brand, agents=[supervisor])
    fill(agent, brand, 4)
    assert shown(desk, panel, owner=agent.pk)["15:00"] == "full"
    assert shown(desk, panel, owner=supervisor.pk)["15:00"] == "free"
    assert shown(desk, panel, owner="", team=team.pk)["15:00"] == "free"
    assert shown(desk, panel, owner="x", team="", contact_point="9" * 30)["15:00"] == "full"
    fill(supervisor, brand, 4)
    assert shown(desk, panel, owner="", team=team.pk)["15:00"] == "full"


def test_the_wait_that_is_expected_stands_beside_a_free_window(
    desk: Client, agent: Agent, brand: Brand, panel: str
) -> None:
    CallbackPolicy.objects.create(brand=brand, per_quarter=2)
    fill(agent, brand, 3)
    beside = shown(desk, panel)
    assert (beside["14:00"], beside["15:00"]) == ("free", "waits 3 min")


def test_a_promise_that_is_moved_leaves_its_own_place(desk: Client, agent: Agent, brand: Brand) -> None:
    fill(agent, brand, 3)
    window = make.next_day("Europe/Berlin", 15, days=AFTER_TOMORROW)
    mine = make.make_callback(
        customer=make.make_customer(brand=brand, time_zone="Europe/Berlin"), by=agent, window=window
    )
    assert shown(desk, reverse("desk:callback_windows", args=[mine.pk]))["15:00"] != "full"


def test_the_panel_opens_on_the_first_day_with_a_free_window(
    desk: Client, agent: Agent, brand: Brand, panel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = make.next_day("Europe/Berlin", 21)[0]  # after the last hour of that day
    monkeypatch.setattr("contactcenter.clock.now", lambda: now)
    content = desk.get(panel).content.decode()
    chosen = re.findall(r'<button type="button" id="(day-\d)"[^>]*aria-current="true"', content)
    assert chosen == ["day-2"]
    assert "free" in content
    asked = desk.get(panel, {"day": now.date().isoformat()}).content.decode()
    assert 'id="day-1"' in asked
    assert ">free<" not in asked


def test_each_window_says_what_the_customer_will_read(desk: Client, panel: str) -> None:
    day = make.next_day("Europe/Berlin", days=AFTER_TOMORROW)[0].date()
    content = desk.get(panel, {"day": day.isoformat()}).content.decode()
    assert 'data-told="We call you {when}."' in content
    assert re.search(r'data-when="[^"]*, 14:00–15:00 in Berlin"', content)
