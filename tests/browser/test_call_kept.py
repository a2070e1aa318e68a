"""A call is promised, offered, accepted, made, not answered and tried again: in a browser, by the house's clock."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from callbacks.models import Callback
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import (  # noqa: F401  fixtures
    ON_THE_DESK_WITHIN,
    ana,
    brand,
    maria,
    sign_in,
)
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_call_is_offered_accepted_not_answered_and_tried_again(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    maria: Customer,  # noqa: F811
) -> None:
    queue = make.make_queue(brand=brand, name="Care", address="care@ff.example", is_default=True)
    ticket = make.make_ticket(customer=maria, queue=queue)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.get_by_text("Away").first.click()
    page.get_by_text("Available").first.click()
    expect(page.locator(".d-top")).to_contain_text("Available")
    page.keyboard.press("b")
    page.locator("label.d-slot:not(.is-quiet)").first.click()
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#thread")).to_contain_text("Callback promised")

    # It is offered to her wherever she is, and accepting it leads to the brief.
    page.locator("#due-accept").click(timeout=2 * ON_THE_DESK_WITHIN * 1000)
    expect(page).to_have_url(re.compile(r"/callbacks/\d+/$"))
    expect(page.locator("#queue")).to_contain_text("In your hands")
    expect(page.locator("#conversation")).to_contain_text("Before you speak")

    # She calls, nobody answers, and it comes back in another hour of the customer's day.
    page.keyboard.press("c")
    expect(page.locator("#call-state")).to_contain_text("Dialled by your own phone")
    page.get_by_role("button", name="No answer").click()
    expect(page.locator("#queue")).to_contain_text("Try 2:")
    callback = Callback.objects.get()
    assert (callback.state, callback.tries, callback.attempts.get().dialler) == ("no_answer", 1, "tel")
    zone = ZoneInfo(callback.zone)
    tried, again = callback.attempts.get().at.astimezone(zone), callback.window_from.astimezone(zone)
    assert (again > tried, again.hour == tried.hour) == (True, False)
    told = set(callback.events.values_list("kind", flat=True))
    assert {"promised", "due", "offered", "accepted", "called", "retry"} <= told
