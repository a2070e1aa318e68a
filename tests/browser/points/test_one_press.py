"""One macro does all of a job; send, resolve and next is one key, and its reply can be called back (4, 14)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from callbacks.models import Callback
from goodwill.models import Policy
from loyalty.models import Account
from tests import make
from tests.browser.points.conftest import World
from tests.browser.test_main_job import daytime_zone, eventually
from tickets.models import Draft, Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


def test_macros_stack_at_the_cursor_and_one_carries_reply_status_goodwill_and_callback(world: World) -> None:
    Policy.objects.filter(brand=world.brand).update(apart_days=None)
    world.maria.time_zone = daytime_zone()
    world.maria.save(update_fields=["time_zone"])
    reason = make.make_reason(brand=world.brand, label="Late parcel")
    make.make_macro(brand=world.brand, title="Greeting", text="Hello {customer first name}!")
    deeds = [
        {"do": "grant_points", "reason": reason.pk, "points": 200},
        {"do": "promise_call", "hours": 24, "about": "Whether it came"},
        {"do": "tag", "name": "late"},
        {"do": "resolve"},
    ]
    make.make_macro(brand=world.brand, title="Make good", text="We make it good.", actions=deeds)
    ticket = world.ticket()
    page = world.desk(at=ticket)
    words = page.locator("#composer textarea")
    words.focus()
    page.keyboard.type("Yours, Ana")
    page.keyboard.press("Home")
    for name in ("Greeting", "Make good"):
        page.keyboard.type("/" if name == "Greeting" else "\n/")
        page.keyboard.type(name.lower()[:5])
        expect(page.locator("#macro-names button:visible")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("#composer .d-macro", has_text=name)).to_be_visible()
        expect(words).to_be_focused()
    assert words.input_value().split() == ["Hello", "Maria!", "We", "make", "it", "good.", "Yours,", "Ana"]
    expect(page.locator("#composer")).to_contain_text("Give 200 points: Late parcel")
    expect(page.locator("#composer")).to_contain_text("Promise a call in 24 hours: Whether it came")
    assert make.now_of(world.maria).balance == 1000  # nothing is done yet
    page.keyboard.press("Control+Enter")
    expect(page.locator(".d-toast--held")).to_be_visible()
    eventually(lambda: Ticket.objects.filter(pk=ticket.pk, status="resolved").exists(), 20)
    assert Account.objects.get(customer=world.maria).balance == 1200
    assert Callback.objects.get(ticket=ticket).reason == "Whether it came"
    assert Message.objects.filter(ticket=ticket, kind="outbound").count() == 1
    for told in ("+200 points", "Callback promised", "Resolved"):
        expect(page.locator("#thread")).to_contain_text(told, timeout=10_000)


def test_a_reply_that_was_sent_on_the_way_to_the_next_ticket_is_called_back(world: World) -> None:
    first = world.ticket("The first")
    world.ticket("The second")
    page = world.desk(at=first)
    page.keyboard.press("r")
    page.keyboard.type("Too early")
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#head h1")).to_have_text("The second")
    page.locator(".d-toast--held").get_by_role("button", name="Undo").click()
    expect(page.locator("#head h1")).to_have_text("The first")
    expect(page.locator("#composer textarea")).to_have_value("Too early")
    page.wait_for_timeout(500)
    assert not Draft.objects.held().filter(ticket=first).exists()
    assert Ticket.objects.get(pk=first.pk).status != "resolved"
