"""The one table of keys: nothing is bound that it does not have, nothing in it is bound twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from agents.models import Agent
from desk.keys import PAGES, TABLE, WRITING, by_group
from tests import make
from tickets import services
from tickets.models import Ticket

SINGLE = [
    "j",
    "k",
    "o",
    "r",
    "n",
    "a",
    "s",
    "t",
    "g",
    "b",
    "d",
    "e",
    "z",
    "?",
]  # point 3 of the drawing of the desk
TEMPLATES = Path(settings.BASE_DIR, "templates")
SCRIPTS = Path(settings.BASE_DIR, "static", "desk")
# Answered by scripts: what each says to the key it gets.
BY_SCRIPT = {
    "j": '"j", "k", "o"',
    "k": '"j", "k", "o"',
    "o": '"j", "k", "o"',
    "v": '!== "v"',
    "escape": '=== "escape"',
}


def test_every_single_key_of_the_drawing_is_in_the_table() -> None:
    assert set(SINGLE) <= {key.keys for key in TABLE.values()}


def test_every_single_key_of_the_drawing_is_bound_on_the_page_of_a_ticket(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    page = desk.get(f"/tickets/{ticket.reference}/").text
    bound = {key for keys in re.findall(r'data-key="([^"]*)"', page) for key in keys.split()}
    scripts = "".join(path.read_text() for path in SCRIPTS.glob("*.js"))
    for key in SINGLE:
        assert key in bound or BY_SCRIPT[key] in scripts, key
    assert bound <= {one for key in TABLE.values() for one in key.keys.split()}


def test_what_a_script_answers_is_answered_by_one() -> None:
    scripts = "".join(path.read_text() for path in SCRIPTS.glob("*.js"))
    for key in TABLE.values():
        if key.by_script:
            assert BY_SCRIPT[key.keys] in scripts, key.keys


def test_no_template_binds_a_key_that_the_table_does_not_have() -> None:
    known = {one for key in TABLE.values() for one in key.keys.split()}
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        names = re.findall(r"{% (?:key|cap) ([^%]*) %}", text)
        assert {name.strip("'\"") for found in names for name in found.split()} <= set(TABLE), path
        literal = {one for keys in re.findall(r'data-key="([^"{]+)"', text) for one in keys.split()}
        assert literal <= known, path


@pytest.mark.parametrize("page", PAGES)
def test_on_one_page_no_key_means_two_things(page: tuple[object, ...]) -> None:
    bound = [one for key in TABLE.values() if key.where in page for one in key.keys.split()]
    assert len(bound) == len(set(bound))


def test_no_key_of_the_desk_is_typed_letters_while_one_writes() -> None:
    for key in TABLE.values():
        if key.where is WRITING and key is not TABLE["macro"]:
            assert key.keys.startswith(("mod+", "alt+"))


def test_the_sheet_prints_the_whole_table_in_groups(desk: Client) -> None:
    sheet = desk.get("/keys/").text
    for group, keys in by_group():
        assert escape(str(group)) in sheet
        for key in keys:
            assert escape(str(key.does)) in sheet
    assert sheet.count("<dt>") == len(TABLE)
    assert "Single keys are off" not in sheet


def test_the_sheet_says_that_single_keys_are_off(desk: Client, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(keys_on=False)
    assert "Single keys are off" in desk.get("/keys/").text


def test_a_checklist_and_an_expert_have_keys_of_their_own(desk: Client, ticket: Ticket, agent: Agent) -> None:
    reason = make.make_contact_reason(brand=ticket.brand)
    reason = make.make_contact_reason(brand=ticket.brand, parent=reason)
    services.set_reason(ticket, reason, by=agent)
    page = desk.get(f"/tickets/{ticket.reference}/").text
    bound = re.findall(r'data-key="([^"]*)"', page)
    assert bound.count("h") == bound.count("c") == 1
