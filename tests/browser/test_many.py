"""Tickets chosen in the queue by key and by pointer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_rows_chosen_by_key_and_with_shift_are_done_at_once_and_what_was_refused_is_told(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    queue = make.make_queue(brand=brand)
    customer = make.make_customer(brand=brand)
    for number in range(3):
        make.make_ticket(customer=customer, queue=queue, subject=f"Parcel {number}")
    make.make_ticket(customer=make.make_customer(brand=brand), queue=queue, subject="Another")
    sign_in(page, house, ana)
    page.locator("#tab-all").click()
    expect(page.locator(".d-row[data-ticket]")).to_have_count(4)
    expect(page.locator("#bulk")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("v")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+V")
    expect(page.locator("#bulk-count")).to_have_text("4")
    page.locator("#bulk-more").click()
    page.get_by_role("button", name="Merge into the one opened first").click()
    expect(page.locator("#bulk-report")).to_contain_text("Done on 2 tickets.")
    expect(page.locator("#bulk-report")).to_contain_text("merge the two first")
    expect(page.locator("#bulk")).to_be_hidden()
    assert Ticket.objects.filter(merged_into__isnull=False).count() == 2


def test_esc_in_the_list_chooses_none_and_leaves_the_ticket_as_it_is(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    first = make.make_ticket(brand=brand)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{first.reference}/?view=all")
    page.locator(".d-row[data-ticket]").focus()
    page.keyboard.press("v")
    expect(page.locator("#bulk-count")).to_have_text("1")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    expect(page.locator(".d-pick input")).not_to_be_checked()
    expect(page.locator("#conversation")).to_contain_text(first.reference)
