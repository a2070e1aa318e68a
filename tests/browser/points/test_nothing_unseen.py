"""What nobody had before their eyes: a word out of sight, a reply that came back, a page behind Back (1, 2, 6)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import tickets.services
from tests import make
from tests.browser.points.conftest import World, settled
from tests.browser.test_main_job import eventually
from tickets.models import Draft, Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]
AT_END = "document.getElementById('thread').parentElement.scrollTop"


def long_talk(world: World) -> Ticket:
    ticket = world.ticket()
    for number in range(14):
        make.hear(ticket, f"Word {number}\n" * 6)
    return ticket


def scrolled_up(page: Page) -> None:
    page.evaluate("document.getElementById('thread').parentElement.scrollTop = -1500")
    eventually(lambda: page.evaluate(AT_END) < -500, 3)


def test_a_word_out_of_sight_stops_the_reply_until_it_was_seen(world: World) -> None:
    ticket = long_talk(world)
    page = world.desk(at=ticket)
    scrolled_up(page)
    words = page.locator("#composer textarea")
    words.fill("We are looking for it.")
    before = page.locator("#seen").input_value()
    make.hear(ticket, "Send it to my office instead.")
    expect(page.locator("#thread")).to_contain_text("Send it to my office instead.", timeout=10_000)
    expect(page.locator("#new-below")).to_be_visible()
    expect(page.locator("#seen")).to_have_value(before)
    page.keyboard.press("Control+Enter")
    stopped = page.locator("#composer-refusal .d-refusal")
    expect(stopped).to_contain_text("Send it to my office instead.")
    expect(words).to_have_value("We are looking for it.")
    assert not Draft.objects.held().filter(ticket=ticket).exists()

    # Once it is in view the same reply goes.
    page.locator("#new-below").click()
    expect(page.locator("#new-below")).to_be_hidden()
    expect(page.locator("#seen")).not_to_have_value(before)
    words.press("Control+Enter")
    expect(words).to_have_value("")
    assert Draft.objects.held().filter(ticket=ticket).exists()


def test_a_word_that_comes_into_view_counts_as_seen_at_once(world: World) -> None:
    ticket = long_talk(world)
    page = world.desk(at=ticket)
    before = page.locator("#seen").input_value()
    make.hear(ticket, "Send it to my office instead.")
    expect(page.locator("#thread")).to_contain_text("Send it to my office instead.", timeout=10_000)
    expect(page.locator("#seen")).not_to_have_value(before)
    expect(page.locator("#new-below")).to_be_hidden()


def test_a_reply_that_does_not_go_out_comes_back_with_its_reason(world: World) -> None:
    ticket = world.ticket()
    ruth = world.supervisor()
    hers = world.desk(ruth, ticket)
    hers.locator("#composer textarea").fill("We send a new one.")
    hers.keyboard.press("Control+Enter")
    expect(hers.locator("#composer textarea")).to_have_value("")
    tickets.services.reply(ticket, "It is found.", by=world.ana, key=make.unique())
    eventually(lambda: not Draft.objects.held().filter(ticket=ticket).exists(), 25)
    expect(hers.locator("#composer textarea")).to_have_value("We send a new one.", timeout=10_000)
    expect(hers.locator("#composer .d-composer__more")).to_contain_text("It did not go out")
    expect(hers.locator("#composer .d-composer__more")).to_contain_text("Ana Petrova")
    settled(hers)
    hers.locator("#composer textarea").press("Control+Enter")
    eventually(lambda: Draft.objects.held().filter(ticket=ticket, agent=ruth).exists(), 5)
    assert Message.objects.filter(ticket=ticket, kind="outbound").count() == 1


@pytest.mark.parametrize("way", ["callbacks", "find", "queue", "me"])
def test_back_from_any_other_page_shows_the_page_and_not_a_part_of_it(world: World, way: str) -> None:
    ticket = world.ticket()
    page = world.desk(at="/?view=mine")
    page.locator(f"#row-{ticket.pk}").click()
    expect(page.locator("#head h1")).to_have_text("Parcel never came")
    settled(page)
    page.goto(
        world.house.url
        + {"callbacks": "/callbacks/", "find": "/find/?q=maria", "queue": "/?view=all", "me": "/me/"}[way]
    )
    page.go_back()
    expect(page.locator("#head h1")).to_have_text("Parcel never came")
    expect(page.locator("#queue .d-row").first).to_be_visible()
    assert page.evaluate("document.styleSheets.length") > 0
