"""docs/demo.md, step by step, in a real browser against the demo as it is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from contactcenter.demo import people
from tests import databases
from tests.house import House, open_house

pytestmark = [pytest.mark.browser, pytest.mark.house]

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "demo.md"
ARRIVES_WITHIN = 30_000  # milliseconds: the worker's round and the pages' own


@pytest.fixture
def demo_house(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The whole house as `make demo` starts it."""
    monkeypatch.setenv("DEMO", "true")
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)  # with which the demo's mails were signed
    with (
        django_db_blocker.unblock(),
        databases.fresh(demo=True) as name,
        open_house(databases.url_of(name)) as house,
    ):
        yield house


def sign_in(page: Page, house: House, who: str) -> None:
    page.context.clear_cookies()
    page.goto(house.url)
    page.get_by_label("Work e-mail").fill(people.PEOPLE[who].email)
    page.locator("input[name=password]").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#queue")).to_be_visible()


def test_the_script_of_ten_minutes(demo_house: House, page: Page, browser: Browser) -> None:
    said = SCRIPT.read_text(encoding="utf-8")

    # 1. One page
    sign_in(page, demo_house, "ana")
    first = page.locator("#queue .d-row").first
    expect(first).to_contain_text("Refund still missing")
    page.locator(".d-row", has_text="Parcel never came").click()
    customer, thread = page.locator("#customer"), page.locator("#thread")
    for shown in ("Maria Rossi", "Gold", "4,210", "€42.10"):
        expect(customer).to_contain_text(shown)
    expect(thread).to_contain_text("The courier now says it is lost")
    ticket = page.url
    assert "4,210" in said

    # 2. The customer writes
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    phone.goto(demo_house.url)
    phone.get_by_role("link", name="Or be a customer").click()
    phone.get_by_role("link", name="Maria Rossi").click()
    phone.get_by_role("link", name="Parcel never came").click()
    letters = phone.locator("#letters")
    expect(letters).to_contain_text("I have opened a trace with the courier")
    expect(letters).not_to_contain_text("Verona still hold stock")
    words = "The second parcel came, but one bowl is broken."
    assert words in said
    phone.get_by_label("Answer as Maria Rossi").fill(words)
    phone.get_by_role("button", name="Send").click()
    expect(letters).to_contain_text(words)
    page.goto(ticket)
    expect(thread).to_contain_text(words)

    # 3. Put it right
    page.locator("textarea[name=text]").fill("A new bowl leaves today.")
    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(thread.locator(".d-msg--out").last).to_contain_text("A new bowl leaves today.")
    expect(letters).to_contain_text("A new bowl leaves today.", timeout=ARRIVES_WITHIN)
    customer.get_by_role("button", name="Goodwill").click()
    customer.get_by_role("radio", name="Damaged").check()
    expect(page.locator("#effect-points")).to_have_value("500")
    expect(customer.locator("#effect-sum")).to_contain_text("Capped: This grant, 500 left")
    expect(customer).to_contain_text("Nothing to a customer who was given something within 30 days.")
    customer.get_by_role("button", name="Ask for approval").click()
    expect(thread).to_contain_text("asked for")

    # 4. Promises are kept
    page.locator("#due-link").click()
    page.locator("#queue .d-row").filter(has_not_text="Task:").first.click()
    expect(page).to_have_url(
        re.compile(r"/callbacks/\d+/$")
    )  # the page opens with one of them: it may be this one
    expect(page.locator("#conversation")).to_contain_text("Call ")
    page.get_by_role("button", name="Accept and call").click()
    expect(page.locator("#call-state")).to_contain_text("Dialled by your own phone")
    expect(page.locator("#queue")).to_contain_text("In your hands")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#queue")).to_contain_text("Done today")
    page.goto(demo_house.url)
    page.locator(".d-row", has_text="Gift card with wrong name").click()
    expect(customer).to_contain_text("Daniel Okafor")
    customer.get_by_role("button", name="Callback").click()
    page.locator("#day-2").click()
    expect(page.locator("#day-2")).to_have_attribute("aria-current", "true")
    page.locator("label.d-slot:not(.is-quiet)").first.click()
    customer.get_by_role("button", name="Promise it").click()
    expect(thread).to_contain_text("Callback promised")

    # 5. Whoever calls
    page.locator("#find").fill("Bauer")
    found = page.locator("#found")
    expect(found).to_contain_text("Katharina Bauer")
    expect(found).to_contain_text("Kathi Bauer")
    page.locator("#find").fill("Tanaka")
    expect(found).to_contain_text("Haruka Tanaka")
    found.get_by_role("link", name="Haruka Tanaka").click()
    expect(customer).to_contain_text("Tokyo")

    # 6. Who leads, and who must not see
    sign_in(page, demo_house, "isla")
    answer = page.goto(ticket)
    assert answer is not None
    assert answer.status == 404
    sign_in(page, demo_house, "ruth")
    page.goto(ticket)
    customer.get_by_role("button", name="Goodwill").click()
    customer.get_by_role("button", name="Agree").click()
    expect(customer).to_contain_text("4,710")
    expect(customer.locator("#timeline")).to_contain_text("+500")
    expect(thread).to_contain_text("+500 points")
    page.locator("summary", has_text="Ruth").click()
    page.get_by_role("link", name="Supervisor's pages").click()
    for brand in ("Fjord & Finch", "Alva Home"):
        expect(page.get_by_role("heading", name=brand)).to_be_visible()
    assert all(people.PEOPLE[who].email in said for who in ("ana", "isla", "ruth"))
