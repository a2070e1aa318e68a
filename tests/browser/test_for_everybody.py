"""What stands around every page for who sees, hears or moves otherwise."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import ana, brand, maria, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

MOVES = """() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
  return (style.animationName !== "none" && seconds(style.animationDuration) > 0.01)
    || (style.transitionProperty !== "none" && seconds(style.transitionDuration) > 0.01);
}).map((element) => element.className || element.tagName)"""
# A ring of two pixels; the composer wears its field's: an edge in the accent and a ring of one.
IS_MARKED = """() => {
  const hasRing = (one, width) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= width || style.boxShadow !== "none";
  };
  const composer = document.activeElement.closest("textarea")?.closest(".d-composer");
  return hasRing(document.activeElement, 2) || Boolean(composer && hasRing(composer, 1));
}"""
MAINS = (
    "() => [...document.querySelectorAll('main, [role=main]')].filter((one) => one.checkVisibility()).length"
)


@pytest.fixture
def ticket(maria: Customer, brand: Brand) -> Ticket:  # noqa: F811
    return make.make_ticket(customer=maria, queue=make.make_queue(brand=brand))


@pytest.fixture
def shown(house: House, page: Page, ana: Agent, ticket: Ticket) -> Page:  # noqa: F811
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    return page


def test_the_first_tab_offers_to_skip_to_the_conversation_and_the_focus_is_seen(shown: Page) -> None:
    shown.keyboard.press("Tab")
    skip = shown.locator(".d-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    shown.keyboard.press("Enter")
    assert shown.evaluate("location.hash") == "#conversation"
    for _ in range(25):
        shown.keyboard.press("Tab")
        where = shown.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert shown.evaluate(IS_MARKED), where


def test_there_is_one_main_part_beside_named_ones(shown: Page) -> None:
    for width in (1440, 390):
        shown.set_viewport_size({"width": width, "height": 844})
        assert shown.evaluate(MAINS) == 1
    for part in shown.locator("nav, [role=complementary], [role=region]").all():
        assert part.get_attribute("aria-label") or part.get_attribute("aria-labelledby")


@pytest.mark.parametrize("key", ["g", "b", "h"])
def test_a_panel_takes_the_focus_and_gives_it_back(shown: Page, key: str, brand: Brand) -> None:  # noqa: F811
    make.make_reason(brand=brand)
    button = shown.locator(f"#customer [data-key={key}]")
    button.focus()
    shown.keyboard.press("Enter")
    expect(shown.locator("#customer [data-close]").first).to_be_visible()
    expect(shown.locator("#customer form :focus")).to_have_count(1)
    shown.keyboard.press("Escape")
    expect(shown.locator(f"#customer [data-key={key}]")).to_be_focused()


def test_what_is_said_to_the_ear_interrupts_nobody(shown: Page) -> None:
    politely = shown.locator("[aria-live], [role=status], [role=alert]")
    assert politely.count() > 0
    for region in politely.all():
        assert region.get_attribute("aria-live") in (None, "polite", "off")
        assert region.get_attribute("role") != "alert" or region.text_content()


def test_nothing_moves_for_who_asked_for_that(shown: Page) -> None:
    shown.emulate_media(reduced_motion="reduce")
    assert shown.evaluate(MOVES) == []


def test_at_twice_the_size_nothing_stands_outside(shown: Page) -> None:
    """1280 pixels at 200 % are 640."""
    shown.set_viewport_size({"width": 640, "height": 400})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 640


def test_a_meter_says_its_figure_in_words_and_is_drawn_without_a_style_in_the_page(shown: Page) -> None:
    meter = shown.locator("#customer .d-meter").first
    figure = meter.get_attribute("data-v")
    assert figure is not None
    expect(shown.locator("#customer")).to_contain_text(f"{figure}% of the way")
    assert meter.evaluate("(one) => one.style.getPropertyValue('--v')") == figure
    shown.evaluate("() => document.querySelector('#customer .d-meter').setAttribute('data-v', '33')")
    expect(meter).to_have_attribute("style", "--v: 33;")
