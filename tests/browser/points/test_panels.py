"""What the panels of goodwill and callbacks say before the click, and what comes of it (7, 8)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from callbacks.models import Callback
from contactcenter import clock
from goodwill.models import Policy
from loyalty.models import Account
from tests import make
from tests.browser.points.conftest import World, panel, settled
from tests.browser.test_main_job import eventually

pytestmark = [pytest.mark.browser, pytest.mark.house]


def above(one: Locator, other: Locator) -> bool:
    upper, lower = one.bounding_box(), other.bounding_box()
    return bool(upper and lower and upper["y"] < lower["y"])


def test_the_goodwill_panel_says_all_that_it_would_do_before_it_is_done(world: World) -> None:
    make.make_order(customer=world.maria, amount_minor=1200)  # a tenth of it may be given: 120 points
    balance = Account.objects.get(customer=world.maria).available
    make.make_reason(brand=world.brand, label="Late parcel", default_points=300)
    counting = make.make_reason(brand=world.brand, label="Lost twice", counts_for_tiers=True, max_points=2000)
    Policy.objects.filter(brand=world.brand).update(apart_days=None)
    make.make_reward(brand=world.brand, name="Tea", points=balance + 60)
    make.make_reward(brand=world.brand, name="Lamp", points=balance + 500)
    ticket = world.ticket()
    page = world.desk(at=ticket)
    shown = panel(page, "g", "Goodwill")
    reasons = shown.get_by_role("radiogroup", name="What went wrong")
    assert above(reasons, shown.locator("#effect-points"))  # the reason first
    expect(reasons.get_by_role("radio", name="Late parcel")).to_be_checked()

    # The suggestion with its parts and what capped it, the worth of it, and what is left of one's own.
    expect(shown.locator("#effect-points")).to_have_value("100")
    expect(shown.locator("#effect-worth")).to_contain_text("= €1.00")
    expect(shown.locator("#effect-sum span").first).to_have_text("Late parcel")
    expect(shown.locator("#effect-sum .cap").first).to_contain_text("10% of twelve months’ spend")
    expect(shown.locator("#effect-sum .total").last).to_have_text("100")
    for meter in ("This grant", "You today"):
        expect(shown.locator(".d-allow", has_text=meter)).to_contain_text(re.compile(r"[\d,]+ of [\d,]+"))

    # What it changes, and the sentence the customer would read.
    changes = shown.locator("#effect-more")
    expect(changes).to_contain_text(f"{balance:,} to {balance + 100:,} points")
    expect(changes).to_contain_text("goodwill does not count for tiers")
    expect(changes).to_contain_text("Enough for Tea then")
    expect(changes).to_contain_text("400 points short of Lamp then")
    expect(changes.locator(".d-quote")).to_have_text(
        "We have added 100 points (worth €1.00) for the long wait."
    )

    # Other points, other reason: all of it follows.
    shown.locator("#effect-points").fill("150")
    expect(changes.locator(".d-quote")).to_contain_text("150 points (worth €1.50)")
    reasons.get_by_role("radio", name="Lost twice").check()
    settled(page)
    shown.locator("#effect-points").fill("600")
    expect(changes).to_contain_text("They would bring Silver")
    expect(shown.get_by_role("button", name="Ask for approval")).to_be_visible()
    reasons.get_by_role("radio", name="Late parcel").check()
    expect(changes).to_contain_text("goodwill does not count for tiers")
    assert counting.counts_for_tiers

    # Given, the sentence is one click from the reply, and stands there as it was shown.
    settled(page)
    said = changes.locator(".d-quote").inner_text()
    shown.get_by_role("button", name="Give the points").click()
    expect(page.locator("#thread")).to_contain_text("+100 points")
    page.locator("#customer .d-prompt", has_text="not told yet").click()
    expect(page.locator("#composer textarea")).to_have_value(said)


def test_what_was_asked_for_is_answered_in_the_thread_of_who_asked(world: World) -> None:
    Policy.objects.filter(brand=world.brand).update(apart_days=None)
    make.make_reason(brand=world.brand, max_points=2000)
    ticket, ruth = world.ticket(), world.supervisor()
    page, hers = world.desk(at=ticket), world.desk(ruth, ticket)
    shown = panel(page, "g", "Goodwill")
    shown.locator("#effect-points").fill("800")
    expect(shown.locator("#effect-over")).to_contain_text("the answer comes into this ticket")
    expect(shown.locator("#effect-worth")).to_contain_text("Over your limit")
    expect(shown.locator("#effect-give button")).to_have_count(1)  # the same one
    shown.locator("#effect-give button").click()
    expect(page.locator("#thread")).to_contain_text("asked for")
    expect(hers.locator("#thread")).to_contain_text("asked for", timeout=8_000)
    panel(hers, "g", "Goodwill").get_by_role("button", name="Decline").click()
    expect(page.locator("#thread")).to_contain_text("declined", timeout=8_000)
    assert make.now_of(world.maria).balance == 1000


def test_the_callback_panel_offers_the_customers_hours_with_the_agents_beside_them(world: World) -> None:
    """Maria is in Los Angeles, Ana in Berlin: nine hours and, in the evening there, a day apart."""
    there, here = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/Berlin")
    world.maria.time_zone = there.key
    world.maria.save(update_fields=["time_zone"])
    world.ana.time_zone = here.key
    world.ana.save(update_fields=["time_zone"])
    team = make.make_team(brand=world.brand, name="Evening team", agents=[world.agent("Sam Okoro")])
    ticket = world.ticket("Parcel never came")
    page = world.desk(at=ticket)
    shown = panel(page, "b", "Promise a callback")
    expect(shown).to_contain_text("in Los Angeles now")
    expect(shown.locator(".d-slots__head")).to_have_text(re.compile("Their time.*Your time", re.DOTALL))
    tomorrow = (clock.now().astimezone(there) + timedelta(days=2)).date()
    shown.locator("#day-3").click()
    expect(shown.locator("#day-3")).to_have_attribute("aria-current", "true")

    def slot(hour: int) -> tuple[Locator, datetime]:
        start = datetime.combine(tomorrow, datetime.min.time().replace(hour=hour), tzinfo=there)
        row = shown.locator(".d-slot").filter(
            has=page.locator("b", has_text=f"{hour:02}:00–{hour + 1:02}:00")
        )
        return row, start.astimezone(here)

    morning, beside = slot(10)
    expect(morning.locator(".muted")).to_have_text(f"{beside:%H:%M}–{beside + timedelta(hours=1):%H:%M}")
    evening, beside = slot(19)
    expect(evening.locator(".muted")).to_have_text(f"{beside:%a %H:%M}–{beside + timedelta(hours=1):%H:%M}")

    # Quiet hours are greyed, say why, and cannot be chosen.
    quiet, _beside = slot(21)
    expect(quiet).to_have_class(re.compile("is-quiet"))
    expect(quiet).to_contain_text("quiet hours")
    assert "gradient" in quiet.evaluate("(one) => getComputedStyle(one).backgroundImage")
    expect(quiet.locator("input")).not_to_be_visible()

    # The reason stands there from the ticket; owner and who calls where they cannot are chosen beside each other.
    expect(shown.get_by_label("What about")).to_have_value("Parcel never came")
    expect(shown.get_by_label("Owner")).to_have_value(str(world.ana.pk))
    shown.get_by_label("If they cannot").select_option(label="Evening team")
    settled(page)
    slot(10)[0].click()
    shown.get_by_role("button", name="Promise it").click()
    expect(page.locator("#thread")).to_contain_text("Callback promised")
    promised = eventually(lambda: Callback.objects.filter(ticket=ticket).first(), 5)
    assert (promised.owner, promised.team, promised.reason) == (world.ana, team, "Parcel never came")
    assert promised.window_from.astimezone(there).hour == 10
    expect(page.locator("#customer .d-prompt", has_text="Callback")).to_contain_text(
        "10:00–11:00 in Los Angeles"
    )


def test_who_calls_where_the_owner_cannot_is_said_where_there_is_no_team(world: World) -> None:
    page = world.desk(at=world.ticket())
    shown = panel(page, "b", "Promise a callback")
    expect(shown.get_by_label("If they cannot").locator("option:checked")).to_have_text("Whoever can")
