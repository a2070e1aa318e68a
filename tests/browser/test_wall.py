"""The wall in a browser: charts from tables, colours from the theme, and the focus where it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents import roles
from agents.models import Brand
from tests import make
from tests.browser.test_main_job import PASSWORD, brand, eventually, sign_in  # noqa: F401  fixtures
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]

DRAWN = "() => document.querySelector('#wall-hours-chart').toDataURL()"
IS_DRAWN = """() => {
  const canvas = document.querySelector("#wall-hours-chart");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}"""
ASK_AGAIN = """() => htmx.ajax("GET", "/wall/", {
  source: "#wall", target: "#wall", select: "#wall", swap: "outerHTML"
})"""


def test_charts_are_drawn_from_their_tables_and_the_page_keeps_its_place_when_it_asks_again(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
) -> None:
    ruth = make.make_agent(brands=[brand], email="ruth@ff.example", password=PASSWORD, role=roles.SUPERVISOR)
    queue = make.make_queue(brand=brand, name="Help")
    make.make_ticket(queue=queue)
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.set_viewport_size({"width": 1920, "height": 1080})
    sign_in(page, house, ruth)
    page.locator("summary[aria-label*=account]").click()
    page.get_by_role("link", name="Live board").click()
    expect(page.locator("#wall-lines tbody tr")).to_have_count(1)
    eventually(lambda: page.evaluate(IS_DRAWN), 10)
    expect(page.locator("#wall-hours-table tbody tr")).to_have_count(12)
    light = page.evaluate(DRAWN)
    page.locator(".d-top [data-theme-toggle]").first.click()
    eventually(lambda: page.evaluate(DRAWN) != light, 10)

    page.locator(f"#wall-queue-{queue.pk}").focus()
    make.make_ticket(queue=queue)
    page.evaluate(ASK_AGAIN)
    expect(page.locator("#wall-lines tbody tr td").first).to_have_text("2")
    eventually(lambda: page.evaluate(IS_DRAWN), 10)
    assert page.evaluate("document.activeElement.id") == f"wall-queue-{queue.pk}"
    assert said == []
