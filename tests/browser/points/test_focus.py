"""Where the focus goes by keyboard, so that no letter becomes a deed nobody meant; what a draft survives (3, 5, 11)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.points.conftest import World, panel, settled
from tests.browser.test_main_job import eventually
from tickets.models import Draft

pytestmark = [pytest.mark.browser, pytest.mark.house]


def has_focus(page: Page, selector: str) -> None:
    eventually(lambda: page.evaluate("one => document.activeElement.matches(one)", selector), 4)


def test_a_choice_from_a_menu_of_the_head_leaves_the_focus_on_that_menu(world: World) -> None:
    make.make_reason(brand=world.brand)
    page = world.desk(at=world.ticket())
    for key, menu in (("s", "#head-status"), ("i", "#head-priority"), ("z", "#head-snooze")):
        page.locator("#conversation").focus()
        page.keyboard.press(key)
        has_focus(page, menu)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        settled(page)
        has_focus(page, menu)


def test_a_menu_that_asks_for_words_takes_letters(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    page.locator("#conversation").focus()
    page.keyboard.press("t")
    has_focus(page, "#head input")
    page.keyboard.type("damaged")
    page.keyboard.press("Enter")
    expect(page.locator("#head")).to_contain_text("damaged")
    settled(page)
    has_focus(page, "#head-tags")
    expect(page.locator("#customer h2", has_text="Redeem")).to_have_count(0)


def test_esc_from_the_macros_goes_back_to_the_words(world: World) -> None:
    ticket = world.ticket()
    make.make_macro(brand=world.brand, title="Parcel is late")
    page = world.desk(at=ticket)
    page.keyboard.press("r")
    page.keyboard.type("/")
    has_focus(page, "#macro-search")
    page.keyboard.type("nothing like it")
    expect(page.locator("#macro-none")).to_be_visible()
    page.keyboard.press("Escape")
    has_focus(page, "#composer textarea")
    page.keyboard.type("e")
    ticket.refresh_from_db()
    assert ticket.is_open


def test_esc_closes_a_panel_from_within_its_field_and_a_filter_keeps_the_focus(world: World) -> None:
    make.make_reason(brand=world.brand)
    make.make_policy(agent=world.ana, brand=world.brand)
    page = world.desk(at=world.ticket())
    opened = panel(page, "g", "Goodwill")
    opened.locator("input[name=points]").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#customer input[name=points]")).to_have_count(0)
    has_focus(page, "#customer [data-key='g']")
    page.locator("#timeline-only").click()
    page.locator("#timeline .d-menu").get_by_role("button", name="Points").click()
    expect(page.locator("#timeline-only")).to_have_text("Points")
    settled(page)
    has_focus(page, "#timeline-only")


def test_a_dialog_gives_the_focus_back_though_the_list_behind_it_came_anew(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at="/?view=mine")
    page.locator(f"#row-{ticket.pk}").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    another = world.ticket("Where is my refund?")
    expect(page.locator(f"#row-{another.pk}")).to_have_count(1, timeout=10_000)
    settled(page)
    page.keyboard.press("Escape")
    has_focus(page, f"#row-{ticket.pk}")


def test_words_whose_sending_found_no_line_are_saved_when_it_is_back(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    page.context.set_offline(True)
    page.locator("#composer textarea").fill("We are looking for it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#live")).to_have_attribute("data-shown", "")
    page.context.set_offline(False)
    eventually(lambda: Draft.objects.filter(ticket=ticket, text="We are looking for it.").exists(), 15)
    expect(page.locator("#composer textarea")).to_have_value("We are looking for it.")


def test_words_pasted_with_a_picture_of_them_are_words(world: World) -> None:
    page = world.desk(at=world.ticket())
    paste = """(words) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array([137, 80, 78, 71])], "image.png", { type: "image/png" }));
      if (words) data.setData("text/plain", words);
      const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      return document.querySelector("#composer textarea").dispatchEvent(paste);
    }"""
    assert page.evaluate(paste, "Two cells of a sheet")  # the browser puts the words in
    assert not page.evaluate(paste, "")


def test_another_kind_of_word_ends_the_preview(world: World) -> None:
    page = world.desk(at=world.ticket())
    words = page.locator("#composer textarea")
    words.fill("**Look**")
    page.locator("#composer [data-preview]").click()
    expect(words).to_be_hidden()
    page.locator("#composer label", has_text="Note").click()
    expect(words).to_be_visible()
    expect(words).to_have_value("**Look**")


def test_the_open_ticket_stands_in_view_in_the_list_of_a_page_that_was_loaded(world: World) -> None:
    rows = [world.ticket(f"Ticket {number}") for number in range(20)]
    page = world.desk(at=f"/tickets/{rows[-1].reference}/?view=mine")
    row = page.locator("#queue .d-row[aria-current=true]")
    expect(row).to_contain_text("Ticket 19")
    expect(row).to_be_in_viewport()
