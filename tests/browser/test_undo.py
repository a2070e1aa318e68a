"""Undo by its line and its key: a reopening, and a deed on many."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import ana, brand, eventually, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


@pytest.fixture
def ticket(brand: Brand, ana: Agent) -> Ticket:  # noqa: F811
    ticket = make.make_ticket(queue=make.make_queue(brand=brand))
    tickets.services.assign(ticket, ana, by=ana)
    return ticket


def test_a_deed_on_many_and_a_reopening_are_undone_by_u(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    ticket: Ticket,
) -> None:
    other = make.make_ticket(queue=ticket.queue)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    for one in (ticket, other):
        page.locator(f"#row-{one.pk}").focus()
        page.keyboard.press("v")
    page.locator("#bulk-more").click()
    page.locator("#bulk").get_by_role("button", name="Urgent").click()
    expect(page.locator("#bulk-report")).to_contain_text("Done on 2 tickets.")
    assert set(Ticket.objects.values_list("priority", flat=True)) == {Ticket.Priority.URGENT}
    expect(page.locator("#undo")).to_contain_text("Done on 2 tickets.")
    page.keyboard.press("u")
    expect(page.locator("#bulk-report")).to_contain_text("Undone on 2 tickets.")
    expect(page.locator("#undo")).to_be_empty()
    assert Ticket.Priority.URGENT not in set(Ticket.objects.values_list("priority", flat=True))

    page.locator("#resolve").click()
    page.locator("#reopen").click()
    expect(page.locator("#resolve")).to_be_visible()
    expect(page.locator("#undo")).to_contain_text("Undo")
    page.keyboard.press("u")
    expect(page.locator("#reopen")).to_be_visible()
    eventually(lambda: Ticket.objects.get(pk=ticket.pk).status == "resolved", 5)
