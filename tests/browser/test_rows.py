"""A rule put together from rows of choices, without a letter of JSON."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents import roles
from agents.models import Agent, Brand
from tests import make
from tests.browser.test_main_job import PASSWORD, brand, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Rule, Tag

pytestmark = [pytest.mark.browser, pytest.mark.house]


@pytest.fixture
def ruth(house: House, brand: Brand) -> Agent:  # noqa: F811
    return make.make_agent(brands=[brand], role=roles.SUPERVISOR, password=PASSWORD)


def test_a_rule_is_put_together_from_rows_and_read_back_into_them(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ruth: Agent,
) -> None:
    Tag.objects.create(brand=brand, name="refund")
    rule = Rule.objects.create(brand=brand, name="Late", event="opened")
    sign_in(page, house, ruth)
    address = f"{house.url}/admin/tickets/rule/{rule.pk}/change/"
    page.goto(address)
    page.get_by_role("button", name="Add a condition").click()
    first = page.locator(".rows__row").first
    first.get_by_label("What is looked at").select_option(label="the priority")
    first.get_by_label("How it is compared").select_option(label="is at least")
    first.get_by_label("With what").select_option(label="high")
    page.get_by_role("button", name="Add a group").click()
    inner = page.locator(".rows__group[data-depth='1']")
    inner.get_by_label("When").select_option(label="none of these holds")
    inner.get_by_label("What is looked at").select_option(label="the ticket")
    inner.get_by_label("With what").select_option(label="refund")
    page.get_by_role("button", name="Add an action").click()
    page.get_by_label("What is done").last.select_option(label="Write to the customer")
    page.get_by_label("Text", exact=True).fill("We are on it.")
    page.get_by_role("button", name="Add an action").click()
    page.get_by_label("What is done").last.select_option(label="Set the priority")
    page.get_by_label("Priority", exact=True).select_option(label="Urgent")
    page.get_by_role("button", name="Move up").click()
    page.get_by_role("button", name="Save and continue editing").click()
    said = "and the priority is at least high and it is not so that the ticket bears the tag refund"
    expect(page.locator("#rule_form, form").filter(has=page.locator(".rows")).first).to_contain_text(said)
    stored = Rule.objects.get()
    assert [one["do"] for one in stored.actions] == ["priority", "reply"]
    assert stored.conditions["all"][0] == {"fact": "priority", "op": "at_least", "value": 3}
    expect(page.locator(".rows__row").first.get_by_label("With what").locator("option:checked")).to_have_text(
        "high"
    )
    page.get_by_role("button", name="Save", exact=True).click()  # as it was read back: nothing changes
    again = Rule.objects.get()
    assert (again.conditions, again.actions) == (stored.conditions, stored.actions)


def test_what_no_rows_can_show_stays_as_text(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ruth: Agent,
) -> None:
    odd = {"all": [{"fact": "weather", "op": "is", "value": "fine"}]}
    rule = Rule.objects.create(brand=brand, name="Late", event="opened", conditions=odd)
    sign_in(page, house, ruth)
    page.goto(f"{house.url}/admin/tickets/rule/{rule.pk}/change/")
    expect(page.get_by_text("This cannot be shown as rows; mend it as text.")).to_be_visible()
    expect(page.locator("textarea[name=conditions]")).to_be_visible()
    page.locator("textarea[name=conditions]").fill('{"fact": "late", "op": "is", "value": true}')
    page.locator("textarea[name=conditions]").blur()
    expect(page.locator(".rows__row").first.get_by_label("With what").locator("option:checked")).to_have_text(
        "yes"
    )
