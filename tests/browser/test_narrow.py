"""The desk in windows between a phone and a wide screen, and what is said over it: nothing is cut, nothing covered."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from tests import make
from tests.browser.seen import outside
from tests.browser.test_main_job import ana, brand, eventually, sign_in  # noqa: F401  fixtures
from tests.browser.test_within import IS_ON_TOP, make_due
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

SUBJECT = "The throw came a week late and in the wrong colour"
NAME = "Amara Nwachukwu-Okonkwo"
WIDTHS = (960, 961, 1024, 1100, 1121, 1240, 1440)
# What is said of the ticket in its head is whole; without it the words would end in an ellipsis.
IS_WHOLE = "(one) => one.scrollWidth <= one.clientWidth"
STICKS_OUT = """() => [...document.querySelectorAll(
  ".d-bar > *, .d-head > .row > *, .d-composer footer > *, .d-composer header > *, .d-composer .d-split > *"
)].filter((one) => {
  if (!one.checkVisibility()) return false;
  const [box, room] = [one, one.closest(".d-pane")].map((each) => each.getBoundingClientRect());
  return box.width && (box.right > room.right + 0.5 || box.left < room.left - 0.5);
}).map((one) => `${one.tagName}.${one.className}#${one.id}`)"""


@pytest.fixture
def ticket(brand: Brand, ana: Agent) -> Ticket:  # noqa: F811
    """A ticket of Ana's that waits, with a member in it and an owner, a reason and tags in its head."""
    queue = make.make_queue(brand=brand, name="Delivery and returns")
    member = make.make_member(brand=brand, points=5000, name=NAME)
    made = make.make_ticket(customer=member, queue=queue, subject=SUBJECT)
    tickets.services.assign(made, ana, by=ana)
    for name in ("parcel", "late"):
        tickets.services.tag(made, name, by=ana)
    return made


def test_at_every_width_the_subject_is_read_and_the_deeds_are_whole(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ticket: Ticket,
) -> None:
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 643})
        page.wait_for_timeout(100)
        assert outside(page) == [], width
        assert page.evaluate(STICKS_OUT) == [], width
        assert page.locator("#head h1").evaluate(IS_WHOLE), width
        for deed in ("#resolve", "#composer footer .d-split > button", "#composer footer .d-split summary"):
            assert page.locator(deed).evaluate(IS_ON_TOP), (width, deed)


def test_between_a_phone_and_a_wide_window_the_customer_comes_when_asked_for(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ticket: Ticket,
) -> None:
    page.set_viewport_size({"width": 1024, "height": 643})
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    customer, button = page.locator("#customer"), page.locator("#head-side")
    expect(customer).to_be_hidden()
    button.click()
    expect(customer.get_by_text(NAME)).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    for width in (961, 1024, 1100):
        page.set_viewport_size({"width": width, "height": 643})
        page.wait_for_timeout(100)
        assert (outside(page), page.evaluate(STICKS_OUT)) == ([], []), width
        assert page.locator("#composer footer .d-split > button").evaluate(IS_ON_TOP), width
    button.click()
    expect(customer).to_be_hidden()
    page.locator("#head h1").click()
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    page.keyboard.press("d")  # a panel is seen without the button
    expect(customer.locator("[data-close]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(customer).to_be_hidden()
    expect(button).to_be_focused()


def test_a_lost_line_covers_nothing_and_tells_the_hour_of_the_agent(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ticket: Ticket,
) -> None:
    ana.time_zone = "Pacific/Auckland"
    ana.save(update_fields=["time_zone"])
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 800})
        if width == 1440:
            sign_in(page, house, ana)
        page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
        page.wait_for_timeout(300)  # what answers still would take the banner away again
        page.context.set_offline(True)
        banner = page.locator("#live")
        here = clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
        hours = "|".join(f"{here + timedelta(minutes=past):%H:%M}" for past in (0, 1))
        expect(banner).to_have_text(re.compile(f"The line was lost at ({hours})"), timeout=15_000)
        for seen in ("#head h1", "#resolve", ".d-brand", "#composer footer .d-split > button"):
            assert page.locator(seen).evaluate(IS_ON_TOP), (width, seen)
        assert outside(page) == [], width
        page.context.set_offline(False)
        expect(banner).not_to_contain_text("The line was lost")


def test_the_settings_are_kept_while_a_promise_is_due(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    make_due(make.make_callback(ticket=make.make_ticket(brand=brand), by=ana))
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page, house, ana)
    page.goto(f"{house.url}/me/")
    expect(page.locator(".d-toast--due")).to_be_visible()
    button = page.get_by_role("button", name="Keep the settings")
    eventually(partial(button.evaluate, IS_ON_TOP), 3)
