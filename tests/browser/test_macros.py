"""A macro sent by the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Message, Tag

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_macro_is_found_by_typing_filled_in_and_sent_with_its_deeds(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    customer = make.make_customer(brand=brand, name="Nora Nilsen")
    ticket = make.make_ticket(customer=customer, queue=make.make_queue(brand=brand))
    make.make_macro(brand=brand, title="All is well")
    late = [{"do": "tag", "name": "late"}, {"do": "resolve"}]
    text = "Hello {customer first name}, it is late."
    make.make_macro(brand=brand, title="Parcel is late", shortcut="late", text=text, actions=late)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.keyboard.press("r")
    page.keyboard.type("/")
    expect(page.locator("#macro-names")).to_contain_text("All is well")
    page.keyboard.type("late")
    expect(page.locator("#macro-names button:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".d-macro")).to_contain_text("Tag late · Resolve")
    expect(page.locator("#composer textarea")).to_have_value("Hello Nora, it is late.")
    page.keyboard.type(" Sorry!")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .d-msg--out")).to_contain_text("Hello Nora, it is late. Sorry!")
    expect(page.locator("#head")).to_contain_text("Resolved")
    expect(page.locator(".d-macro")).to_have_count(0)
    assert Message.objects.filter(kind=Message.Kind.OUTBOUND).count() == 1
    assert Tag.objects.get().name == "late"
