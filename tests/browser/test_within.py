"""Nothing that is offered stands outside its pane, or under something else."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from tests import make
from tests.browser.test_main_job import ana, brand, eventually, sign_in  # noqa: F401  fixtures
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

IS_WITHIN = """([menu, pane]) => {
  const [box, room] = [menu, pane].map((one) => document.querySelector(one).getBoundingClientRect());
  return box.left >= room.left && box.right <= room.right;
}"""
IS_ON_TOP = """(button) => {
  const box = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
}"""


@pytest.mark.parametrize("width", [1100, 1300, 1440])
def test_menus_of_the_head_and_of_the_queue_stay_within_their_panes(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    width: int,
) -> None:
    ticket = make.make_ticket(brand=brand)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    for name in ("head-priority", "head-type", "head-reason", "head-tags", "head-links", "head-merge"):
        page.locator(f"#{name}").click()
        expect(page.locator(f"details[open] > #{name}")).to_be_visible()
        eventually(partial(page.evaluate, IS_WITHIN, [f"details:has(> #{name}) .d-menu", "#conversation"]), 3)
        page.keyboard.press("Escape")
    for name in ("queue-views", "queue-why"):
        page.locator(f"#{name}").click()
        expect(page.locator(f"details[open] > #{name}")).to_be_visible()
        eventually(partial(page.evaluate, IS_WITHIN, [f"details:has(> #{name}) .d-menu", "#queue"]), 3)
        page.keyboard.press("Escape")


def make_due(call: Callback) -> None:
    now = clock.now()
    Callback.objects.filter(pk=call.pk).update(
        window_from=now, window_to=now + timedelta(hours=1), state="due", due_since=now
    )


def name_in_note(ticket: Ticket, who: Agent) -> None:
    colleague = make.make_agent(brands=[ticket.brand])
    tickets.services.note(ticket, f"@{who.first_name} do you know this one?", by=colleague, key="named")


def test_what_is_done_on_many_stands_above_the_promise_that_is_due(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ticket = make.make_ticket(brand=brand)
    tickets.services.assign(ticket, ana, by=ana)
    make_due(make.make_callback(ticket=ticket, by=ana))
    sign_in(page, house, ana)
    expect(page.locator(".d-toast--due")).to_be_visible()
    page.locator(".d-row[data-ticket]").hover()
    page.locator("#queue .d-pick input").first.check()
    expect(page.locator("#bulk-more")).to_be_visible()
    assert page.locator("#bulk-more").evaluate(IS_ON_TOP)


def test_the_bell_counts_what_is_new_and_opens_the_list_of_it(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ticket = make.make_ticket(brand=brand)
    name_in_note(ticket, ana)
    sign_in(page, house, ana)
    bell = page.locator("#bell > summary")
    expect(bell.locator(".d-count")).to_have_text("1")
    bell.click()
    expect(page.locator("#told")).to_contain_text(ticket.reference)
    expect(bell.locator(".d-count")).to_have_text("1")  # looked at, not read
    page.get_by_role("button", name="All of it is read").click()
    expect(bell.locator(".d-count")).to_be_hidden()


def test_on_a_phone_what_one_was_told_stands_above_the_promise_that_is_due(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ticket = make.make_ticket(brand=brand)
    make_due(make.make_callback(ticket=ticket, by=ana))
    name_in_note(ticket, ana)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, house, ana)
    expect(page.locator(".d-toast--due")).to_be_visible()
    page.locator("#bell > summary").click()
    line = page.locator("#told a").first
    expect(line).to_contain_text(ticket.reference)
    assert line.evaluate(IS_ON_TOP)


def test_what_is_offered_while_one_writes_stands_above_the_words_and_moves_none(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ticket = make.make_ticket(brand=brand)
    make.make_macro(brand=brand, title="Parcel is late", text="It is on its way.")
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    top = "(one) => one.getBoundingClientRect().top"
    bottom = "(one) => one.getBoundingClientRect().bottom"
    words, composer = page.locator("#composer textarea"), page.locator("#composer")
    words.focus()
    before = words.evaluate(top)
    words.press_sequentially("/")
    expect(page.locator("#macro-names button")).to_be_visible()
    assert page.locator("#macros .d-menu").evaluate(bottom) <= composer.evaluate(top)
    assert words.evaluate(top) == before
    words.fill("")
    page.locator("#composer [value=note]").check(force=True)
    words.press_sequentially(f"@{ana.first_name[:2].lower()}")
    expect(page.locator("#names [data-handle]").first).to_be_visible()
    assert page.locator("#names").evaluate(bottom) <= composer.evaluate(top)
    assert words.evaluate(top) == before


def test_the_meters_of_a_grant_begin_together(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
) -> None:
    ticket = make.make_ticket(customer=make.make_member(brand=brand, points=1000))
    make.make_reason(brand=brand, code="late", label="Late parcel")
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/?view=all")
    page.locator('#customer button[hx-get$="/goodwill/"]').first.click()
    expect(page.locator(".d-allow").first).to_be_visible()
    sides = page.locator(".d-allow .d-meter").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.right])"
    )
    assert len(sides) >= 2
    assert len({tuple(both) for both in sides}) == 1
