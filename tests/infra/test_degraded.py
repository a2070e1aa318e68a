"""What stops takes no work away: Redis stopped or hung, PostgreSQL killed under a running house."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from contactcenter import embedded
from loyalty.models import Entry
from tests import make
from tests.faults import Faults
from tests.house import House, open_house
from tests.infra.production import until
from tests.infra.servers import hung, own_postgres
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]
PASSWORD = "calm-and-dense-desk"
AWAY = "We can't reach the database just now. What you typed is safe here; we try again by ourselves."
BACK_WITHIN = 30_000  # milliseconds, of which the poll takes four seconds


@pytest.fixture
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[embedded.Postgres]:
    with django_db_blocker.unblock(), own_postgres() as server:
        yield server


def staffed() -> Ticket:
    """A member's ticket, and Ana who may work it."""
    brand = make.make_brand(code="FF", name="Fjord & Finch")
    make.make_agent(brands=[brand], name="Ana Petrova", email="ana@ff.example", password=PASSWORD)
    make.make_programme(brand=brand)
    make.make_reason(brand=brand)
    return make.make_ticket(customer=make.make_member(brand=brand, points=500))


def sign_in(page: Page, house: House) -> None:
    page.goto(f"{house.url}/")
    page.get_by_label("E-mail").fill("ana@ff.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#queue-rows")).to_be_visible()


def write(page: Page, words: str) -> None:
    page.locator("#composer textarea").fill(words)
    page.keyboard.press("ControlOrMeta+Enter")


@pytest.mark.parametrize("how", ["stopped", "hung"])
def test_without_redis_agents_sign_in_reply_and_grant(page: Page, house: House, how: str) -> None:
    ticket = staffed()
    if how == "hung":
        with hung(house.redis):
            a_day_at_the_desk(page, house, ticket)
    else:
        house.redis.stop()
        a_day_at_the_desk(page, house, ticket)
        house.redis.start()
    # Worker and clock find Redis again, and what was written goes out.
    sent = Message.objects.filter(ticket=ticket, kind="outbound", state="sent")
    until(sent.exists, "the reply was not sent")


def a_day_at_the_desk(page: Page, house: House, ticket: Ticket) -> None:
    sign_in(page, house)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    write(page, "We are looking into it.")
    expect(page.locator("#thread")).to_contain_text("We are looking into it.")
    customer = page.locator("#customer")
    customer.get_by_role("button", name="Goodwill").click()
    customer.get_by_role("button", name="Give the points").click()
    expect(customer.locator("#timeline")).to_contain_text("+")
    until(Entry.objects.filter(contra="issue.goodwill").exists, "no goodwill was given")


def test_a_database_that_is_killed_costs_a_sentence_and_comes_back_by_itself(
    page: Page, server: embedded.Postgres, faults: Faults
) -> None:
    faults.allowed.append(r"503|/live/")  # the browser and htmx note each answer without a database
    ticket = staffed()
    with open_house(server.url) as house:
        sign_in(page, house)
        page.goto(f"{house.url}/tickets/{ticket.reference}/")
        page.locator("#composer textarea").fill("We found your parcel.")
        kill(server)
        expect(page.locator("#live")).to_contain_text(AWAY, timeout=BACK_WITHIN)
        page.locator("#composer textarea").press("ControlOrMeta+Enter")
        expect(page.locator("#live")).to_contain_text("That was not saved", timeout=BACK_WITHIN)
        expect(page.locator("#composer textarea")).to_have_value("We found your parcel.")
        elsewhere = page.context.new_page()
        elsewhere.goto(f"{house.url}/")
        expect(elsewhere.get_by_role("heading")).to_have_text("Back in a moment")

        server.start()
        expect(page.locator("#live")).not_to_contain_text("database", timeout=BACK_WITHIN)
        expect(elsewhere.locator("#queue-rows")).to_be_visible(timeout=BACK_WITHIN)
        expect(page.locator("#composer textarea")).to_have_value("We found your parcel.")
        page.locator("#composer textarea").press("ControlOrMeta+Enter")
        expect(page.locator("#thread")).to_contain_text("We found your parcel.")

        # Worker and clock outlived it as well: nobody started them again, and the reply goes out.
        assert all(child.exit_code() is None for child in house.children.values())
        until(lambda: len(list(Path(house.mail_dir).glob("*"))) == 1, "the reply was not sent")
        connection.close()  # the test's own was cut as well
        assert Message.objects.filter(ticket=ticket, kind="outbound").count() == 1


def kill(server: embedded.Postgres) -> None:
    """As a crash or the machine's memory killer would."""
    pid = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not server.running(), "PostgreSQL did not die")
