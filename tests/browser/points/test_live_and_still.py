"""Chips change by themselves, and nothing moves under the pointer (10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

import tickets.services
from contactcenter import clock
from tests import make
from tests.browser.points.conftest import World
from tickets.models import Draft, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def due(ticket: Ticket, minutes: int) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=at, turn_at=at)


def test_a_clock_that_a_colleague_stops_stops_in_list_and_head(world: World) -> None:
    ticket, sam = world.ticket(), world.agent("Sam Okoro")
    due(ticket, 10)
    page = world.desk(at=ticket)
    chips = [page.locator(place) for place in (f"#row-{ticket.pk} .d-sla", "#head .d-sla")]
    for chip in chips:
        expect(chip.first).to_have_attribute("data-due", "hot")
    tickets.services.reply(ticket, "We have found it.", by=sam, key=make.unique())
    for chip in chips:
        expect(chip.first).not_to_have_attribute("data-due", "hot", timeout=8_000)
    expect(page.locator(f"#row-{ticket.pk}")).to_contain_text("Us: We have found it.")


def test_a_row_under_the_pointer_stays_there_until_the_pointer_rests(world: World) -> None:
    for number in range(3):
        due(world.ticket(f"Calm {number}"), 300 + number)
    page = world.desk(at="/")
    row = page.locator("#queue .d-row", has_text="Calm 1")
    row.hover()
    place = row.bounding_box()
    assert place
    urgent = world.ticket("Urgent")
    due(urgent, 5)
    make.hear(urgent, "It burns")
    for step in range(25):  # the hand is never quite still
        page.mouse.move(place["x"] + 40 + step % 5, place["y"] + 10)
        page.wait_for_timeout(100)
        assert row.bounding_box() == place
    page.mouse.move(900, 400)
    expect(page.locator("#queue .d-row").first).to_contain_text("Urgent", timeout=10_000)


def test_what_is_sent_without_a_line_stays_where_it_was_typed_and_goes_out_once(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    words = page.locator("#composer textarea")
    words.fill("We have found it.")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#live")).to_contain_text("The line was lost")
    expect(words).to_have_value("We have found it.")
    page.context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("data-stream", "on", timeout=10_000)
    expect(page.locator("#live")).not_to_contain_text("The line was lost")
    words.press("Control+Enter")
    expect(page.locator(".d-toast--held")).to_be_visible()
    expect(words).to_have_value("")
    assert Draft.objects.held().filter(ticket=ticket).count() == 1
