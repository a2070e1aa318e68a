"""A deed on the desk taken back by its line, and refused once the ticket went on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import tickets.services.undoing
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import fresh, post
from tickets import services
from tickets.models import Ticket, TicketEvent

OFFERED = re.compile(r'hx-post="(/tickets/[^"]+/undo/\d+/)"')


def state(ticket: Ticket) -> dict[str, Any]:
    """All that deeds change of a ticket, its clocks apart."""
    fields = ("status", "assignee", "queue", "priority", "type", "snoozed_until")
    row = Ticket.objects.filter(pk=ticket.pk).values(*fields).get()
    return row | {"tags": set(ticket.tagged.values_list("tag__name", flat=True))}


def offered(answer: Any) -> str:
    (address,) = OFFERED.findall(answer.text)
    return str(address)


DEEDS: dict[str, tuple[str, Callable[[Ticket], dict[str, Any]]]] = {
    "assign": ("assign", lambda ticket: {"to": Agent.objects.get(name="Ben Buchfink").pk}),
    "give back": ("assign", lambda ticket: {"to": ""}),
    "park": ("status", lambda ticket: {"status": "pending"}),
    "resolve": ("status", lambda ticket: {"status": "resolved", "seen": 99}),
    "move": ("move", lambda ticket: {"queue": make.make_queue(brand=ticket.brand).pk}),
    "snooze": ("snooze", lambda ticket: {"until": "tomorrow"}),
    "priority": ("priority", lambda ticket: {"priority": 4}),
    "type": ("type", lambda ticket: {"type": "task"}),
    "tag": ("tags", lambda ticket: {"name": "late"}),
    "untag": ("tags", lambda ticket: {"off": ticket.tagged.get().tag_id}),
}


@pytest.fixture
def worked(ticket: Ticket, agent: Agent, brand: Brand) -> Ticket:
    """The agent has the ticket, open and tagged, and a colleague is there."""
    make.make_agent(brands=[brand], name="Ben Buchfink")
    services.assign(ticket, agent, by=agent)
    services.set_status(ticket, "on_hold", by=agent)
    services.set_status(ticket, "open", by=agent)
    services.tag(ticket, "first", by=agent)
    return fresh(ticket)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_undone_by_its_line_and_a_second_press_changes_nothing(
    desk: Client, worked: Ticket, deed: str
) -> None:
    before = state(worked)
    name, data = DEEDS[deed]
    answer = post(desk, name, worked.reference, **data(worked))
    assert state(worked) != before
    undone = desk.post(offered(answer), {"open": worked.reference})
    assert (undone.status_code, state(worked)) == (200, before)
    assert not OFFERED.findall(undone.text)  # the undoing offers no undoing
    assert 'id="head"' in undone.text
    assert 'id="composer"' not in undone.text  # what was typed stays
    events = TicketEvent.objects.filter(ticket=worked).count()
    assert desk.post(offered(answer), {"open": worked.reference}).status_code == 200
    assert (state(worked), TicketEvent.objects.filter(ticket=worked).count()) == (before, events)


def test_a_new_ticket_resolved_by_mistake_is_open_again(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, "status", ticket.reference, status="resolved", seen=99)
    desk.post(offered(answer), {"open": ticket.reference})
    assert (fresh(ticket).status, fresh(ticket).assignee) == ("open", None)


def test_a_reopening_is_undone_to_the_very_end_it_had(desk: Client, worked: Ticket, agent: Agent) -> None:
    services.resolve(worked, by=agent)
    columns = ("status", "assignee", "resolved_at", "closes_at", "resolved_tier", "due_at")
    ended = Ticket.objects.filter(pk=worked.pk).values(*columns).get()
    answer = post(desk, "status", worked.reference, status="open")
    assert fresh(worked).status == "open"
    for _ in range(2):
        assert desk.post(offered(answer), {"open": worked.reference}).status_code == 200
        assert Ticket.objects.filter(pk=worked.pk).values(*columns).get() == ended
    assert [one.kind for one in worked.events.order_by("-pk")[:2]] == ["resolved", "reopened"]
    assert not worked.clocks.filter(due_at__isnull=False).exists()


@pytest.mark.parametrize("word", ["hear", "note", "reply"])
def test_a_reopening_after_which_somebody_spoke_stays(
    desk: Client, worked: Ticket, agent: Agent, word: str
) -> None:
    services.resolve(worked, by=agent)
    answer = post(desk, "status", worked.reference, status="open")
    if word == "hear":
        make.hear(worked, "It is still not here")
    else:
        getattr(services, word)(worked, "We look", by=agent, key="w")
    refused = desk.post(offered(answer), {"open": worked.reference}, headers={"Refusal-Slot": "#undo"})
    stays = word != "note"  # what the team says to itself is no answer
    assert (refused.status_code, fresh(worked).status == "resolved") == (409 if stays else 200, not stays)
    assert ("The ticket went on since then" in refused.text) is stays


def test_without_the_look_at_what_was_said_a_customers_word_would_be_ended_unseen(
    worked: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets.services.undoing, "_was_said_since", lambda ticket, done: False)
    services.resolve(worked, by=agent)
    services.reopen(worked, by=agent)
    done = TicketEvent.objects.filter(ticket=worked).latest("pk")
    make.hear(worked, "It is still not here")
    services.undo(worked, done.pk, by=agent)
    assert fresh(worked).status == "resolved"  # the harm that the look prevents


@pytest.mark.parametrize(("hours", "comes_back"), [(5, True), (0, False)])
def test_what_was_put_off_is_put_off_again_unless_its_hour_has_come(
    worked: Ticket, agent: Agent, hours: int, comes_back: bool
) -> None:
    until = clock.now() + timedelta(hours=hours, seconds=30)
    services.snooze(worked, until, by=agent, on_thanks=True)
    services.resolve(worked, by=agent)
    assert fresh(worked).snoozed_until is None
    done = TicketEvent.objects.get(ticket=worked, kind="resolved")
    services.undo(worked, done.pk, by=agent, at=clock.now() + timedelta(minutes=1))
    back = fresh(worked)
    assert (back.status, back.snoozed_until) == ("open", until if comes_back else None)
    assert back.wakes_on_thanks


def test_what_went_on_since_is_not_undone(desk: Client, worked: Ticket, agent: Agent) -> None:
    answer = post(desk, "assign", worked.reference, to="")
    colleague = Agent.objects.get(name="Ben Buchfink")
    services.assign(worked, colleague, by=colleague)
    refused = desk.post(offered(answer), {"open": worked.reference}, headers={"Refusal-Slot": "#undo"})
    assert (refused.status_code, fresh(worked).assignee) == (409, colleague)
    assert "The ticket went on since then" in refused.text


def test_without_the_look_at_what_went_on_a_colleagues_deed_would_be_lost(
    worked: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets.services.undoing, "_went_on", lambda ticket, done: False)
    services.assign(worked, None, by=agent)
    done = TicketEvent.objects.filter(ticket=worked).latest("pk")
    colleague = Agent.objects.get(name="Ben Buchfink")
    services.assign(worked, colleague, by=colleague)
    services.undo(worked, done.pk, by=agent)
    assert fresh(worked).assignee == agent  # the harm that the look prevents


def test_another_tag_put_on_meanwhile_does_not_stand_in_the_way(
    desk: Client, worked: Ticket, agent: Agent
) -> None:
    answer = post(desk, "tags", worked.reference, name="late")
    services.tag(worked, "other", by=agent)
    assert desk.post(offered(answer), {"open": worked.reference}).status_code == 200
    assert state(worked)["tags"] == {"first", "other"}


def test_only_ones_own_deed_is_undone_only_soon_and_only_what_has_an_inverse(
    worked: Ticket, agent: Agent, supervisor: Agent
) -> None:
    done = TicketEvent.objects.filter(ticket=worked, kind="tagged").get()
    with pytest.raises(Refused) as refused:
        services.undo(worked, done.pk, by=supervisor)
    assert refused.value.code == "no_undo"
    with pytest.raises(Refused) as refused:
        services.undo(worked, done.pk, by=agent, at=clock.now() + timedelta(minutes=3))
    assert refused.value.code == "too_late"
    with pytest.raises(Refused) as refused:
        services.undo(worked, 2**60, by=agent)
    assert refused.value.code == "no_undo"
    assert state(worked)["tags"] == {"first"}


def test_an_event_of_another_ticket_is_not_undone_there(worked: Ticket, agent: Agent) -> None:
    other = make.make_ticket(brand=worked.brand)
    done = TicketEvent.objects.filter(ticket=worked, kind="tagged").get()
    with pytest.raises(Refused):
        services.undo(other, done.pk, by=agent)


def test_a_colleague_of_another_brand_finds_nothing_to_undo(stranger: Client, worked: Ticket) -> None:
    done = TicketEvent.objects.filter(ticket=worked, kind="tagged").get()
    assert stranger.post(reverse("desk:undo", args=[worked.reference, done.pk])).status_code == 404


def test_who_has_gone_on_to_another_ticket_is_led_back(desk: Client, worked: Ticket) -> None:
    answer = desk.post(offered(post(desk, "assign", worked.reference, to="")), {"open": "FF-999"})
    assert answer.status_code == 204
    assert worked.reference in answer.headers["HX-Location"]


def test_what_a_colleague_did_is_not_offered_to_somebody_else(
    worked: Ticket, supervisor: Agent, desk: Client
) -> None:
    services.set_priority(worked, 4, by=supervisor)
    answer = post(desk, "priority", worked.reference, priority=4)  # it is so already: nothing was done
    assert not OFFERED.findall(answer.text)
    mine = signed_in(supervisor)
    assert OFFERED.findall(post(mine, "priority", worked.reference, priority=4).text)
