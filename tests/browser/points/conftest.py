"""One house for all tests of this folder, each with a brand of its own in it: starting a house costs more than a test.

What one test makes, another cannot see: no agent of it serves the other's brand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import DjangoDbBlocker

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from customers.models import Customer
from tests import databases, make
from tests.house import House, open_house
from tickets.models import Queue, Ticket

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SETTLING = ".htmx-request, .htmx-swapping, .htmx-settling"


@pytest.fixture(scope="session")
def one_house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, House]]:
    """The house as it really runs, and the name of its database: a reply can be undone for ten seconds, sessions that
    are made here hold there. It stays open, for tests come in any order."""
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock():
        patched.setenv("UNDO_SEND_SECONDS", "10")
        patched.setenv("SECRET_KEY", settings.SECRET_KEY)
        around = connections.settings["default"]["NAME"]
        with databases.fresh() as name, open_house(databases.url_of(name)) as opened:
            databases.point_at(around)
            patched.undo()
            yield name, opened


@pytest.fixture
def own_db(one_house: tuple[str, House], django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The database of the one house, to which this process speaks during a test."""
    around = connections.settings["default"]["NAME"]
    with django_db_blocker.unblock():
        databases.point_at(one_house[0])
        try:
            yield one_house[0]
        finally:
            databases.point_at(around)


@pytest.fixture
def house(own_db: str, one_house: tuple[str, House]) -> House:
    return one_house[1]


@dataclass
class World:
    """A brand with a queue, an agent and a member, and the browsers in which somebody sits before it."""

    house: House
    browser: Browser
    brand: Brand
    queue: Queue
    ana: Agent
    maria: Customer
    opened: list[BrowserContext] = field(default_factory=list)

    def agent(self, name: str, **fields: Any) -> Agent:
        """A colleague who serves the brand."""
        return make.make_agent(brands=[self.brand], name=name, **fields)

    def supervisor(self, name: str = "Ruth Adler") -> Agent:
        return self.agent(name, role=roles.SUPERVISOR)

    def ticket(self, subject: str = "Parcel never came", *, of: Agent | None = None, **fields: Any) -> Ticket:
        """A ticket of Maria's, or of the `customer` named, that `of` has (left out: Ana)."""
        fields = {"customer": self.maria, "queue": self.queue} | fields
        ticket = make.make_ticket(subject=subject, **fields)
        tickets.services.assign(ticket, of or self.ana, by=of or self.ana)
        return Ticket.objects.select_related("brand", "queue", "customer__brand").get(pk=ticket.pk)

    def sits(self, agent: Agent, **how: Any) -> BrowserContext:
        """A browser of its own in which `agent` is signed in."""
        client = Client()
        client.force_login(agent)
        context = self.browser.new_context(**({"viewport": WIDE} | how))
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.house.url}
        context.add_cookies([session])  # type: ignore[list-item]
        self.opened.append(context)
        return context

    def desk(self, agent: Agent | None = None, at: Ticket | str = "/", **how: Any) -> Page:
        """A page of the desk, at a ticket or an address, before `agent` (left out: Ana) in a browser of their own."""
        return self.goes(self.sits(agent or self.ana, **how).new_page(), at)

    def goes(self, page: Page, at: Ticket | str) -> Page:
        """The same page at another place, once its scripts run."""
        page.goto(self.house.url + (at if isinstance(at, str) else f"/tickets/{at.reference}/"))
        expect(page.locator("html")).to_have_attribute("data-stream", "on")
        return page


@pytest.fixture
def world(house: House, browser: Browser) -> Iterator[World]:
    """A brand of this test alone; Maria is a bronze member with 1,000 points who can be called."""
    brand = make.make_brand(code=make.unique("W").upper(), time_zone="Europe/Berlin")
    queue = make.make_queue(brand=brand, name="Care", is_default=True)
    ana = make.make_agent(brands=[brand], name="Ana Petrova")
    make.make_programme(brand=brand)
    maria = make.make_member(brand=brand, name="Maria Rossi", points=1000, phone="+393475550142")
    made = World(house, browser, brand, queue, ana, maria)
    yield made
    for context in made.opened:
        context.close()


def settled(page: Page) -> Page:
    """The page once nothing is on its way into it."""
    expect(page.locator(SETTLING)).to_have_count(0)
    return page


def panel(page: Page, key: str, title: str) -> Any:
    """The panel beside the ticket that this key opens."""
    settled(page).locator("#conversation").focus()
    page.keyboard.press(key)
    expect(page.locator("#customer h2", has_text=title).first).to_be_visible()
    return page.locator("#customer")
