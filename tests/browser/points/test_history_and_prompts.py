"""One timeline of everything, with filters and the why of each line; prompts one click from the reply (9, 15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

import callbacks.services
import loyalty.services
import tickets.services
from contactcenter import clock
from customers.models import Customer, Notice
from loyalty.models import Tier, TierChange
from tests import make
from tests.browser.points.conftest import World, settled

pytestmark = [pytest.mark.browser, pytest.mark.house]


def lived_through(world: World) -> Customer:
    """Maria has one of everything that a timeline tells, and more orders than stand on a page."""
    account, brand, now = world.maria.account, world.brand, clock.now()
    for number in range(14):
        at = now - timedelta(days=30 + number)
        make.make_order(
            customer=world.maria, number=f"A-{number:02}{brand.code}", placed_at=at, amount_minor=5000
        )
    gold = Tier.objects.get(programme=account.programme, code="gold")
    TierChange.objects.create(
        account=account, programme=account.programme, from_tier=None, to_tier=gold, cause="earned",
        effective_at=now - timedelta(days=5), recorded_at=now,
    )  # fmt: skip
    call = make.make_callback(customer=world.maria, by=world.ana)
    callbacks.services.cancel(call, by=world.ana)
    asked = world.ticket("How was it?")
    tickets.services.resolve(asked, by=world.ana)
    tickets.services.answer_survey(make.make_survey(asked, agent=world.ana), 5, comment="Quick and kind")
    Notice.objects.create(
        brand=brand, customer=world.maria, contact_point=world.maria.contact_points.first(), template="statement",
        key=make.unique(), state="sent", sent_at=now - timedelta(days=2),
    )  # fmt: skip
    loyalty.services.redeem(make.now_of(world.maria), 50, by=world.ana, key=make.unique())
    return world.maria


def test_the_timeline_is_one_list_newest_first_paged_filtered_and_says_why(world: World) -> None:
    lived_through(world)
    ticket = world.ticket()
    page = world.desk(at=ticket)
    timeline = page.locator("#timeline")
    lines = timeline.locator("li:has(time)")
    first = lines.count()
    timeline.get_by_role("button", name="Earlier").click()
    expect(lines).not_to_have_count(first)
    while timeline.get_by_role("button", name="Earlier").count():
        before = lines.count()
        timeline.get_by_role("button", name="Earlier").click()
        expect(lines).not_to_have_count(before)
    instants = lines.locator("time").evaluate_all("(all) => all.map((one) => Date.parse(one.dateTime))")
    assert instants == sorted(instants, reverse=True)
    assert len(instants) > 12
    kinds = {
        "Points": "+250", "Orders": f"Order A-00{world.brand.code}", "Tickets": ticket.reference,
        "Callbacks": "Callback", "Answers": "Quick and kind", "Tier": "Gold", "Letters": "We wrote: statement",
    }  # fmt: skip
    for words in kinds.values():
        expect(timeline).to_contain_text(words)

    # Filters: one kind alone, and everything again.
    for kind, words in kinds.items():
        timeline.locator("summary").first.click()
        timeline.locator(".d-menu").get_by_role("button", name=kind, exact=True).click()
        expect(timeline.locator("summary").first).to_contain_text(kind)
        expect(settled(page).locator("#timeline")).to_contain_text(words)
        others = [other for name, other in kinds.items() if name != kind]
        assert not [
            other for other in others if other in timeline.inner_text() and other not in ("Callback", "Gold")
        ]

    # Every line of points says why: the rule that gave them, and the lots that paid what was spent.
    timeline.locator("summary").first.click()
    timeline.locator(".d-menu").get_by_role("button", name="Points", exact=True).click()
    expect(timeline.locator("summary").first).to_contain_text("Points")
    points = lines.filter(has=page.locator(".pts"))
    assert points.count() == points.locator(".why").count() > 3
    earned = points.filter(has_text=f"order A-00{world.brand.code}")
    earned.locator(".why").click()
    expect(earned.locator(".d-why")).to_contain_text("5 points per €1.00")
    expect(earned.locator(".d-why")).to_contain_text("are left and live")
    spent = points.filter(has_text="−50")
    spent.locator(".why").click()
    expect(spent.locator(".d-why")).to_contain_text("50 earned on")
    spent.locator(".why").click()
    expect(spent.locator(".d-why")).to_have_count(0)


def test_each_prompt_is_one_click_from_the_reply(world: World) -> None:
    soon = clock.now() + timedelta(days=9)
    account = world.maria.account
    make.give(account, 500, qualifying=420)
    account.lots.filter(remaining=500).update(expires_at=soon)
    account.__class__.objects.filter(pk=account.pk).update(next_expiry=soon)
    ticket = world.ticket()
    make.make_callback(ticket=ticket, by=world.ana, window=make.next_day("Europe/Rome", 14, days=2))
    page = world.desk(at=ticket)
    words = page.locator("#composer textarea")
    told = {
        "500 points expire on": "500 of your points expire on",
        "80 points to Silver": "You are 80 points away from Silver.",
        "14:00–15:00": "We call you",
    }
    for prompt, sentence in told.items():
        page.locator("#customer .d-prompt", has_text=prompt).click()
        expect(words).to_be_focused()
        assert sentence in words.input_value(), prompt
    assert all(sentence in words.input_value() for sentence in told.values())  # none takes another's place
