"""A promise with a price beside the ticket while it runs, and its receipt in the conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from desk.pledged import words_of_pledge
from goodwill.models import PledgeRun
from goodwill.services import keep_next_pledge
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Ticket
from tickets.services import reply

NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
MINUTES = timedelta(minutes=1)


def sweep(at: datetime) -> None:
    while keep_next_pledge(at=at):
        pass


@pytest.fixture
def waiting(brand: Brand, member: Customer) -> Ticket:
    """A member has written at noon, and is promised an answer within the hour."""
    with clock.standing_at(NOON):
        make.make_pledge(brand=brand)
    ticket = make.make_ticket(customer=member, at=NOON)
    sweep(NOON)
    return ticket


def page(agent: Agent, ticket: Ticket, at: datetime) -> str:
    with clock.standing_at(at):
        return signed_in(agent).get(f"/tickets/{ticket.reference}/").content.decode()


def test_the_head_says_what_is_promised_until_when_and_what_is_left(agent: Agent, waiting: Ticket) -> None:
    up = (NOON + 60 * MINUTES).astimezone(ZoneInfo(agent.time_zone))
    content = page(agent, waiting, NOON + 18 * MINUTES)
    assert f"Promised: answered by {up:%H:%M}, else 100 points" in content
    assert "0:42" in content
    reply(waiting, "Here it is.", by=agent, key="r", at=NOON + 20 * MINUTES)
    assert "else 100 points" not in page(agent, waiting, NOON + 21 * MINUTES)  # no sweep has been by


def test_it_costs_no_question_more(agent: Agent, waiting: Ticket) -> None:
    def asked() -> int:
        page(agent, waiting, NOON + MINUTES)
        with CaptureQueriesContext(connection) as queries:
            page(agent, waiting, NOON + MINUTES)
        return len(queries)

    with_it = asked()
    PledgeRun.objects.all().delete()
    assert asked() == with_it


def test_the_receipt_stands_in_the_conversation(agent: Agent, waiting: Ticket) -> None:
    sweep(NOON + 60 * MINUTES)
    reply(waiting, "Here it is.", by=agent, key="r", at=NOON + 95 * MINUTES)
    sweep(NOON + 96 * MINUTES)
    content = page(agent, waiting, NOON + 97 * MINUTES)
    assert "it was not there: 100 points are paid by the pledge" in content
    assert "0:35 late" in content
    assert "+100 points" in content
    assert "else 100 points" not in content


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"what": "pledge_paid"}, "first answer by {up}; it was not there: 100 points are paid by the pledge"),
        ({"what": "pledge_paid", "answered": "came"}, "first answer by {up}; it came at {came}: 100 points are paid"),
        ({"what": "pledge_paid", "clock": "resolution"}, "Promised: solution by {up}"),
        ({"what": "pledge_unpaid", "why": "often_enough"}, "100 points are not paid, it pays one customer no oftener"),
        ({"what": "pledge_unpaid", "why": "new"}, "100 points are not paid, new"),
        ({"what": "pledge_answered", "answered": "came"}, "What was promised by {up} came at {came}, 0:35 late"),
    ],
)  # fmt: skip
def test_every_receipt_has_its_words(data: dict[str, Any], words: str) -> None:
    told = {
        "clock": "first",
        "due": "2026-06-10T13:00:00+00:00",
        "answered": None,
        "points": 100,
        "why": "",
    } | data
    if told["answered"]:
        told["answered"] = "2026-06-10T13:35:00+00:00"
    assert words.format(up="10 Jun 13:00", came="10 Jun 13:35") in words_of_pledge(told)
