"""What one agent does stands on the other's screen by itself: two browsers, two tabs, no line and a line again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import loyalty.services
import tickets.services
from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.faults import Faults
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


@pytest.fixture
def ticket(brand: Brand, ana: Agent) -> Ticket:  # noqa: F811
    """Ana has it; its customer is a member."""
    make.make_programme(brand=brand)
    member = make.make_member(brand=brand, name="Maria Rossi", points=1000)
    queue = make.make_queue(brand=brand, is_default=True)
    ticket = make.make_ticket(customer=member, queue=queue, subject="Parcel never came")
    tickets.services.assign(ticket, ana, by=ana)
    return ticket


@pytest.fixture
def sam(brand: Brand) -> Agent:  # noqa: F811
    return make.make_agent(brands=[brand], name="Sam Okoro", email="sam@ff.example", password=PASSWORD)


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody else."""
    context = browser.new_context()
    yield context
    context.close()


def open_ticket(page: Page, house: House, ticket: Ticket) -> None:
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    expect(page.locator("html")).to_have_attribute("data-stream", "on")


@pytest.fixture
def page(page: Page, house: House, ana: Agent, ticket: Ticket) -> Page:  # noqa: F811
    """Ana's browser with the ticket open, and its stream."""
    sign_in(page, house, ana)
    open_ticket(page, house, ticket)
    return page


def test_two_tabs_hold_one_stream_and_both_show_what_is_new(
    house: House,
    page: Page,
    context: BrowserContext,
    sam: Agent,
    ticket: Ticket,
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    second = context.new_page()
    open_ticket(second, house, ticket)
    assert asked == [], "the second tab opened a stream of its own"

    tickets.services.note(ticket, "The courier says Friday", by=sam, key="n1")
    loyalty.services.earn(ticket.customer.account, 234, contra="issue.order", by=None, key="e1")
    for tab in (page, second):
        tab.bring_to_front()
        expect(tab.locator("#thread")).to_contain_text("The courier says Friday", timeout=4_000)
        expect(tab.locator("#points")).to_contain_text("1,234", timeout=4_000)

    page.close()  # the tab that held it: the other goes on
    tickets.services.note(ticket, "Or on Monday", by=sam, key="n2")
    expect(second.locator("#thread")).to_contain_text("Or on Monday", timeout=6_000)
    expect(second.locator("html")).to_have_attribute("data-stream", "on")
    assert len(asked) == 1


def test_two_agents_see_each_other_look_and_type_and_words_stay_as_they_are(
    house: House,
    page: Page,
    elsewhere: BrowserContext,
    sam: Agent,
    ticket: Ticket,
) -> None:
    other = elsewhere.new_page()
    sign_in(other, house, sam)
    open_ticket(other, house, ticket)
    expect(page.locator("#head .d-looks")).to_contain_text("Sam is looking", timeout=5_000)
    expect(other.locator("#head .d-looks")).to_contain_text("Ana is looking", timeout=5_000)
    expect(page.locator(f"#row-{ticket.pk} [data-look]")).to_have_text("SO")

    field = page.locator("#composer textarea")
    field.fill("Dear Maria, the courier")
    field.evaluate("(area) => area.setSelectionRange(4, 4)")
    other.keyboard.press("n")
    other.keyboard.type("She called")
    expect(page.locator("#head .d-looks")).to_contain_text("Sam is writing a note", timeout=5_000)
    expect(page.locator(f"#row-{ticket.pk} [data-typing]")).to_be_visible()
    other.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("She called", timeout=4_000)
    expect(field).to_have_value("Dear Maria, the courier")
    expect(field).to_be_focused()
    assert field.evaluate("(area) => area.selectionStart") == 4

    other.close(run_before_unload=False)
    expect(page.locator("#head .d-looks")).to_be_empty(timeout=5_000)


def test_without_a_line_the_page_says_so_and_heals_by_itself(
    page: Page,
    context: BrowserContext,
    sam: Agent,
    ticket: Ticket,
) -> None:
    page.locator("#composer textarea").fill("Dear Maria")
    context.set_offline(True)
    expect(page.locator("#live")).to_contain_text("The line was lost")
    expect(page.locator("html")).to_have_attribute("data-stream", "off")
    tickets.services.note(ticket, "Written meanwhile", by=sam, key="n1")
    context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("data-stream", "on", timeout=10_000)
    expect(page.locator("#thread")).to_contain_text("Written meanwhile", timeout=5_000)
    expect(page.locator("#live")).not_to_contain_text("The line was lost")
    expect(page.locator("#composer textarea")).to_have_value("Dear Maria")


def test_a_server_that_starts_again_loses_nothing_and_without_a_stream_pages_ask_by_themselves(
    house: House,
    page: Page,
    sam: Agent,
    ticket: Ticket,
    faults: Faults,
) -> None:
    faults.allowed.append(
        "ERR_CONTENT_LENGTH_MISMATCH"
    )  # an answer that was on its way when the server was killed
    house.kill("front")
    expect(page.locator("html")).to_have_attribute("data-stream", "off")
    tickets.services.note(ticket, "Written meanwhile", by=sam, key="n1")
    house.restart("front")
    expect(page.locator("#thread")).to_contain_text("Written meanwhile", timeout=20_000)
    expect(page.locator("html")).to_have_attribute("data-stream", "on", timeout=30_000)

    page.route("**/live/**", lambda route: route.abort())
    house.restart("front")
    expect(page.locator("html")).to_have_attribute("data-stream", "off")
    tickets.services.note(ticket, "And without a stream", by=sam, key="n2")
    expect(page.locator("#thread")).to_contain_text("And without a stream", timeout=12_000)


def test_a_stream_that_is_there_stills_the_polls(
    page: Page,
) -> None:
    page.wait_for_timeout(1_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(10_000)
    assert not [url for url in asked if "/due/" in url or "/thread/" in url], asked
