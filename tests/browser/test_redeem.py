"""Points spent for the customer by the keyboard alone, and the code put into the reply."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from customers.services import verify_contact_point
from loyalty.models import Voucher
from tests import make
from tests.browser.test_main_job import MAIL_SENT_WITHIN, ana, brand, eventually, mails_to, sign_in  # noqa: F401
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_a_reward_is_taken_by_keyboard_and_a_dear_one_by_the_customers_code(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    make.make_programme(brand=brand, confirm_above=600)
    member = make.make_member(brand=brand, name="Maria Rossi", points=1500)
    verify_contact_point(member.contact_points.get(kind="mail"), by=ana)
    make.make_reward(brand=brand, name="Tote bag", rank=1, stock=3)
    make.make_reward(brand=brand, name="Lamp", rank=2, points=900)
    make.make_reward(brand=brand, name="Sofa", rank=3, points=1580)
    ticket = make.make_ticket(customer=member)
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")

    page.keyboard.press("d")
    panel = page.locator("#customer")
    expect(panel).to_contain_text("80 points to Sofa")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    code = panel.locator(".d-prompt", has_text="Tote bag")
    expect(code).to_be_visible()
    expect(code).to_contain_text(Voucher.objects.get().code)
    code.click()
    words = re.compile(f"Your code is {Voucher.objects.get().code}, to be used until ")
    expect(page.locator(".d-composer textarea")).to_have_value(words)

    page.locator("#conversation").focus()
    page.keyboard.press("d")
    panel.get_by_text("Lamp").click()
    page.keyboard.press("Control+Enter")
    expect(panel).to_contain_text("Ask the customer to read it out")
    page.keyboard.type("wrong")
    page.keyboard.press("Control+Enter")
    expect(panel.locator("#panel-refusal")).to_contain_text("4 tries are left")
    address = member.contact_points.get(kind="mail").value
    (letter,) = eventually(lambda: mails_to(house.mail_dir, address), MAIL_SENT_WITHIN)
    page.get_by_label("The customer’s code").fill(str(letter["Subject"]).removeprefix("Your code: "))
    page.keyboard.press("Control+Enter")
    expect(panel.locator(".d-prompt", has_text="Lamp")).to_be_visible()
    expect(panel.locator(".d-points")).to_have_text("100")
