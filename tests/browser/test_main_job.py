"""The main job from end to end: a real mail, a real browser, a real worker and a real clock."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

import loyalty.services
from agents.models import Agent, Brand
from callbacks import windows
from callbacks.models import Callback
from contactcenter import clock
from customers.models import Customer
from loyalty.models import Account
from tests import make
from tests.house import House
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

PASSWORD = "calm-and-dense-desk"
ON_THE_DESK_WITHIN = 15  # seconds from the opening of a window to its owner's screen
MAIL_SENT_WITHIN = 30


@pytest.fixture
def brand(own_db: str) -> Brand:
    return make.make_brand(code="FF", name="Fjord & Finch", currency="EUR", time_zone="Europe/Berlin")


@pytest.fixture
def ana(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Ana Petrova", email="ana@ff.example", password=PASSWORD)


@pytest.fixture
def maria(brand: Brand) -> Customer:
    """A gold member with 4,000 points, in a zone where it is daytime now, so that she may be called."""
    maria = make.make_customer(
        brand=brand, name="Maria Rossi", mail="maria@posteo.example", phone="+393475550142"
    )
    maria.time_zone = daytime_zone()
    maria.save(update_fields=["time_zone"])
    make.make_programme(brand=brand)
    account = loyalty.services.enrol(maria)
    loyalty.services.earn(
        account,
        4000,
        contra="issue.order",
        by=None,
        key="order:A-20931",
        qualifying=4000,
        source="order:A-20931",
    )
    return maria


def daytime_zone() -> str:
    """A zone in which this hour and the next lie well inside the day, whenever the test runs."""
    now = clock.now()
    zones = ("Europe/Rome", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Auckland")
    return next(zone for zone in zones if not windows.is_quiet(now, now + timedelta(hours=2), ZoneInfo(zone)))


def deliver(house: House, raw: bytes) -> dict[str, object]:
    """Hand a mail to the command that a mail server calls."""
    command = [sys.executable, "manage.py", "receive_mail", "--json"]
    done = subprocess.run(command, input=raw, env=house.env, capture_output=True, check=True)
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def letter() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Maria Rossi <maria@posteo.example>", "care@ff.example"
    mail["Subject"], mail["Message-ID"] = "Parcel never came", "<first@posteo.example>"
    mail.set_content("Hello, my order A-20931 was promised for last Tuesday. Where is it?")
    mail.add_attachment(b"\x89PNG tracking", maintype="image", subtype="png", filename="tracking-verona.png")
    return mail.as_bytes()


def sign_in(page: Page, house: House, agent: Agent) -> None:
    page.goto(house.url)
    page.get_by_label("Work e-mail").fill(agent.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#queue")).to_be_visible()


def eventually(found: Callable[[], Any], seconds: float) -> Any:
    """The first thing that `found` gives, asked for until `seconds` are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if it := found():
            return it
        time.sleep(0.2)
    raise AssertionError(f"nothing after {seconds} seconds")


def mails_to(directory: Path, address: str) -> list[EmailMessage]:
    """What Django's file backend has written for this address."""
    texts = [path.read_bytes() for path in sorted(directory.glob("*.log"))] if directory.exists() else []
    letters = [
        message_from_bytes(part.strip() + b"\n", policy=policy.default)
        for text in texts
        for part in text.split(b"-" * 79)
        if part.strip()
    ]
    return [letter for letter in letters if letter["To"] == address]


def letters_to(directory: Path, address: str, by_itself: str | None) -> list[EmailMessage]:
    """Those for this address that a person wrote (None), or that went `by_itself`, as their header says."""
    return [letter for letter in mails_to(directory, address) if letter["Auto-Submitted"] == by_itself]


def test_a_mail_is_answered_made_good_called_back_and_resolved(
    house: House, page: Page, brand: Brand, ana: Agent, maria: Customer
) -> None:
    make.make_queue(brand=brand, name="Shipping EU", address="care@ff.example", is_default=True)
    make.make_reason(brand=brand, code="late", label="Late parcel", min_points=50, default_points=300)

    # A real mail becomes a ticket of the customer we know.
    facts = deliver(house, letter())
    assert facts["outcome"] == "created"
    ticket = Ticket.objects.get()
    assert ticket.customer == maria

    # It is on the agent's screen, beside points, their worth, tier and history.
    sign_in(page, house, ana)
    page.get_by_role("link", name="Unassigned").click()
    page.locator(".d-row", has_text="Parcel never came").click()
    expect(page.locator("#thread")).to_contain_text("promised for last Tuesday")
    expect(page.locator("#thread")).to_contain_text("tracking-verona.png")
    customer = page.locator("#customer")
    expect(customer).to_contain_text("Maria Rossi")
    expect(customer).to_contain_text("4,000")
    expect(customer).to_contain_text("€40.00")
    expect(customer).to_contain_text("Gold")
    expect(customer.locator("#timeline")).to_contain_text("order A-20931")

    # The answer goes out as a mail in the same thread.
    page.get_by_label("Reply to Maria Rossi").fill("Dear Maria, I have asked the courier this morning.")
    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.locator("#thread .d-msg--out")).to_contain_text("asked the courier")
    expect(page.get_by_label("Reply to Maria Rossi")).to_have_value("")
    sent = eventually(lambda: letters_to(house.mail_dir, "maria@posteo.example", None), MAIL_SENT_WITHIN)
    assert len(sent) == 1
    # Before it went, by itself and once, the word that her mail came.
    assert len(letters_to(house.mail_dir, "maria@posteo.example", "auto-replied")) == 1
    assert sent[0]["In-Reply-To"] == "<first@posteo.example>"
    assert "asked the courier" in sent[0].get_body(("plain",)).get_content()
    eventually(lambda: Message.objects.filter(state=Message.State.SENT).first(), 5)

    # Goodwill moves the balance and stands on the timeline and in the conversation.
    customer.get_by_role("button", name="Goodwill").click()
    customer.get_by_role("radio", name="Late parcel").check()
    customer.get_by_role("button", name="Give the points").click()
    expect(customer).to_contain_text("4,300")
    expect(customer).to_contain_text("€43.00")
    expect(customer.locator("#timeline")).to_contain_text("+300")
    expect(page.locator("#thread")).to_contain_text("+300 points")
    account = Account.objects.get(customer=maria)
    assert (account.balance, account.tier.code) == (4300, "gold")

    # A callback is promised, comes due, is told wherever the agent is, and is kept.
    customer.get_by_role("button", name="Callback").click()
    customer.locator("label.d-slot:not(.is-quiet)").first.click()
    customer.get_by_role("button", name="Promise it").click()
    expect(page.locator("#thread")).to_contain_text("Callback promised")
    expect(page.locator("#due")).to_contain_text("Maria Rossi", timeout=ON_THE_DESK_WITHIN * 1000)
    page.locator("#due").get_by_role("link", name="Open").click()
    expect(page.locator("#conversation")).to_contain_text("Call Maria Rossi")
    expect(page.locator("#conversation")).to_contain_text("347 555 0142")
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#queue")).to_contain_text("Done today")
    assert Callback.objects.get().state == Callback.State.KEPT

    # The ticket ends.
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    page.get_by_role("button", name="Resolve").first.click()
    expect(page.locator("#head")).to_contain_text("Resolved")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (Ticket.Status.RESOLVED, ana)
