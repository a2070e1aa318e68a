"""From one ticket to the next in a real browser: the row that follows, the way back, another queue, an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from tests import databases, make
from tests.browser.test_main_job import PASSWORD, ana, brand, eventually, sign_in  # noqa: F401  fixtures
from tests.house import House, open_house
from tickets.models import Draft, Queue, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, own_db: str) -> Iterator[House]:
    """The house with the seconds in which a reply can be undone."""
    monkeypatch.setenv("UNDO_SEND_SECONDS", "20")
    with open_house(databases.url_of(own_db)) as opened:
        yield opened


@pytest.fixture
def queue(brand: Brand) -> Queue:  # noqa: F811
    return make.make_queue(brand=brand, name="Care")


@pytest.fixture
def tickets(brand: Brand, queue: Queue) -> list[Ticket]:  # noqa: F811
    """Three tickets nobody has, in the order of the list."""
    return [
        make.make_ticket(customer=make.make_member(brand=brand, name=name), queue=queue, subject=subject)
        for subject, name in (
            ("The first", "Maria Rossi"),
            ("The second", "Jon Lee"),
            ("The third", "Ida Berg"),
        )
    ]


def test_send_resolve_next_goes_down_the_list_from_memory_and_u_leads_back_into_the_words(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    tickets: list[Ticket],
) -> None:
    sign_in(page, house, ana)
    page.locator("#tab-all").click()
    expect(page.locator("#queue .d-row")).to_have_count(3)
    third = f"/tickets/{tickets[2].reference}/"
    with page.expect_response(lambda answer: "desk-ahead" in answer.request.headers and third in answer.url):
        page.locator("#queue .d-row", has_text="The second").click()
    expect(page.locator("#head h1")).to_have_text("The second")
    page.wait_for_timeout(500)  # until it is read
    page.route(re.compile(rf"{third}(\?.*)?$"), lambda route: route.abort())  # only from memory now
    page.keyboard.press("r")
    page.keyboard.type("It is on its way.")
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#head h1")).to_have_text("The third")
    assert f"{third}?view=all&solved={tickets[1].reference}" in page.url
    expect(page.locator(f"#row-{tickets[2].pk}")).to_have_attribute("aria-current", "true")

    toast = page.locator(".d-toast--held")
    expect(toast).to_contain_text(re.compile(r"Sending to Jon Lee in \d+ s"))
    expect(toast.locator("[aria-hidden]").first).to_have_text(re.compile(r"in \d+ s"))
    page.unroute_all()  # it is fetched ahead again
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    field = page.locator(f"#composer-text-{tickets[1].pk}")
    expect(field).to_have_value("It is on its way.")
    expect(field).to_be_focused()
    assert page.url.endswith(f"/tickets/{tickets[1].reference}/?view=all")
    assert not Draft.objects.held().exists()


def test_a_queue_is_chosen_and_the_open_ticket_stays_as_it_is(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    brand: Brand,  # noqa: F811
    tickets: list[Ticket],
) -> None:
    other = make.make_queue(brand=brand, name="Returns")
    make.make_ticket(brand=brand, queue=other, subject="Elsewhere")
    sign_in(page, house, ana)
    page.locator("#tab-all").click()
    page.locator("#queue .d-row", has_text="The first").click()
    expect(page.locator("#head h1")).to_have_text("The first")
    page.keyboard.press("r")
    page.keyboard.type("Half a word")
    page.locator("#where-name").click()
    page.get_by_role("link", name="Returns").click()
    expect(page.locator("#queue .d-row")).to_have_count(1)
    expect(page.locator("#where-name")).to_contain_text("Returns")
    expect(page.locator("#where-name")).to_be_focused()
    expect(page.locator("#composer textarea")).to_have_value("Half a word")


def test_who_may_decide_answers_in_the_conversation_and_the_asker_sees_it(
    house: House,
    page: Page,
    ana: Agent,  # noqa: F811
    brand: Brand,  # noqa: F811
    tickets: list[Ticket],
) -> None:
    ruth = make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Ruth Adler", password=PASSWORD)
    reason = make.make_reason(brand=brand, label="Lost parcel", code="lost", max_points=2000)
    asked = goodwill.services.ask(tickets[0], 600, by=ana, reason=reason, key="asked")
    sign_in(page, house, ruth)
    page.goto(f"{house.url}/tickets/{tickets[0].reference}/")
    expect(page.locator("#prompts")).to_contain_text("600 points wait for your answer")
    page.keyboard.press("g")
    expect(page.locator("#customer [data-decides]")).to_be_visible()
    expect(page.locator("#effect-give .d-kbd")).to_be_hidden()  # the main key is that of the answer now
    page.keyboard.press("Escape")
    page.locator("#thread").get_by_role("button", name="Agree").click()
    expect(page.locator("#thread")).to_contain_text("agreed to")
    expect(page.locator("#thread").get_by_role("button", name="Agree")).to_have_count(0)
    expect(page.locator("#prompts")).to_contain_text("600 points given, not told yet")
    eventually(lambda: type(asked).objects.filter(pk=asked.pk, state="posted").exists(), 5)
