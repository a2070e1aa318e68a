"""The agent's own page: what is kept, what is refused, and that every page goes by it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from agents.preferences import set_preferences
from contactcenter.errors import Refused
from tests import make
from tickets.models import Ticket

WANTED = {
    "name": "Ana  Petrova", "time_zone": "Asia/Tokyo", "language": "en", "density": "compact", "theme": "dark",
    "sound": "yes",
}  # fmt: skip


def test_what_an_agent_sets_is_kept_and_every_page_of_the_desk_goes_by_it(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    before = desk.get("/").text
    assert 'data-density="compact"' not in before
    assert 'data-keys="off"' not in before
    answer = desk.post(reverse("desk:me"), WANTED)
    assert answer.status_code == 302
    agent.refresh_from_db()
    kept = (agent.name, agent.time_zone, agent.density, agent.theme, agent.keys_on, agent.sound)
    assert kept == ("Ana Petrova", "Asia/Tokyo", "compact", "dark", False, True)
    for address in (
        "/",
        f"/tickets/{ticket.reference}/",
        "/callbacks/",
        "/me/",
        "/notifications/",
        "/search/",
    ):
        page = desk.get(address).text
        head = page[page.index("<html") : page.index("<head")]
        assert 'data-density="compact"' in head, address
        assert 'data-theme="desk-dark"' in head, address
        body = page[page.index("<body") : page.index("<body") + 300]
        assert 'data-keys="off"' in body, address
        assert 'data-sound="on"' in body, address


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "   ", 422),
        ("name", "x" * 81, 409),
        ("time_zone", "Mars/Olympus", 409),
        ("time_zone", "../etc/passwd", 409),
        ("language", "tlh", 409),
        ("density", "huge", 409),
        ("theme", "neon", 409),
    ],
)
def test_what_is_not_offered_is_refused_with_a_sentence_and_nothing_is_kept(
    desk: Client, agent: Agent, field: str, value: str, code: int
) -> None:
    was = Agent.objects.filter(pk=agent.pk).values().get()
    answer = desk.post(reverse("desk:me"), WANTED | {field: value}, headers={"Refusal-Slot": "#me-refusal"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (code, "#me-refusal")
    assert Agent.objects.filter(pk=agent.pk).values().get() == was


def test_nobody_sets_what_is_a_colleagues(agent: Agent) -> None:
    colleague = make.make_agent(brands=list(agent.brands.all()))
    with pytest.raises(Refused, match="somebody else"):
        set_preferences(colleague, by=agent, theme="dark")


def test_the_database_knows_no_other_density_and_no_other_theme(agent: Agent) -> None:
    for column in ("density", "theme"):
        with pytest.raises(IntegrityError, match=f"agents_agent_{column}_known"), transaction.atomic():
            Agent.objects.filter(pk=agent.pk).update(**{column: "other"})


def test_the_button_in_the_bar_keeps_the_theme(desk: Client, agent: Agent) -> None:
    assert desk.post(reverse("desk:theme"), {"theme": "light"}).status_code == 204
    agent.refresh_from_db()
    assert agent.theme == "light"
    assert 'data-theme="desk"' in desk.get("/").text
    assert desk.post(reverse("desk:theme"), {"theme": ""}).status_code == 409


def test_the_page_shows_how_much_of_the_agent_is_taken(desk: Client, agent: Agent, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    page = desk.get("/me/").text
    assert 'id="me-taken">0%' not in page
    assert "/callbacks/" in page
    assert reverse("account_reset_password") in page
