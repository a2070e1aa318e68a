"""The job of a ticket on a phone: one pane at a time, everything by a finger, nothing to be moved sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from callbacks.models import Callback
from loyalty.models import Account
from tests import make
from tests.browser.points.conftest import PHONE, World, settled
from tests.browser.seen import outside
from tests.browser.test_main_job import daytime_zone, eventually
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def shows(page: Page, pane: str) -> None:
    """This pane is the one that is seen, and no part of it stands outside the phone."""
    expect(page.locator(f"#{pane}")).to_be_visible()
    for other in {"queue", "conversation", "customer"} - {pane}:
        expect(page.locator(f"#{other}")).to_be_hidden()
    assert outside(settled(page)) == []


def test_a_ticket_is_read_made_good_answered_and_solved_by_a_finger(world: World) -> None:
    world.maria.time_zone = daytime_zone()
    world.maria.save(update_fields=["time_zone"])
    make.make_reason(brand=world.brand, label="Late parcel")
    ticket = world.ticket()
    page = world.desk(at="/", viewport=PHONE, has_touch=True, is_mobile=True)
    bottom = page.get_by_role("navigation", name="Panes")
    shows(page, "queue")
    page.locator(f"#row-{ticket.pk}").tap()
    shows(page, "conversation")
    expect(page.locator("#thread")).to_contain_text("It should have been here on Monday.")

    bottom.get_by_role("link", name="Customer").tap()
    shows(page, "customer")
    page.locator("#customer").get_by_role("button", name="Goodwill").tap()
    give = page.get_by_role("button", name="Give the points")
    expect(give).to_be_in_viewport()
    box = give.bounding_box()
    assert box
    assert box["height"] >= 44 - 0.5
    shows(page, "customer")
    give.tap()
    expect(page.locator("#points")).to_contain_text("1,200")
    assert Account.objects.get(customer=world.maria).balance == 1200
    settled(page).locator("#customer").get_by_role("button", name="Callback").tap()
    page.locator("label.d-slot:not(.is-quiet)").first.tap()
    page.get_by_role("button", name="Promise it").tap()
    prompt = page.locator("#customer .d-prompt", has_text="Callback")
    expect(prompt).to_be_visible()
    assert Callback.objects.filter(ticket=ticket).exists()

    # A prompt leads to the reply it was put into; the reply goes out and can be called back.
    prompt.tap()
    shows(page, "conversation")
    assert "We call you" in page.locator("#composer textarea").input_value()
    page.locator("#composer").get_by_role("button", name="Send").first.tap()
    expect(page.locator(".d-toast--held").get_by_role("button", name="Undo")).to_be_visible()
    assert outside(settled(page)) == []
    page.locator("#head").get_by_role("button", name="Resolve").first.tap()
    expect(page.locator("#head")).to_contain_text("Resolved")
    eventually(lambda: Ticket.objects.filter(pk=ticket.pk, status="resolved").exists(), 5)
    bottom.get_by_role("link", name="Queue").tap()
    shows(page, "queue")


def test_a_colleagues_word_comes_by_itself_here_too(world: World) -> None:
    ticket, sam = world.ticket(), world.agent("Sam Okoro")
    page = world.desk(at=ticket, viewport=PHONE, has_touch=True, is_mobile=True)
    tickets.services.note(ticket, "The courier says Friday", by=sam, key=make.unique())
    expect(page.locator("#thread")).to_contain_text("The courier says Friday", timeout=8_000)
    assert outside(settled(page)) == []
