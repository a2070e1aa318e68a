"""More than one may give: asked for in one browser, agreed to in another, seen at once, undone while unspent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import loyalty.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Policy
from loyalty.models import Account
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_what_is_over_the_limit_is_agreed_to_in_another_browser_and_undone_only_while_unspent(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    Policy.objects.update(apart_days=None)
    ruth = make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Ruth Adler", password=PASSWORD)
    queue = make.make_queue(brand=brand, name="Care", is_default=True)
    maria = make.make_member(brand=brand, name="Maria Rossi", points=500)
    make.make_reason(brand=brand, label="Lost parcel", code="lost", max_points=2000)
    ticket = make.make_ticket(customer=maria, queue=queue)
    other = page.context.browser
    assert other is not None
    second = other.new_context().new_page()
    for who, agent in ((page, ana), (second, ruth)):
        sign_in(who, house, agent)
        who.goto(f"{house.url}/tickets/{ticket.reference}/")

    def panel(of: Page) -> None:
        of.keyboard.press("g")
        expect(of.locator("#customer h2", has_text="Goodwill")).to_be_visible()

    # Over the limit the same button asks; the customer is on the line, so it is put to who is on duty.
    make.come(ruth)
    panel(page)
    page.get_by_label("Points").fill("800")
    ask = page.get_by_role("button", name="Ask for approval")
    expect(ask).to_be_visible()
    page.get_by_label("What should they know?").fill("Third one this year")
    page.get_by_label("The customer is on the line").check()
    ask.click()
    expect(page.locator("#thread")).to_contain_text("asked for")
    expect(page.locator("#thread")).to_contain_text("put to a supervisor who is there")
    panel(page)
    expect(page.locator("#customer")).to_contain_text("waiting")
    expect(page.locator("#customer")).to_contain_text("Ruth Adler is asked until")
    page.keyboard.press("Escape")
    expect(page.locator("#customer h2", has_text="Goodwill")).to_have_count(0)
    assert Account.objects.get(customer=maria).balance == 500

    # Agreed to in another browser; the thread of the first one shows it without a reload.
    page.evaluate("window.stayed = true")
    panel(second)
    expect(second.locator("#customer")).to_contain_text("Third one this year")
    second.locator("#customer").get_by_role("button", name="Agree").click()
    expect(second.locator("#thread")).to_contain_text("+800 points")
    expect(page.locator("#thread")).to_contain_text("agreed to", timeout=15_000)
    expect(page.locator("#thread")).to_contain_text("+800 points")
    assert page.evaluate("window.stayed")
    assert Account.objects.get(customer=maria).balance == 1300

    # Once some of it is spent, it cannot be undone any more.
    loyalty.services.redeem(Account.objects.get(customer=maria), 900, by=ruth, key="spend")
    panel(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#panel-refusal")).to_contain_text("spent")
    assert Account.objects.get(customer=maria).balance == 400
