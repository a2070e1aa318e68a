"""A promised call is moved by the customer in a browser of their own, without an account and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from callbacks.models import Callback
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import (  # noqa: F401  fixtures
    MAIL_SENT_WITHIN,
    ana,
    brand,
    eventually,
    letters_to,
    maria,
    sign_in,
)
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]
LINK = re.compile(r"https?://\S+/call/\S+")


def test_a_customer_moves_a_call_by_its_link_and_after_the_call_the_link_does_nothing(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    maria: Customer,  # noqa: F811
) -> None:
    queue = make.make_queue(brand=brand, name="Care", address="care@ff.example", is_default=True)
    ticket = make.make_ticket(customer=maria, queue=queue)
    browser = page.context.browser
    assert browser is not None

    # The agent promises a call in two days; the customer reads of it, with a file for their calendar.
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.keyboard.press("b")
    panel = page.locator("#customer")
    panel.locator("#day-3").click()
    expect(panel.locator("#day-3")).to_have_attribute("aria-current", "true")
    panel.locator("label.d-slot:not(.is-quiet)").first.click()
    panel.get_by_role("button", name="Promise it").click()
    expect(page.locator("#thread")).to_contain_text("Callback promised")
    first = eventually(lambda: mail_with(house, "We call you on"), MAIL_SENT_WITHIN)
    assert [part.get_filename() for part in first.iter_attachments()] == ["call.ics"]
    path = path_in(first)
    before = Callback.objects.get()

    # In a second browser they move it; what the agent's agenda shows is the new time.
    plain = browser.new_context(java_script_enabled=False)
    theirs = plain.new_page()
    theirs.goto(house.url + path)
    expect(theirs.locator("h1")).to_have_text("We call you")
    expect(theirs.locator("main")).to_contain_text("Ana from our team")
    wanted = str(int((before.window_from + timedelta(days=1)).timestamp()))
    theirs.get_by_label("Another time suits you better?").select_option(wanted)
    theirs.get_by_role("button", name="Move my call").click()
    expect(theirs.locator("h1")).to_have_text("Thank you. Your call has a new time.")
    after = Callback.objects.get()
    assert after.window_from == before.window_from + timedelta(days=1)
    page.goto(f"{house.url}/callbacks/{after.pk}/")
    in_the_agents_zone = after.window_from.astimezone(ZoneInfo(ana.time_zone))
    expect(page.locator("#queue")).to_contain_text(f"{in_the_agents_zone:%a %H:%M}")
    moved = eventually(lambda: mail_with(house, "Your call is now on"), MAIL_SENT_WITHIN)
    assert path_in(moved) != path

    # The call takes place: the page that is still open moves and cancels nothing, nor does the link.
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#queue")).to_contain_text("Done today")
    theirs.get_by_role("button", name="Cancel my call").click()
    for address in (path, path_in(moved)):
        expect(theirs.locator("h1")).to_have_text("This call has taken place.")
        expect(theirs.locator("form")).to_have_count(0)
        theirs.goto(house.url + address)
    assert Callback.objects.get().state == Callback.State.KEPT

    # The link to this promise, bent to another's, opens nothing.
    other = make.make_callback(customer=make.make_customer(brand=brand), by=ana)
    bent = path.replace(f".{after.pk}.", f".{other.pk}.")
    assert bent != path
    theirs.goto(house.url + bent)
    expect(theirs.locator("h1")).to_have_text("This link is not one of ours. Perhaps it was cut off.")
    plain.close()


def mail_with(house: House, subject: str) -> Any:
    letters = letters_to(house.mail_dir, "maria@posteo.example", "auto-generated")
    return next((letter for letter in letters if letter["Subject"].startswith(subject)), None)


def path_in(letter: Any) -> str:
    found = LINK.search(letter.get_body(("plain",)).get_content())
    assert found
    return urlsplit(found[0]).path
