"""A ticket that was answered late is solved with a key, and the call that is proposed is promised with another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from agents.models import Agent, Brand
from callbacks.models import Callback
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import ana, brand, eventually, maria, sign_in  # noqa: F401  fixtures
from tests.callbacks.test_proposing import be_late
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_solved_ticket_proposes_a_call_and_a_key_promises_it(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    maria: Customer,  # noqa: F811
) -> None:
    queue = make.make_queue(brand=brand, name="Care", address="care@ff.example", is_default=True)
    ticket = make.make_ticket(customer=maria, queue=queue)
    be_late(ticket)
    tickets.services.assign(ticket, ana, by=ana)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    line = page.locator(f"#follow-up-{ticket.reference}")
    expect(line).to_have_count(0)
    page.keyboard.press("e")
    expect(line).to_contain_text("We were late: ask whether all is well now")
    page.keyboard.press("y")
    eventually(lambda: Callback.objects.filter(ticket=ticket, source="resolved").exists(), 10)
    expect(page.locator("#thread")).to_contain_text("Callback promised")
    expect(page.locator("#follow-up-promise")).to_have_count(0)
