"""The frame around the work: keys, palette, settings, opening from memory, back and forward."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from agents import telling
from agents.models import Agent, Brand
from contactcenter import clock
from tests import make
from tests.browser.test_every_page import told
from tests.browser.test_main_job import PASSWORD, ana, brand, sign_in  # noqa: F401  fixtures
from tests.faults import Faults
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


@pytest.fixture
def tickets(brand: Brand, ana: Agent) -> list[Ticket]:  # noqa: F811
    """Three tickets of Ana's, in the order of her list."""
    queue = make.make_queue(brand=brand)
    made = []
    for subject, name in (("The first", "Maria Rossi"), ("The second", "Jon Lee"), ("The third", "Ida Berg")):
        ticket = make.make_ticket(
            customer=make.make_member(brand=brand, name=name, points=100), queue=queue, subject=subject
        )
        ticket.assignee = ana
        ticket.save(update_fields=["assignee"])
        made.append(ticket)
    return made


@pytest.fixture
def desk(house: House, page: Page, ana: Agent, tickets: list[Ticket]) -> Iterator[Page]:  # noqa: F811
    """Ana's browser with the first ticket open; a violation of the page's policy fails the test."""
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if "Content Security" in message.text else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, house, ana)
    opens(page, "The first")
    yield page
    assert said == []


def opens(page: Page, subject: str) -> None:
    page.locator("#queue .d-row", has_text=subject).click()
    expect(page.locator("#head h1")).to_have_text(subject)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_palette_finds_and_does_by_the_keyboard_alone(desk: Page, tickets: list[Ticket]) -> None:
    desk.locator("#queue .d-row").nth(1).focus()
    before = focused(desk)
    desk.keyboard.press("Control+k")
    palette, box = desk.locator("#palette"), desk.get_by_role("combobox", name="Search or do anything")
    expect(box).to_be_focused()
    expect(
        palette.get_by_role("option", name="Goodwill")
    ).to_be_visible()  # with nothing typed: what can be done
    expect(palette.get_by_role("option", name="Accept the callback")).to_be_hidden()  # not on this page

    # What is nowhere is said; Esc gives the focus back to where it was, whatever was typed.
    desk.keyboard.type("xyzzyx")
    expect(palette).to_contain_text("Nothing is found.")
    desk.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    assert focused(desk) == before

    # A deed of the page.
    desk.keyboard.press("Control+k")
    desk.keyboard.type("leave a note")
    option = palette.get_by_role("option", name="Leave a note")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    desk.keyboard.press("Enter")
    expect(desk.locator("#composer [value=note]")).to_be_checked()
    expect(desk.locator("#composer textarea")).to_be_focused()
    desk.keyboard.type("kept")

    # A ticket opens within the page; what was typed waits at the one it was typed for.
    desk.keyboard.press("Control+k")
    desk.keyboard.type(tickets[2].reference)
    expect(palette.get_by_role("option", name=tickets[2].reference).first).to_have_attribute(
        "aria-selected", "true"
    )
    desk.keyboard.press("Enter")
    expect(desk.locator("#head h1")).to_have_text("The third")
    assert tickets[2].reference in desk.url
    desk.go_back()
    expect(desk.locator("#head h1")).to_have_text("The first")
    expect(desk.locator("#composer textarea")).to_have_value("kept")
    desk.locator("#composer textarea").fill("")

    # Of those opened last, without a word; and a customer, by the arrows.
    desk.keyboard.press("Control+k")
    expect(palette.get_by_role("option", name=tickets[2].reference)).to_be_visible()
    desk.keyboard.type("Jon Lee")
    person = palette.get_by_role("option", name="Jon Lee").first
    expect(person).to_be_visible()
    while person.get_attribute("aria-selected") != "true":
        desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile("/customers/"))


def test_axe_finds_nothing_in_what_opens_over_the_page(desk: Page, tickets: list[Ticket]) -> None:
    for typed in ("", "Jon Lee", "xyzzyx"):
        with desk.expect_response("**/palette/**"):
            desk.keyboard.press("Control+k")
        if typed:
            with desk.expect_response("**/palette/?q=**"):
                desk.keyboard.type(typed)
        desk.wait_for_timeout(500)  # until it is painted
        assert told(desk, f"palette, {typed}") == []
        desk.keyboard.press("Escape")
    desk.locator("#conversation").focus()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    assert told(desk, "sheet") == []
    desk.keyboard.press("Escape")


def test_the_sheet_of_keys_opens_closes_and_no_key_acts_while_one_types(desk: Page, house: House) -> None:
    desk.locator("#queue .d-row").first.focus()
    before = focused(desk)
    desk.keyboard.press("?")
    sheet = desk.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Goodwill")
    desk.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert focused(desk) == before

    desk.locator("#composer textarea").focus()
    desk.keyboard.type("g?ed")
    expect(desk.locator("#composer textarea")).to_have_value("g?ed")
    expect(sheet).to_be_hidden()
    expect(desk.locator("#points")).to_be_visible()  # no panel has opened
    desk.locator("#composer textarea").fill("")

    # Switched off by the person: none acts, the sheet is behind the name and says so.
    desk.goto(f"{house.url}/me/")
    desk.get_by_label("Single keys do deeds").uncheck()
    desk.get_by_role("button", name="Keep the settings").click()
    expect(desk.locator("#messages")).to_contain_text("Kept.")
    desk.goto(house.url)
    opens(desk, "The first")
    desk.locator("#conversation").focus()
    desk.keyboard.press("g")
    desk.keyboard.press("?")
    expect(sheet).to_be_hidden()
    expect(desk.locator("#points")).to_be_visible()
    desk.get_by_label("Ana Petrova, account").click()
    desk.get_by_role("button", name="Keys").click()
    expect(sheet).to_contain_text("Single keys are off")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Control+k")
    expect(desk.locator("#palette")).to_be_visible()


def test_the_next_ticket_opens_from_memory_and_is_asked_for_news(desk: Page, tickets: list[Ticket]) -> None:
    second = f"/tickets/{tickets[1].reference}/"
    ahead = lambda request: request.url.endswith(second) and "desk-ahead" in request.headers  # noqa: E731
    with desk.expect_response(lambda answer: ahead(answer.request)) as fetched:
        desk.reload()
    assert fetched.value.ok
    with desk.expect_response(
        lambda answer: ahead(answer.request)
    ):  # a change that is heard of fetches it again
        make.hear(tickets[1], "What was said after it was fetched")
    expect(desk.locator(f"#row-{tickets[1].pk}")).to_contain_text("What was said after")
    desk.wait_for_load_state("networkidle")
    desk.wait_for_timeout(1000)
    asked: list[Request] = []
    desk.on("request", lambda request: asked.append(request) if request.url.endswith(second) else None)
    desk.route(f"**{second}", lambda route: route.abort())  # it can only come from memory now
    desk.locator("#conversation").focus()
    customer_before = desk.locator("#customer").inner_text()
    queue = desk.locator("#queue").element_handle()
    desk.keyboard.press("j")
    with desk.expect_request(f"**{second}thread/?version=*"):  # never stale: it is asked for news at once
        desk.keyboard.press("o")
    expect(desk.locator("#head h1")).to_have_text("The second")
    expect(desk.locator("#thread")).to_contain_text("What was said after it was fetched")
    assert asked == []
    assert second in desk.url
    assert desk.title().startswith(tickets[1].reference)
    assert desk.locator("#customer").inner_text() != customer_before
    assert queue.evaluate("pane => pane.isConnected")  # the list is the very same element
    expect(desk.locator(f"#row-{tickets[1].pk}")).to_have_attribute("aria-current", "true")


def test_two_deeds_pressed_within_one_answer_are_both_seen(desk: Page, tickets: list[Ticket]) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(assignee=None)
    desk.reload()
    desk.route("**/assign/", lambda route: (time.sleep(0.4), route.continue_()))
    desk.locator("#conversation").focus()
    desk.keyboard.press("a")
    desk.keyboard.press("e")
    expect(desk.locator("#head")).to_have_attribute("data-ended", "")
    expect(desk.locator("#head-assignee")).to_contain_text("Ana")
    expect(desk.locator("#thread .d-deed")).to_contain_text(["Resolved"])


def test_a_deed_that_waits_is_not_done_to_the_ticket_one_went_on_to(
    desk: Page, tickets: list[Ticket], faults: Faults
) -> None:
    faults.allowed.append(
        "oobErrorNoTarget"
    )  # htmx notes that the panes of the ticket that was left are gone
    Ticket.objects.filter(pk=tickets[0].pk).update(assignee=None)
    desk.reload()
    desk.route("**/assign/", lambda route: (time.sleep(0.6), route.continue_()))
    desk.locator("#conversation").focus()
    desk.keyboard.press("a")
    desk.keyboard.press("e")
    opens(desk, "The second")
    desk.wait_for_timeout(1_500)
    stand = Ticket.objects.filter(pk__in=[one.pk for one in tickets]).values_list("status", flat=True)
    assert "resolved" not in stand


def test_no_more_than_two_are_kept_ahead(desk: Page, tickets: list[Ticket]) -> None:
    def rests_on(ticket: Ticket) -> None:
        with desk.expect_response(lambda answer: "desk-ahead" in answer.request.headers):
            desk.locator(f"#row-{ticket.pk}").focus()
        desk.wait_for_timeout(500)  # until it is read

    fourth = make.make_ticket(customer=tickets[0].customer, queue=tickets[0].queue, subject="The fourth")
    Ticket.objects.filter(pk=fourth.pk).update(assignee=tickets[0].assignee)
    with desk.expect_response(lambda answer: "desk-ahead" in answer.request.headers):
        desk.reload()  # the second, which comes after the open one
    rests_on(tickets[2])
    rests_on(fourth)
    asked: list[str] = []
    desk.on(
        "request", lambda request: asked.append(request.url) if "desk-ahead" not in request.headers else None
    )
    opens(desk, "The fourth")
    assert not any(urlsplit(url).path == f"/tickets/{fourth.reference}/" for url in asked)
    opens(desk, "The second")
    assert any(
        urlsplit(url).path == f"/tickets/{tickets[1].reference}/" for url in asked
    )  # it had to make room


def test_nothing_is_fetched_ahead_where_data_is_saved(desk: Page, tickets: list[Ticket]) -> None:
    asked: list[str] = []
    desk.on("request", lambda r: asked.append(r.url) if "desk-ahead" in r.headers else None)
    desk.add_init_script("Object.defineProperty(navigator, 'connection', {get: () => ({saveData: true})})")
    desk.reload()
    desk.locator(f"#row-{tickets[2].pk}").focus()
    desk.wait_for_timeout(500)
    assert asked == []


def test_back_and_forward_keep_words_list_and_focus(desk: Page, tickets: list[Ticket]) -> None:
    loads: list[str] = []
    desk.on("load", lambda: loads.append(desk.url))
    desk.locator("#composer textarea").fill("Dear Maria, half a sent")
    desk.locator("#composer textarea").evaluate("area => area.setSelectionRange(4, 4)")
    desk.locator("#queue .d-row", has_text="The second").click()
    expect(desk.locator("#head h1")).to_have_text("The second")
    desk.locator("#composer textarea").fill("For Jon")
    desk.go_back()
    expect(desk.locator("#head h1")).to_have_text("The first")
    expect(desk.locator("#composer textarea")).to_have_value("Dear Maria, half a sent")
    expect(desk.locator("#customer")).to_contain_text("Maria Rossi")
    expect(desk.locator(f"#row-{tickets[0].pk}")).to_have_attribute("aria-current", "true")
    desk.go_forward()
    expect(desk.locator("#head h1")).to_have_text("The second")
    expect(desk.locator("#composer textarea")).to_have_value("For Jon")
    expect(desk.locator("#composer textarea")).to_be_focused()
    desk.go_back()
    desk.go_back()  # to the desk without a ticket
    expect(desk.locator("#conversation h1")).to_have_text("Choose a ticket on the left.")
    assert desk.title().startswith("Queue")
    desk.go_forward()
    expect(desk.locator("#composer textarea")).to_have_value("Dear Maria, half a sent")
    assert loads == []
    desk.locator("#composer textarea").fill("")


def test_back_from_a_customer_keeps_words_and_list_and_so_do_callbacks(
    desk: Page,
    house: House,
    ana: Agent,  # noqa: F811
    tickets: list[Ticket],
) -> None:
    mine = [make.make_callback(ticket=one, by=ana) for one in tickets[:2]]
    loads: list[str] = []
    desk.on("load", lambda: loads.append(desk.url))
    desk.locator("#queue").evaluate("list => list.marked = true")
    desk.locator("#composer textarea").fill("Dear Maria, half a sent")
    desk.locator("#customer a[href*='/customers/']").first.click()
    expect(desk.locator("#conversation h1")).to_have_text("Maria Rossi")
    assert desk.title().startswith("Maria Rossi")
    expect(desk.locator("#queue [aria-current=true].d-row")).to_have_count(0)
    desk.locator("#timeline a", has_text=tickets[0].reference).first.click()
    expect(desk.locator("#composer textarea")).to_have_value("Dear Maria, half a sent")
    desk.go_back()
    expect(desk.locator("#conversation h1")).to_have_text("Maria Rossi")
    desk.go_back()
    expect(desk.locator("#head h1")).to_have_text("The first")
    expect(desk.locator("#composer textarea")).to_have_value("Dear Maria, half a sent")
    desk.go_forward()
    expect(desk.locator("#conversation h1")).to_have_text("Maria Rossi")
    assert desk.locator("#queue").evaluate("list => list.marked")
    assert loads == []

    desk.goto(f"{house.url}/callbacks/")
    loads.clear()
    desk.locator("#queue").evaluate("list => list.marked = true")
    for one in mine:
        desk.locator(f"#callback-{one.pk}").click()
        expect(desk).to_have_url(re.compile(f"/callbacks/{one.pk}/$"))
        expect(desk.locator("#customer")).to_contain_text(one.customer.name)
    desk.go_back()
    expect(desk.locator("#customer")).to_contain_text("Maria Rossi")
    desk.go_back()
    expect(desk).to_have_url(re.compile("/callbacks/$"))
    assert desk.locator("#queue").evaluate("list => list.marked")
    assert loads == []


def test_density_and_theme_are_the_agents_wherever_they_sign_in(
    desk: Page,
    house: House,
    ana: Agent,  # noqa: F811
) -> None:
    height = lambda: desk.locator("#queue .d-row").first.bounding_box()["height"]  # noqa: E731
    roomy = height()
    desk.goto(f"{house.url}/me/")
    desk.get_by_text("Compact", exact=True).click()
    desk.get_by_text("Dark", exact=True).click()
    desk.get_by_role("button", name="Keep the settings").click()
    expect(desk.locator("html")).to_have_attribute("data-theme", "desk-dark")
    expect(desk.locator("html")).to_have_attribute("data-density", "compact")
    desk.goto(house.url)
    assert height() < roomy
    with desk.expect_response("**/me/theme/") as kept:
        desk.get_by_role("button", name="Light or dark").click()
    assert kept.value.status == 204
    desk.evaluate("localStorage.clear()")  # another machine
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-theme", "desk")
    ana.refresh_from_db()
    assert (ana.theme, ana.density) == ("light", "compact")


def test_a_sound_comes_only_where_it_is_wanted_and_only_for_what_is_new(
    desk: Page,
    house: House,
    ana: Agent,  # noqa: F811
    tickets: list[Ticket],
) -> None:
    desk.add_init_script(
        "window.notes = 0; const make = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () { window.notes += 1; return make.call(this); }"
    )

    def told() -> None:
        telling.notify(
            [ana], brand_id=tickets[0].brand_id, kind="mention", subject=tickets[0].reference, key=make.unique(),
            at=clock.now(),
        )  # fmt: skip
        with desk.expect_response("**/bell/"):
            desk.evaluate(
                "htmx.ajax('GET', '/bell/', {source: '#bell-count', target: '#bell-count', swap: 'outerHTML'})"
            )

    desk.goto(house.url)
    desk.locator("#conversation").click()
    told()
    assert desk.evaluate("window.notes") == 0
    Agent.objects.filter(pk=ana.pk).update(sound=True)
    desk.goto(house.url)
    expect(desk.locator("#bell-count .d-count")).to_have_text("1")
    desk.locator("#conversation").click()
    assert desk.evaluate("window.notes") == 0  # it was told before
    told()
    expect(desk.locator("#bell-count .d-count")).to_have_text("2")
    assert desk.evaluate("window.notes") == 2


def test_a_deed_is_undone_by_its_line_or_its_key(desk: Page, tickets: list[Ticket]) -> None:
    desk.locator("#composer textarea").fill("half a word")
    desk.get_by_role("button", name="Resolve").first.click()
    expect(desk.locator("#head")).to_contain_text("Resolved")
    expect(desk.locator("#undo")).to_contain_text("Resolved")
    desk.locator("#conversation").focus()
    desk.keyboard.press("u")
    expect(desk.locator("#head")).to_contain_text("Open")
    expect(desk.locator("#undo button")).to_have_count(0)
    expect(desk.locator("#composer textarea")).to_have_value("half a word")
    tickets[0].refresh_from_db()
    assert tickets[0].status == Ticket.Status.OPEN
    desk.locator("#composer textarea").fill("")
