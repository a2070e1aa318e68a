"""Three panes with addresses of their own, several tabs side by side, and what a row of the queue tells (1, 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

import tickets.services
from contactcenter import clock
from tests import make
from tests.browser.points.conftest import World
from tests.browser.test_main_job import eventually
from tests.desk.crowds import crowd
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

PANES = ("queue", "conversation", "customer")
PLACES = """(panes) => panes.map((pane) => {
  const all = [...document.querySelectorAll(`#${pane} .d-scroll`)];
  const scrolls = all.find((one) => one.scrollHeight > one.clientHeight);
  return scrolls ? Math.round(scrolls.scrollTop) : -1;
})"""


def places(page: Page) -> list[int]:
    """How far each pane is scrolled; -1 where there is nothing to scroll."""
    found: list[int] = page.evaluate(PLACES, list(PANES))
    return found


def test_each_pane_scrolls_alone_and_the_customer_is_open(world: World) -> None:
    ticket = world.ticket()
    for number in range(12):
        make.hear(ticket, f"Word {number}\n" * 12)
    crowd(world.queue, world.maria.pk, 60, agent=world.ana)
    page = world.desk(at=f"/tickets/{ticket.reference}/?view=all", viewport={"width": 1440, "height": 500})
    expect(page.locator("#customer")).to_contain_text("Maria Rossi")
    edges = [page.locator(f"#{pane}").bounding_box() for pane in PANES]
    assert all(one and one["width"] > 200 for one in edges)
    assert [one["x"] for one in edges if one] == sorted(one["x"] for one in edges if one)
    for number, pane in enumerate(PANES):
        before = places(page)
        assert -1 not in before, f"nothing to scroll in one of them: {before}"
        page.locator(f"#{pane}").hover()
        page.mouse.wheel(0, -200 if pane == "conversation" else 200)
        page.wait_for_timeout(400)
        moved = [one != other for one, other in zip(before, places(page), strict=True)]
        assert moved == [one == number for one in range(3)], pane
    assert page.evaluate("scrollY") == 0


def test_the_address_names_the_ticket_and_two_tabs_work_side_by_side(world: World) -> None:
    first, second = world.ticket("The first"), world.ticket("The second")
    sits = world.sits(world.ana)
    one, other = (world.goes(sits.new_page(), ticket) for ticket in (first, second))
    for tab, ticket in ((one, first), (other, second)):
        assert tab.url.endswith(f"/tickets/{ticket.reference}/")
        assert tab.title().startswith(ticket.reference)
    one.bring_to_front()
    one.locator("#composer textarea").fill("For the first")
    other.bring_to_front()
    other.locator("#composer textarea").fill("For the second")
    other.keyboard.press("Control+Enter")
    expect(other.locator("#thread")).to_contain_text("For the second")
    one.bring_to_front()
    expect(one.locator("#composer textarea")).to_have_value("For the first")
    expect(one.locator("#head h1")).to_have_text("The first")
    expect(one.locator("#thread")).not_to_contain_text("For the second")
    one.keyboard.press("Control+Enter")
    expect(one.locator("#thread")).to_contain_text("For the first")


def test_a_row_tells_tier_clock_last_speaker_and_who_looks(world: World) -> None:
    now = clock.now()
    rows = {
        "over": timedelta(minutes=-30),
        "hot": timedelta(minutes=10),
        "warm": timedelta(minutes=40),
        "ok": timedelta(hours=3),
    }
    made = {state: world.ticket(f"Due {state}") for state in rows}
    for state, ahead in rows.items():
        Ticket.objects.filter(pk=made[state].pk).update(due_at=now + ahead, turn_at=now + ahead)
    tickets.services.reply(made["ok"], "We have asked the courier.", by=world.ana, key=make.unique())
    sam = world.agent("Sam Okoro")
    world.desk(sam, made["hot"])
    page = world.desk(at="/")
    for state, ticket in made.items():
        row = page.locator(f"#row-{ticket.pk}")
        expect(row.locator("[data-tier=bronze]")).to_have_attribute("aria-label", "Bronze")
        expect(row.locator(".d-sla")).to_have_count(1)
        if state != "ok":
            expect(row.locator(".d-sla")).to_have_attribute("data-due", state)
            expect(row.locator(".d-row__last")).not_to_contain_text("Us:")
    expect(page.locator(f"#row-{made['ok'].pk} .d-row__last")).to_contain_text(
        "Us: We have asked the courier."
    )
    colours = [
        page.locator(f"#row-{made[state].pk} .d-sla").evaluate(
            "(one) => getComputedStyle(one).backgroundColor"
        )
        for state in ("over", "hot", "warm")
    ]
    assert len(set(colours)) == 3
    subjects = page.locator("#queue .d-row__subject").all_inner_texts()
    assert subjects[:3] == ["Due over", "Due hot", "Due warm"]
    looks = page.locator(f"#row-{made['hot'].pk} [data-look]")
    expect(looks).to_have_text("SO", timeout=8_000)
    expect(looks).to_have_attribute("aria-label", "Sam is looking")


def test_a_ticket_whose_row_comes_anew_while_it_is_opened_brings_its_customer_along(world: World) -> None:
    ticket = world.ticket("The first")
    page = world.desk(at="/?view=all")
    page.add_init_script("Object.defineProperty(navigator, 'connection', {get: () => ({saveData: true})})")
    world.goes(page, "/?view=all")  # where data is saved nothing is fetched ahead
    held: list[Route] = []
    page.route(f"**/tickets/{ticket.reference}/**", lambda route: held.append(route))
    page.locator(f"#row-{ticket.pk}").click()
    eventually(lambda: held, 5)
    page.evaluate(
        "htmx.ajax('GET', '/queue/?view=all', {source: '#queue-rows', select: '#queue-rows', swap: 'outerHTML'})"
    )
    expect(page.locator("#queue-rows .htmx-request")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator("#head h1")).to_have_text("The first")
    expect(page.locator("#customer")).to_contain_text("Maria Rossi")
    for pane in PANES:
        expect(page.locator(f"#{pane}")).to_have_count(1)
    assert page.url.endswith(f"/tickets/{ticket.reference}/?view=all")
