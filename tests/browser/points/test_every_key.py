"""Every single key and the palette, and a whole job without a pointer (3, 4)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from callbacks.models import Callback
from loyalty.models import Account
from tests import make
from tests.browser.points.conftest import World, panel, settled
from tests.browser.test_main_job import PASSWORD, daytime_zone, eventually
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def away(page: Page) -> Page:
    """No field has the focus, and nothing is on its way."""
    settled(page).locator("#conversation").focus()
    return page


def test_every_single_key_does_its_deed(world: World) -> None:
    make.make_reason(brand=world.brand)
    tickets = [world.ticket(subject) for subject in ("The first", "The second", "The third")]
    Ticket.objects.filter(pk=tickets[0].pk).update(assignee=None)
    page = world.desk(at=f"/tickets/{tickets[0].reference}/?view=all")
    rows = page.locator("#queue .d-row")
    expect(rows).to_have_count(3)

    # j and k move, o opens.
    away(page).keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("#head h1")).to_have_text(rows.nth(1).locator(".d-row__subject").inner_text())
    page.go_back()
    expect(page.locator("#head h1")).to_have_text("The first")

    # r and n take the field for the word to come.
    words = page.locator("#composer textarea")
    for key, kind in (("n", "note"), ("r", "reply")):
        away(page).keyboard.press(key)
        expect(words).to_be_focused()
        expect(page.locator(f"#composer [value={kind}]")).to_be_checked()
    expect(words).to_have_value("")

    # a, s and t change the ticket; Esc closes what s opened without changing it.
    away(page).keyboard.press("a")
    expect(page.locator("#head-assignee")).to_contain_text("Ana")
    away(page).keyboard.press("s")
    menu = page.locator("details[open] > #head-status")
    expect(menu).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#head-status")).to_contain_text("Pending")
    away(page).keyboard.press("t")
    expect(page.locator("details[open] > #head-tags")).to_be_visible()
    expect(page.locator("#head [name=name]")).to_be_focused()
    page.keyboard.type("late")
    page.keyboard.press("Enter")
    expect(page.locator("#head form[aria-label=Tags]")).to_contain_text("late")

    # g, b and d open a panel, Esc gives the customer back.
    for key, title in (("g", "Goodwill"), ("b", "Promise a callback"), ("d", "Redeem")):
        away(page)
        panel(page, key, title)
        page.keyboard.press("Escape")
        expect(page.locator("#points")).to_be_visible()

    # z puts off and brings back, e resolves, ? tells all of them.
    away(page).keyboard.press("z")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#head-snooze")).to_contain_text("Put off until")
    away(page).keyboard.press("z")
    expect(page.locator("#head-snooze")).not_to_contain_text("until")
    away(page).keyboard.press("e")
    expect(page.locator("#head")).to_contain_text("Resolved")
    away(page).keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Redeem a reward")
    told = {cap.strip().lower() for cap in sheet.locator(".d-kbd").all_inner_texts()}
    assert set("jkornastgbdez?") <= told


def test_the_palette_finds_customers_tickets_orders_and_macros_and_acts(world: World) -> None:
    number = make.make_order(customer=world.maria, number=f"A-{world.brand.code}").number
    make.make_macro(brand=world.brand, title="Ask for patience", text="Please give us a day.")
    ticket, other = world.ticket("The first"), world.ticket("Broken bowl")
    page = world.desk(at=ticket)
    palette = page.locator("#palette")

    def asks(typed: str, option: str) -> None:
        away(page).keyboard.press("Control+k")
        with page.expect_response(lambda answer: parse_qs(urlsplit(answer.url).query).get("q") == [typed]):
            page.keyboard.type(typed)
        found = palette.get_by_role("option", name=option).first
        expect(found).to_be_visible()
        for _ in range(40):
            if found.get_attribute("aria-selected") == "true":
                break
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")

    asks("patience", "Ask for patience")
    expect(page.locator("#composer textarea")).to_have_value("Please give us a day.")
    page.locator("#composer textarea").fill("")
    asks(other.reference, other.reference)
    expect(page.locator("#head h1")).to_have_text("Broken bowl")
    asks("assign to me", "Assign to me")
    expect(page.locator("#head-assignee")).to_contain_text("Ana")
    asks(number, number)
    expect(page).to_have_url(re.compile(f"/customers/{world.maria.pk}/"))
    world.goes(page, ticket)
    asks("Maria Rossi", "Maria Rossi")
    expect(page).to_have_url(re.compile(f"/customers/{world.maria.pk}/"))


def test_a_whole_job_is_done_by_the_keyboard_alone(world: World) -> None:
    world.ana.set_password(PASSWORD)
    world.ana.save(update_fields=["password"])
    world.maria.time_zone = daytime_zone()
    world.maria.save(update_fields=["time_zone"])
    make.make_reason(brand=world.brand)
    first = world.ticket("The first")
    world.ticket("The second")
    page = world.browser.new_context().new_page()
    world.opened.append(page.context)
    page.goto(world.house.url)
    page.get_by_label("Work e-mail").focus()
    page.keyboard.type(world.ana.email)
    for _ in "12":  # past the way to a new password
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#queue .d-row")).to_have_count(2)

    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#head h1")).to_have_text("The first")
    away(page).keyboard.press("g")
    expect(page.locator("#customer form :focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("+200 points")
    eventually(lambda: Account.objects.filter(customer=world.maria, balance=1200).exists(), 5)

    away(page).keyboard.press("b")
    expect(page.locator("#customer form :focus")).to_have_count(1)
    for _ in range(40):
        if page.evaluate(
            "document.activeElement.name === 'window' && !document.activeElement.matches('[data-quiet]')"
        ):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#customer .d-slot:has(:checked)")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("Callback promised")
    assert Callback.objects.get(ticket=first).owner == world.ana

    # Send, resolve, next: one key; the reply can be undone on the next ticket for its ten seconds.
    away(page).keyboard.press("r")
    page.keyboard.type("It is on its way.")
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#head h1")).to_have_text("The second")
    undo = page.locator(".d-toast--held").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(undo).to_have_count(0, timeout=15_000)
    eventually(lambda: Ticket.objects.filter(pk=first.pk, status="resolved").exists(), 10)
    assert Message.objects.filter(ticket=first, kind="outbound").count() == 1
