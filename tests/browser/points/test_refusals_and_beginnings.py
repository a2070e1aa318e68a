"""A refusal is a sentence where the deed was done and takes nothing typed away; empty places teach; deeds are undone
(11, 12)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from goodwill.models import Policy, Reason
from tests import make
from tests.browser.points.conftest import World, panel, settled
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def refused(page: Page, slot: str, words: str) -> Locator:
    """The sentence that stands in this place, in view; the page is where it was and says it nowhere else."""
    sentence = page.locator(f"{slot} .d-refusal")
    expect(sentence).to_contain_text(words)
    expect(sentence).to_be_in_viewport()
    assert re.search(r"\w[.!?]", sentence.inner_text())
    expect(page.locator(".d-refusal")).to_have_count(1)
    return sentence


def test_in_the_composer_the_words_stay(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    words = page.locator("#composer textarea")
    words.fill("Good morning, Maria")
    page.get_by_label("More ways to send").click()
    page.get_by_role("button", name="Send later").click()
    refused(page, "#composer-refusal", "Choose a day and an hour")
    expect(words).to_have_value("Good morning, Maria")
    words.press("End")
    words.press("!")
    expect(page.locator(".d-refusal")).to_have_count(0)  # over as soon as it is mended
    assert not Message.objects.filter(ticket=ticket, kind="outbound").exists()


def test_in_a_panel_all_that_was_typed_stays(world: World) -> None:
    Policy.objects.filter(brand=world.brand).update(apart_days=None)
    make.make_reason(brand=world.brand, max_points=2000)
    ticket = world.ticket()
    page = world.desk(at=ticket)
    shown = panel(page, "g", "Goodwill")
    shown.locator("#effect-points").fill("800")
    shown.get_by_label("What should they know?").fill("Third one this year")
    shown.get_by_label("A message that goes out").fill("We are sorry, Maria.")
    settled(page)
    Reason.objects.filter(brand=world.brand).update(max_points=700)  # meanwhile a supervisor lowered it
    shown.get_by_role("button", name="Ask for approval").click()
    refused(page, "#panel-refusal", "700")
    expect(shown.locator("#effect-points")).to_have_value("800")
    expect(shown.get_by_label("What should they know?")).to_have_value("Third one this year")
    expect(shown.get_by_label("A message that goes out")).to_have_value("We are sorry, Maria.")
    assert make.now_of(world.maria).balance == 1000
    world.goes(page, world.ticket("Another"))

    shown = panel(page, "b", "Promise a callback")
    shown.get_by_label("What about").fill("When it will be there")
    shown.get_by_label("Notes for whoever calls").fill("She is at home after six")
    shown.get_by_role("button", name="Promise it").click()
    refused(page, "#panel-refusal", "Choose")
    expect(shown.get_by_label("What about")).to_have_value("When it will be there")
    expect(shown.get_by_label("Notes for whoever calls")).to_have_value("She is at home after six")


def test_at_the_head_the_number_that_was_typed_stays(world: World) -> None:
    page = world.desk(at=world.ticket())
    page.locator("#conversation").focus()
    page.keyboard.press("m")
    page.locator("#merge-into").fill("FF-999999")
    page.get_by_role("button", name="Merge into this number").click()
    refused(page, "#head-refusal", "FF-999999")
    expect(page.locator("#merge-into")).to_have_value("FF-999999")


def test_a_new_customer_whose_address_is_anothers_is_refused_in_the_form(world: World) -> None:
    taken = world.maria.contact_points.filter(kind="mail").get().value
    page = world.desk(at="/customers/new/")
    page.locator("#profile-name").fill("Mia Rossi")
    page.locator("#new-mail").fill(taken)
    page.get_by_role("button", name="Make the customer").click()
    expect(page.locator(".d-refusal")).to_be_visible()
    expect(page.get_by_role("link", name="Show the customer who has it")).to_be_visible()
    expect(page.locator("#profile-name")).to_have_value("Mia Rossi")
    expect(page.locator("#new-mail")).to_have_value(taken)


def test_empty_places_say_why_and_what_to_do(world: World) -> None:
    page = world.desk(at="/")
    expect(page.locator("#queue .d-empty")).to_contain_text("Tickets appear when they are assigned to you")
    expect(page.locator("#conversation")).to_contain_text("Nothing of yours waits.")
    expect(page.locator("#conversation .d-lines--keys .d-kbd").first).to_be_visible()
    expect(page.locator("#customer")).to_contain_text("Open a ticket and you see who asks")
    taught = {
        "/?view=all": "Every ticket of this view is answered.",
        "/callbacks/": "press B to promise the customer a call",
        "/search/?q=xyzzyx": "All words must stand in",
        "/find/?q=xyzzyx": "Looked for as a phone number, a mail address, a name",
        "/notifications/": "You are told here when somebody names you",
    }
    for address, words in taught.items():
        world.goes(page, address)
        expect(page.locator("main, #queue").filter(has_text=words).first).to_be_visible()

    stranger = make.make_customer(brand=world.brand, name="Jon Lee")
    world.goes(page, world.ticket(customer=stranger))
    expect(page.locator("#customer")).to_contain_text("no member yet")
    shown = panel(page, "g", "Goodwill")
    expect(shown.locator(".d-empty")).to_contain_text("Jon Lee is no member yet.")
    expect(shown.get_by_role("link", name="Enrol")).to_be_visible()
    page.keyboard.press("Escape")
    world.goes(page, world.ticket())
    expect(panel(page, "g", "Goodwill").locator(".d-empty")).to_contain_text("A supervisor adds the reasons")
    page.keyboard.press("Escape")
    expect(panel(page, "d", "Redeem")).to_contain_text("A supervisor adds the rewards")
    page.keyboard.press("Escape")
    page.locator("#composer textarea").fill("/")
    expect(page.locator("#macro-names")).to_contain_text("There are no macros yet. Supervisors write them.")


def test_what_takes_away_is_done_at_once_and_can_be_undone(world: World) -> None:
    into, ticket = world.ticket("The first"), world.ticket("The second")
    page = world.desk(at=ticket)
    page.locator("#conversation").focus()
    page.keyboard.press("t")
    page.get_by_label("A tag of your own").fill("late")
    page.keyboard.press("Enter")
    tag = page.get_by_role("button", name="Take off the tag late")
    tag.click()
    expect(tag).to_have_count(0)
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(tag).to_be_visible()
    for key, place, done, before in (
        ("z", "#head-snooze", "Put off until", "Put off"),
        ("s", "#head-status", "Pending", "Open"),
    ):
        settled(page).locator("#conversation").focus()
        page.keyboard.press(key)
        menu = page.locator(f"details:has(> {place}) .d-menu button")
        (menu.filter(has_text=done) if key == "s" else menu).first.click()
        expect(page.locator(place)).to_contain_text(done)
        settled(page).locator("#conversation").focus()
        page.keyboard.press("u")
        expect(page.locator(place)).to_have_text(re.compile(rf"^\s*{before}\s*$"))

    # A merge asks nothing either; the one that stays takes it apart again.
    page.keyboard.press("m")
    page.locator("#merge-into").fill(into.reference)
    page.get_by_role("button", name="Merge into this number").click()
    expect(page.locator("#head h1")).to_have_text("The first")
    page.get_by_role("button", name=f"Take {ticket.reference} apart again").click()
    expect(page.locator("#head")).not_to_contain_text("goes on here")
    assert Ticket.objects.get(pk=ticket.pk).merged_into is None
