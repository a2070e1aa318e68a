"""A draft that outlives its page and is seen by who takes over, who looks and types, a reply too late (5, 6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.points.conftest import World
from tests.browser.test_main_job import eventually
from tickets.models import Draft, Message

pytestmark = [pytest.mark.browser, pytest.mark.house]


def deaf(page: Page) -> Callable[[], None]:
    """Let the page hear nothing of its thread, as in the moment before news is there; gives what ends that."""
    page.route("**/thread/?version=**", lambda route: route.abort())
    return lambda: page.unroute("**/thread/?version=**")


def test_a_draft_is_there_after_a_crash_and_seen_by_the_supervisor_who_takes_over(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    page.keyboard.press("r")
    page.keyboard.type("Dear Maria, we have")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.route("**/*", lambda route: route.abort())  # nothing more leaves it: it dies as it is
    page.close(run_before_unload=False)
    again = world.desk(at=ticket)
    expect(again.locator("#composer textarea")).to_have_value("Dear Maria, we have")

    ruth = world.supervisor()
    hers = world.desk(ruth, ticket)
    expect(hers.locator("#composer")).to_contain_text("Ana Petrova has an unsent draft.")
    hers.keyboard.press("a")
    expect(hers.locator("#head-assignee")).to_contain_text("Ruth")
    hers.get_by_role("button", name="Show it").click()
    expect(hers.locator(".d-begun")).to_contain_text("Dear Maria, we have")
    assert Draft.objects.get(ticket=ticket).agent == world.ana


def test_who_views_and_who_types_stands_as_an_avatar_in_head_and_list(world: World) -> None:
    ticket = world.ticket()
    sam = world.agent("Sam Okoro")
    page, other = world.desk(at=ticket), world.desk(sam, ticket)
    for place in (page.locator("#head .d-looks .d-av"), page.locator(f"#row-{ticket.pk} [data-look]")):
        expect(place).to_have_text("SO", timeout=8_000)
        expect(place).to_be_visible()
        expect(place).to_have_attribute("title", "Sam is looking")
    other.keyboard.press("r")
    other.keyboard.type("Dear Maria")
    for place in (page.locator("#head .d-looks .d-av"), page.locator(f"#row-{ticket.pk} [data-look]")):
        expect(place).to_have_attribute("data-typing", "", timeout=8_000)
        expect(place).to_have_attribute("title", "Sam is writing a reply")
    expect(other.locator("#draft-state")).to_have_text("Draft saved")
    other.close(run_before_unload=False)
    expect(page.locator("#head .d-looks")).to_contain_text("Sam has not sent what they wrote", timeout=8_000)


def test_a_reply_to_a_conversation_that_moved_on_is_stopped_with_what_is_new_above_it(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    hears = deaf(page)
    make.hear(ticket, "It has just arrived, thank you!")
    words = page.locator("#composer textarea")
    words.fill("We are looking for it.")
    page.keyboard.press("Control+Enter")
    stopped = page.locator("#composer-refusal .d-refusal")
    expect(stopped).to_contain_text("Not sent.")
    expect(stopped.locator("blockquote")).to_contain_text("Maria Rossi")
    expect(stopped.locator("blockquote")).to_contain_text("It has just arrived, thank you!")
    expect(words).to_have_value("We are looking for it.")
    above, below = stopped.bounding_box(), words.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"] + 1
    assert not Message.objects.filter(ticket=ticket, kind="outbound").exists()

    # Read, the text is still there; what is sent then goes to what was read.
    hears()
    stopped.get_by_role("button", name="Read, keep writing").click()
    expect(stopped).to_have_count(0)
    expect(page.locator("#thread")).to_contain_text("It has just arrived, thank you!")
    expect(words).to_have_value("We are looking for it.")
    words.fill("Good to hear!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".d-toast--held")).to_be_visible()
    expect(page.locator("#thread")).to_contain_text("Good to hear!")


def test_a_reply_that_was_stopped_can_be_sent_as_it_is(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    deaf(page)
    make.hear(ticket, "Are you there?")
    page.locator("#composer textarea").fill("We are looking for it.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send as it is").click()
    expect(page.locator("#composer textarea")).to_have_value("")
    eventually(lambda: Draft.objects.held().filter(ticket=ticket, text="We are looking for it.").exists(), 5)


def test_a_reply_that_is_overtaken_within_its_ten_seconds_comes_back_with_what_is_new(world: World) -> None:
    ticket = world.ticket()
    page = world.desk(at=ticket)
    words = page.locator("#composer textarea")
    words.fill("We are looking for it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".d-toast--held")).to_be_visible()
    make.hear(ticket, "It has just arrived, thank you!")
    expect(page.locator("#thread")).to_contain_text("It has just arrived, thank you!", timeout=8_000)
    expect(page.locator("#composer")).to_contain_text("It did not go out:", timeout=25_000)
    expect(words).to_have_value("We are looking for it.")
    assert not Message.objects.filter(ticket=ticket, kind="outbound").exists()
