"""The desk for the hand, the eye and the printer: targets, long words, zoom, forced colours, paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Policy
from tests import make
from tests.browser.seen import outside, small, style
from tests.browser.test_main_job import PASSWORD, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets import services
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

PHONE = {"width": 390, "height": 844}
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
LONGER = f"{LONG}-{LONG}"[:120]
# What is pressed again and again; all else may be smaller, but no smaller than a fingertip needs.
MAIN = (
    ".d-bottom a, .d-btn, .d-row, .d-tabs a, .d-menu :is(a, button), .d-seg :is(a, button, label), .d-opt, .d-prompt,"
    " textarea, .d-toast button, .d-slot"
)
OTHERS = "button, summary, select, input:not([type=hidden], [type=radio], [type=checkbox]), [role=button], a:not(p a)"
PANELS = ("goodwill", "promise", "redeem", "remedies", "consult")


@pytest.fixture
def ruth(brand: Brand) -> Agent:  # noqa: F811
    """A supervisor of a brand in which every word is long."""
    return make.make_agent(
        brands=[brand], name=f"Ruth {LONG}", email="ruth@ff.example", password=PASSWORD, role=roles.SUPERVISOR
    )


@pytest.fixture
def ticket(brand: Brand, ruth: Agent) -> Ticket:  # noqa: F811
    """A ticket with something of everything in it, and its customer; nothing in it can be broken at a space."""
    queue = make.make_queue(brand=brand, name=LONGER[:80])
    member = make.make_member(
        brand=brand, points=5000, name=LONGER, phone="+493012345678", mail=f"{'m' * 60}@ff.example"
    )
    made = make.make_ticket(customer=member, queue=queue, subject=LONGER, text=f"{LONGER} {LONGER}")
    services.assign(made, ruth, by=ruth)
    services.note(made, LONGER, by=ruth, key="note")
    services.tag(made, LONG[:40], by=ruth)
    services.set_reason(made, make.make_contact_reason(brand=brand, label=LONG[:60]), by=ruth)
    make.make_order(customer=member)
    make.make_reward(brand=brand, name=LONGER[:60])
    make.make_macro(brand=brand, title=LONG, text=LONGER)
    reason = make.make_reason(brand=brand, code="late", label=LONG[:60])
    Policy.objects.update(apart_days=None)
    goodwill.services.grant(made, 50, by=ruth, reason=reason, key="given")
    make.make_callback(ticket=made, by=ruth, window=make.next_day("Europe/Berlin", 10), reason=LONGER)
    return made


@pytest.fixture
def phone(house: House, browser: Browser, ruth: Agent) -> Iterator[Page]:
    """Ruth's phone."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, house, ruth)
    yield page
    context.close()


def pages_of(house: House, ticket: Ticket) -> dict[str, str]:
    """The pages of the desk that have one of everything."""
    at = f"{house.url}/tickets/{ticket.reference}/"
    return {
        "queue": f"{house.url}/?view=all",
        "ticket": at,
        "callbacks": f"{house.url}/callbacks/",
        "person": f"{house.url}/customers/{ticket.customer_id}/",
        "merge": f"{house.url}/customers/{ticket.customer_id}/merge/",
        "edit": f"{house.url}/customers/{ticket.customer_id}/edit/",
        "find": f"{house.url}/find/",
        "search": f"{house.url}/search/?q=is:open",
        "notifications": f"{house.url}/notifications/",
        "views": f"{house.url}/views/",
        "new ticket": f"{house.url}/tickets/new/?customer={ticket.customer_id}",
        "wall": f"{house.url}/wall/",
    }


def states_of(page: Page, house: House, ticket: Ticket) -> Iterator[str]:
    """Every page on the phone in turn, every pane of a ticket and every panel of its customer."""
    for name, address in pages_of(house, ticket).items():
        page.goto(address)
        page.wait_for_timeout(300)
        yield name
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.locator("#head-more").click()
    yield "all of the head"
    page.locator("#head-tags").click()
    expect(page.locator('details[open] input[name="name"]')).to_be_visible()
    yield "a menu of the head"
    page.keyboard.press("Escape")
    page.locator("#composer textarea").fill("/")
    page.wait_for_timeout(300)
    yield "macros"
    page.locator("#composer textarea").fill("")
    for name in PANELS:
        page.goto(f"{house.url}/tickets/{ticket.reference}/")
        page.locator('.d-bottom a[href="#customer"]').click()
        page.wait_for_timeout(100)
        yield "customer"
        opener = page.locator(f'#customer button[hx-get$="/{"callback" if name == "promise" else name}/"]')
        if opener.count():
            opener.first.click()
            page.wait_for_timeout(500)
            yield name


def test_long_words_stay_within_a_phone_and_fingers_find_what_they_press(
    house: House, phone: Page, ticket: Ticket
) -> None:
    found: dict[str, Any] = {}
    for name in states_of(phone, house, ticket):
        if out := outside(phone):
            found[f"{name}: outside"] = out[:5]
        if main := small(phone, MAIN, 44):
            found[f"{name}: main"] = main[:8]
        if others := small(phone, OTHERS, 24):
            found[f"{name}: others"] = others[:8]
    assert found == {}


def test_at_twice_the_size_nothing_has_to_be_moved_sideways(
    house: House, browser: Browser, ruth: Agent, ticket: Ticket
) -> None:
    """A window of 1440 at 200 %: half as many pixels, each drawn as four."""
    context = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    page = context.new_page()
    sign_in(page, house, ruth)
    found = {}
    for name, address in pages_of(house, ticket).items():
        page.goto(address)
        page.wait_for_timeout(200)
        if out := outside(page):
            found[name] = out
    context.close()
    assert found == {}


def test_in_forced_colours_focus_choice_chips_and_meters_can_be_told(
    house: House, browser: Browser, ruth: Agent, ticket: Ticket
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, forced_colors="active")
    page = context.new_page()
    sign_in(page, house, ruth)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    chosen = ".d-row[aria-current]"
    expect(page.locator(chosen)).to_be_visible()
    assert style(page, chosen, "outline-style") == "solid"
    for chip in (".d-sla", ".d-chip"):
        assert style(page, chip, "outline-style") == "solid", chip
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert style(page, ":focus-visible", "outline-style") == "solid"
    assert float(style(page, ":focus-visible", "outline-width").removesuffix("px")) >= 2
    assert style(page, ".d-meter > i", "background-color") != style(page, ".d-meter", "background-color")
    assert style(page, ".d-mark use, .d-mark", "forced-color-adjust") == "none"
    context.close()


def test_with_reduced_motion_nothing_moves(
    house: House, browser: Browser, ruth: Agent, ticket: Ticket
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, house, ruth)
    for address in pages_of(house, ticket).values():
        page.goto(address)
        moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
        assert page.evaluate(moving) == 0, address
        assert style(page, ".d-btn", "transition-duration") in ("0s", ""), address
    context.close()


def test_paper_shows_what_was_said_and_no_tools(
    house: House,
    browser: Browser,
    ruth: Agent,
    brand: Brand,  # noqa: F811
) -> None:
    asked = make.make_ticket(
        customer=make.make_member(brand=brand, name="Mara Mond", points=1000), subject="The lamp"
    )
    services.reply(asked, "It is on its way.", by=ruth, key="k", seen=asked.message_seq)
    services.tag(asked, "glass", by=ruth)
    other = make.make_ticket(brand=brand, subject="Another matter")
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        sign_in(page, house, ruth)
        page.goto(f"{house.url}/tickets/{asked.reference}/?view=all")
        expect(page.locator("#head-print")).to_be_visible()
        words = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf())).pages)
        for said in (
            "The lamp",
            asked.reference,
            "It should have been here on Monday.",
            "It is on its way.",
            "Mara Mond",
            "Status: Pending",
            f"Queue: {asked.queue.name}",
            "Owner: Ruth",
            "Priority: Normal",
            "Tags: glass",
        ):
            assert said in words, (scheme, said, words)
        for tool in ("Send", "Resolve", "Goodwill", "Merge into", "Macro", "Skip to", other.subject):
            assert tool not in words, (scheme, tool, words)
        page.emulate_media(media="print")
        assert style(page, ".d-text", "color") == "rgb(0, 0, 0)", scheme
        context.close()
    printed = "() => { window.print = () => { document.body.dataset.printed = 'yes'; }; }"
    page = browser.new_page()
    sign_in(page, house, ruth)
    page.goto(f"{house.url}/tickets/{asked.reference}/")
    page.evaluate(printed)
    page.locator("#head-print").click()
    expect(page.locator("body[data-printed]")).to_be_visible()
    page.close()
