"""The customer chooses by a link what is given, and an incident is put right for all whom it hit, in real browsers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import IncidentGrant
from tests import make
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.house]
LINK = re.compile(r"https?://[^/\s]+(/\S+)")


def test_what_the_customer_chooses_by_a_link_and_what_an_incident_gives_stand_in_the_tickets(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ruth = make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Ruth Adler", password=PASSWORD)
    queue = make.make_queue(brand=brand, name="Care", is_default=True)
    maria = make.make_member(brand=brand, name="Maria Rossi", points=500)
    make.make_reason(brand=brand, label="Lost parcel", code="lost", max_points=2000)
    make.make_reward(brand=brand, code="free-shipping", name="Free shipping", points=300)
    ticket = make.make_ticket(customer=maria, queue=queue)
    fire = make.make_ticket(brand=brand, queue=queue, subject="The warehouse burnt down")
    hit = [make.make_member(brand=brand) for _ in "12"]
    for member in hit:
        tickets.services.link(make.make_ticket(customer=member, queue=queue), fire, kind="incident", by=ana)
    browser = page.context.browser
    assert browser is not None

    # Two things to choose from go out as a link.
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.keyboard.press("g")
    page.get_by_role("link", name="let the customer choose").click()
    panel = page.locator("#customer")
    panel.locator("input[name=remedy][value=points]").check()
    panel.get_by_role("textbox", name="Points", exact=True).fill("200")
    panel.get_by_text("Free shipping").click()
    panel.get_by_role("textbox", name="What stands above the link").fill("We are sorry. Choose, please:")
    panel.get_by_role("button", name="Let the customer choose").click()
    expect(page.locator("#thread")).to_contain_text("the customer may choose")
    page.evaluate("window.stayed = true")
    found = LINK.search(Message.objects.get(ticket=ticket, kind="outbound").text)
    assert found

    # The customer chooses, is told, and finds the same when the link is opened again; the agent sees it at once.
    theirs = browser.new_context().new_page()
    theirs.goto(house.url + found[1])
    theirs.get_by_label("200 points on your account").check()
    theirs.get_by_role("button", name="This is my choice").click()
    expect(theirs.locator("h1")).to_have_text("Thank you. You have chosen.")
    again = browser.new_context().new_page()
    again.goto(house.url + found[1])
    expect(again.locator("body")).to_contain_text("200 points are on your account.")
    expect(again.locator("form#choice")).to_have_count(0)
    expect(page.locator("#thread")).to_contain_text("the customer chose this", timeout=15_000)
    assert page.evaluate("window.stayed")
    assert make.now_of(maria).balance == 700

    # An incident: asked for once, agreed to once, and each of them has it.
    page.goto(f"{house.url}/tickets/{fire.reference}/")
    page.get_by_role("button", name="Goodwill for all who were hit").click()
    page.get_by_label("Points for each customer").fill("100")
    page.get_by_role("button", name="Ask for all 2 customers").click()
    expect(page.locator("#incident-progress")).to_contain_text("100 points each for 2 customers")
    second = browser.new_context().new_page()
    sign_in(second, house, ruth)
    second.goto(f"{house.url}/tickets/{fire.reference}/")
    second.get_by_role("button", name="Goodwill for all who were hit").click()
    second.locator("#customer").get_by_role("button", name="Agree").click()
    expect(second.locator("#incident-progress")).to_contain_text("2 given", timeout=20_000)
    assert [make.now_of(member).balance for member in hit] == [100, 100]
    assert IncidentGrant.objects.get().state == "done"
