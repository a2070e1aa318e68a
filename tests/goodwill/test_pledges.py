"""A promise that pays itself: the log of the clocks decides, its own budget pays, once, and nobody is charged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from agents.models import Agent, Brand, Notification
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.limits import limits_of
from goodwill.models import Budget, Pledge, PledgeRun, Policy, Reason, Request
from goodwill.services import grant, keep_next_pledge, publish, reverse, stop, undo
from goodwill.tasks import keep_pledges
from loyalty import proof
from loyalty.models import Account, Entry
from tests import make
from tickets.models import Ticket
from tickets.services import merge, reply, resolve, set_status, tell_late, unmerge

NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
MINUTES = timedelta(minutes=1)


@pytest.fixture
def since() -> dict[str, Any]:
    """Since when pledges and their budgets are there."""
    return {"starts_at": NOON - timedelta(days=30)}


@pytest.fixture
def budget(brand: Brand) -> Budget:
    return make.make_budget(
        brand=brand, pays_pledges=True, points=1000, starts_at=NOON - timedelta(days=30),
        ends_at=NOON + timedelta(days=300),
    )  # fmt: skip


@pytest.fixture
def pledge(brand: Brand, supervisor: Agent, since: dict[str, Any], budget: Budget) -> Pledge:
    """Every member is answered within an hour, first and around the clock, or gets 100 points."""
    return make.make_pledge(brand=brand, by=supervisor, budget=budget, **since)


def word(member: Customer, at: datetime = NOON, **fields: Any) -> Ticket:
    return make.make_ticket(customer=member, at=at, **fields)


def answer(ticket: Ticket, agent: Agent, at: datetime) -> None:
    reply(ticket, "Here it is.", by=agent, key=make.unique(), at=at)


def sweep(at: datetime) -> None:
    while keep_next_pledge(at=at):
        pass


def balance(member: Customer) -> int:
    return Account.objects.get(customer=member).balance


def states(ticket: Ticket) -> list[tuple[str, str]]:
    return list(PledgeRun.objects.filter(ticket=ticket).order_by("pk").values_list("state", "why"))


def receipts(ticket: Ticket) -> list[str]:
    return [event.data["what"] for event in ticket.events.filter(kind="goodwill_request").order_by("seq")]


@pytest.fixture
def before(member: Customer) -> int:
    return balance(member)


def test_who_waits_longer_than_promised_is_paid_from_the_budget_of_the_pledge(
    pledge: Pledge, budget: Budget, member: Customer, agent: Agent, supervisor: Agent, before: int
) -> None:
    ticket = word(member)
    sweep(NOON + 59 * MINUTES)
    assert balance(member) == before
    sweep(NOON + 60 * MINUTES)
    sweep(NOON + 61 * MINUTES)
    assert balance(member) == before + 100
    given = Request.objects.get(ticket=ticket)
    assert (given.by, given.approver, given.pledge, given.state) == (None, supervisor, pledge, "posted")
    assert given.key.startswith(f"pledge:{pledge.pk}:")
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved) == (100, 0)
    assert receipts(ticket) == ["pledge_paid"]
    answer(ticket, agent, NOON + 95 * MINUTES)
    sweep(NOON + 96 * MINUTES)
    assert receipts(ticket) == ["pledge_paid", "pledge_answered"]
    told = ticket.events.filter(kind="goodwill_request").latest("seq").data
    assert told["due"] == (NOON + 60 * MINUTES).astimezone(tz=None).isoformat() or told["answered"]
    assert balance(member) == before + 100
    assert not [found for check in proof.CHECKS for found in proof.broken(check).findings]


def test_who_is_answered_in_time_even_at_the_last_instant_is_not_paid(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    ticket = word(member)
    answer(ticket, agent, NOON + 60 * MINUTES)
    sweep(NOON + 90 * MINUTES)
    assert (states(ticket), balance(member)) == ([("kept", "")], before)
