"""Somebody rings: found or made, enrolled, their ticket opened by hand, their number mended with its history."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_caller_is_found_or_made_enrolled_helped_and_mended(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    make.make_queue(brand=brand, name="Care", is_default=True)
    make.make_programme(brand=brand)
    maria = make.make_member(brand=brand, name="Maria Rossi", phone="+493047550142", points=500)
    sign_in(page, house, ana)

    # A known caller: the last digits from the handset, down into the list, and her page is open.
    page.keyboard.press("/")
    page.keyboard.type("0142")
    expect(page.locator("#found")).to_contain_text("Maria Rossi")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{house.url}/customers/{maria.pk}/")
    expect(page.locator("#conversation h1")).to_have_text("Maria Rossi")

    # What she says becomes a ticket of whoever heard it.
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Parcel never came")
    page.get_by_label("What they said").fill("The courier says it was left at the door.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("left at the door")
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.assignee, ticket.channel) == (maria, ana, "phone")

    # An unknown caller: the box takes the number along into the new customer.
    page.keyboard.press("/")
    page.keyboard.type("030 4755 0199")
    page.locator("#found a", has_text="New customer").click()
    expect(page.locator("#new-phone")).to_have_value("+493047550199")
    page.locator("#profile-name").fill("Jun Lee")
    page.get_by_role("button", name="Make the customer").click()
    expect(page.locator("#conversation h1")).to_have_text("Jun Lee")
    jun = Customer.objects.get(name="Jun Lee")

    # Enrolled when he agrees, and not before.
    page.keyboard.press("m")
    enrol = page.locator("#customer").get_by_role("button", name="Enrol")
    enrol.click()
    expect(page.locator("#panel-refusal")).to_contain_text("has to agree first")
    page.get_by_label("The customer agreed").check()
    enrol.click()
    expect(page.locator("#customer")).to_contain_text("points to spend")
    assert jun.consents.get().by == ana

    # The number is mended; what it was, who mended it and when stays to be read.
    row = page.locator(".d-list li", has_text="+49 30 47550199")
    row.get_by_text("Change").click()
    row.get_by_label("Correct it to").fill("+49 30 47550188")
    row.get_by_role("button", name="Correct").click()
    expect(page.locator("#history")).to_contain_text("+493047550199 corrected to +493047550188 · Ana Petrova")
    assert jun.contact_points.get().value == "+493047550188"

    # On a phone the facts under the name wrap; none lies over another.
    Customer.objects.filter(pk=jun.pk).update(city="Villingen-Schwenningen")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator(".d-props")).to_contain_text("Villingen-Schwenningen")
    wide = page.evaluate(
        "[...document.querySelectorAll('.d-props .d-prop')]"
        ".filter(fact => fact.scrollWidth > fact.clientWidth || fact.getBoundingClientRect().right > innerWidth)"
        ".map(fact => fact.textContent)"
    )
    assert wide == []
