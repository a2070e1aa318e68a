"""Every page of the house before axe, light and dark, wide and on a phone; and what stands around every page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

import callbacks.links
import goodwill.links
import tickets.channels.email.consults
from contactcenter import clock, links
from tests import databases
from tests.desk.conftest import attachment, callback, signed_in  # noqa: F401  fixtures
from tests.desk.test_doors import DOORS, Things, things, where  # noqa: F401  a fixture
from tests.house import House, open_house
from tickets.letters import SURVEY
from tickets.models import Survey, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

WAYS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
# A document that belongs to no page and is shown in a frame, alone only where no script runs.
NO_PAGE = {"sent", "words", "attachment", "picture"}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def pages_of_the_desk(client: Client, things: Things) -> dict[str, str]:  # noqa: F811
    """Every address of the desk that answers with a whole page, and its path; DOORS fails for a new one it lacks."""
    found = {}
    for name, door in DOORS.items():
        if door.reads and name not in NO_PAGE:
            answer = client.get(where(name, things), door.get(things))
            if answer.status_code == 200 and answer.content.lstrip()[:9].lower() == b"<!doctype":
                found[name] = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
    return found


def panels_of_the_ticket(client: Client, things: Things) -> dict[str, str]:  # noqa: F811
    """What opens beside a ticket in the place of the customer."""
    found = {}
    for name, door in DOORS.items():
        if door.reads and name not in NO_PAGE:
            path = where(name, things)
            answer = client.get(
                path, door.get(things), headers={"HX-Request": "true", "HX-Target": "customer"}
            )
            head = answer.content.decode().lstrip()[:200]
            if (
                answer.status_code == 200
                and head.startswith("<div")
                and ' id="customer"' in head.partition(">")[0]
            ):
                found[name] = answer.request["PATH_INFO"]
    return found


def signed_pages(ticket: Ticket, things: Things) -> dict[str, str]:  # noqa: F811
    """What customers and experts open by a link."""
    now = clock.now()
    facts = {"queue": ticket.queue, "state": "asked", "due_at": None, "resolved_at": now, "asked_at": now}
    survey, _new = Survey.objects.get_or_create(brand=ticket.brand, ticket=ticket, defaults=facts)
    word = links.token(SURVEY, brand=ticket.brand_id, subject=survey.pk, until=now.replace(year=now.year + 1))
    return {
        "survey": f"/asked/{word}/",
        "a link that is none": "/asked/made-up/",
        "a promised call": urlsplit(callbacks.links.link_to(things.callback)).path,
        "asking for a call": urlsplit(callbacks.links.request_link(ticket.brand)).path,
        "an offer": urlsplit(goodwill.links.link_to(things.offer)).path,
        "a question to an expert": urlsplit(tickets.channels.email.consults.link_to(things.consult)).path,
    }


SIGN_IN = {
    "sign in": "/accounts/sign-in/",
    "a new password": "/accounts/password/",
    "a new password, sent": "/accounts/password/sent/",
    "a new password, by a link that is none": "/accounts/password/1-2/",
    "a new password, set": "/accounts/password/set/",
    "who left": "/accounts/inactive/",
}


# What is built so by the package that shows the description of the API, and cannot be mended from outside.
OF_SWAGGER = {
    "nested-interactive": "an operation is a button with its address as a link in it",
    "heading-order": "under the title come headings of the third level",
    "region": "the title stands beside the part it calls main",
}


def told(page: Page, name: str, but: Collection[str] = ()) -> list[str]:
    """What axe finds, one line each, without the rules that are left out by name."""
    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]}).response["violations"]
    found = [one for one in found if one["id"] not in but]
    return [
        f"{name}: {one['id']} ({one['help']}): {node['html'][:160]}"
        for one in found
        for node in one["nodes"][:3]
    ]


@pytest.fixture
def house(own_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house with the key of this process: sessions and links that are made here hold there."""
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
    with open_house(databases.url_of(own_db)) as opened:
        yield opened


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser of that size and those colours, without movement."""
    scheme, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 400 else 844},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    yield context
    context.close()


def enter(context: BrowserContext, house: House, client: Client) -> None:
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": house.url}])


def test_axe_finds_nothing_on_any_page(
    house: House,
    window: BrowserContext,
    things: Things,  # noqa: F811
    ticket: Ticket,
    agent: Any,
    supervisor: Any,
) -> None:
    desk = signed_in(supervisor)
    mine, panels = pages_of_the_desk(desk, things), panels_of_the_ticket(desk, things)
    outside = SIGN_IN | signed_pages(ticket, things)
    assert len(mine) > 15
    assert len(panels) > 5
    wrong, page = [], window.new_page()
    for name, path in outside.items():
        page.goto(house.url + path)
        wrong += told(page, name)
    page.goto(f"{house.url}/api/v1/docs/")
    expect(page.locator("#api .opblock").first).to_be_visible(timeout=20_000)
    wrong += told(page, "the API", OF_SWAGGER)
    enter(window, house, desk)
    page.goto(house.url)
    expect(page.locator("#queue")).to_be_visible()
    for name, path in mine.items():
        page.goto(house.url + path)
        wrong += told(page, name)
    for name, path in {"not there": "/tickets/FF-999999/", "sign out": "/accounts/sign-out/"}.items():
        page.goto(house.url + path)
        wrong += told(page, name)
    for name, path in panels.items():
        page.goto(f"{house.url}/tickets/{ticket.reference}/")
        expect(page.locator("#customer"), f"{name} {page.url}").to_have_count(1)
        page.evaluate("() => { location.hash = 'customer'; }")
        expect(page.locator("html")).to_have_attribute("data-pane", "customer")
        page.evaluate("(path) => htmx.ajax('GET', path, {target: '#customer', swap: 'outerHTML'})", path)
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        wrong += told(page, f"panel {name}")
    assert sorted(set(wrong)) == []


def test_control_axe_sees_what_is_planted(house: House, page: Page) -> None:
    page.goto(house.url)
    assert told(page, "sign in") == []
    planted = "<button></button><img src=/static/desk/favicon.svg>"
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", planted)
    assert {"button-name", "image-alt"} <= {line.split()[1] for line in told(page, "planted")}
