"""Keys pressed faster than the pages come."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_note_begun_while_another_ticket_loads_never_becomes_a_mail(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    queue = make.make_queue(brand=brand)
    first, second = (
        make.make_ticket(customer=make.make_customer(brand=brand), queue=queue, subject=subject)
        for subject in ("The first", "The second")
    )
    for ticket in (first, second):
        ticket.assignee = ana
        ticket.save(update_fields=["assignee"])
    sign_in(page, house, ana)
    page.locator(".d-row", has_text="The first").click()
    expect(page.locator("#head")).to_contain_text("The first")

    held: list[Route] = []

    def late(route: Route) -> None:
        held.append(route)

    address = f"**/tickets/{second.reference}/"
    page.route(address, late)
    with page.expect_request(address):
        page.locator(".d-row", has_text="The second").click()
    page.keyboard.press("n")
    assert len(held) == 1  # the key was pressed while the page was still to come
    held.pop().continue_()
    expect(page.locator("#head")).to_contain_text("The second")
    page.keyboard.type("ask the courier")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .d-msg--note")).to_contain_text("ask the courier")
    assert not Message.objects.filter(kind=Message.Kind.OUTBOUND).exists()
