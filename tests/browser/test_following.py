"""The wall, the agenda and the timeline follow what happens, a burst asks once, and nothing moves under the pointer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from callbacks import services as callbacks
from goodwill.models import Policy
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

WAITING = "#wall-lines tbody tr td"


@pytest.fixture
def ticket(brand: Brand, ana: Agent) -> Ticket:  # noqa: F811
    """Ana has it; its customer is a member."""
    make.make_programme(brand=brand)
    member = make.make_member(brand=brand, name="Maria Rossi", points=1000)
    ticket = make.make_ticket(
        customer=member, queue=make.make_queue(brand=brand, name="Help", is_default=True)
    )
    tickets.services.assign(ticket, ana, by=ana)
    return ticket


@pytest.fixture
def ruth(brand: Brand) -> Agent:  # noqa: F811
    return make.make_agent(brands=[brand], email="ruth@ff.example", password=PASSWORD, role=roles.SUPERVISOR)


def open_page(page: Page, house: House, path: str) -> list[str]:
    """Go there and wait for the stream; what the page asks from now on."""
    page.goto(f"{house.url}{path}")
    expect(page.locator("html")).to_have_attribute("data-stream", "on")
    page.wait_for_timeout(1_500)  # what came while the page was on its way
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_the_wall_follows_and_a_burst_makes_one_question_each_two_seconds(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ruth: Agent,
    ticket: Ticket,
) -> None:
    sign_in(page, house, ruth)
    asked = open_page(page, house, "/wall/")
    expect(page.locator(WAITING).first).to_have_text("1")
    for _ in range(30):
        make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    expect(page.locator(WAITING).first).to_have_text("31", timeout=4_000)
    page.wait_for_timeout(3_000)
    assert 1 <= sum("/wall/" in url for url in asked) <= 4, asked

    Policy.objects.update(apart_days=None)
    reason = make.make_reason(brand=ticket.brand, code="late", label="Late parcel")
    goodwill.services.ask(ticket, 600, by=ana, reason=reason, key="asked")
    expect(page.locator("#wall-asked")).to_contain_text("Late parcel", timeout=4_000)

    page.locator("#wall-lines").hover()
    for step in range(12):  # the pointer moves on and on
        page.mouse.move(400 + step * 5, 300)
        if step == 2:
            make.make_ticket(customer=ticket.customer, queue=ticket.queue)
        page.wait_for_timeout(250)
    expect(page.locator(WAITING).first).to_have_text("31")
    expect(page.locator(WAITING).first).to_have_text("32", timeout=6_000)


def test_the_wall_asks_by_itself_where_there_is_no_stream(
    house: House,
    page: Page,
    ruth: Agent,
    ticket: Ticket,
) -> None:
    page.route("**/live/**", lambda route: route.abort())
    sign_in(page, house, ruth)
    page.goto(f"{house.url}/wall/")
    expect(page.locator(WAITING).first).to_have_text("1")
    make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    expect(page.locator(WAITING).first).to_have_text("2", timeout=20_000)


def test_the_agenda_follows_what_is_promised_and_cancelled(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ruth: Agent,
    ticket: Ticket,
) -> None:
    sign_in(page, house, ana)
    asked = open_page(page, house, "/callbacks/")
    expect(page.locator("#agenda")).to_contain_text("Nothing is promised.")
    callback = make.make_callback(ticket=ticket, by=ana)
    expect(page.locator(f"#callback-{callback.pk}")).to_be_visible(timeout=4_000)
    callbacks.cancel(callback, by=ruth)
    expect(page.locator(f"#callback-{callback.pk}")).to_have_count(0, timeout=4_000)
    assert all(
        "/callbacks/due/" in url or url.endswith("/callbacks/") for url in asked if "/callbacks/" in url
    )


def test_the_timeline_follows_and_keeps_what_is_read_in_it(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ruth: Agent,
    ticket: Ticket,
) -> None:
    account = ticket.customer.account
    for number in range(14):
        loyalty.services.earn(account, 10 + number, contra="issue.order", by=None, key=f"order:{number}")
    callback = make.make_callback(ticket=ticket, by=ana)
    sign_in(page, house, ana)
    open_page(page, house, f"/tickets/{ticket.reference}/")
    lines = page.locator("#timeline .d-tl > li")
    page.locator("#timeline .d-tl__more button").click()
    expect(lines.nth(15)).to_be_attached()
    there = lines.count()
    page.locator("#timeline .why").nth(1).click()
    why = page.locator("#timeline .d-why-slot").nth(1)
    expect(why).not_to_be_empty()
    said = why.inner_text()
    page.locator("#timeline .why").nth(1).focus()

    page.mouse.move(5, 5)
    loyalty.services.earn(account, 77, contra="issue.order", by=None, key="new")
    expect(lines.first).to_contain_text("+77", timeout=6_000)
    expect(lines).to_have_count(there + 1)
    expect(page.locator("#timeline .d-why-slot").nth(2)).to_have_text(said)
    assert page.evaluate("document.activeElement.matches('#timeline .why[aria-expanded=true]')")

    callbacks.cancel(callback, by=ruth)
    expect(lines.first).to_contain_text("Callback cancelled", timeout=6_000)
    expect(lines.nth(1)).to_contain_text("+77")
