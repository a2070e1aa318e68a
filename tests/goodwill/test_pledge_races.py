"""Workers that sweep at the same moment, or die on the way: what is promised is paid once, and it is paid."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from customers.models import Customer
from goodwill.models import Budget, PledgeRun, Request
from goodwill.services import keep_next_pledge
from goodwill.tasks import keep_pledges
from loyalty.models import Account
from tests import make
from tests.together import at_once, in_the_middle_of
from tickets.models import Ticket
from tickets.services import merge, reply

pytestmark = pytest.mark.race
NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """A worker is gone."""


def late(count: int, *, points: int = 10_000) -> tuple[Budget, list[Ticket]]:
    """So many members who have waited for an hour, each on a ticket, and a budget for 100 points each."""
    brand = make.make_brand()
    budget = make.make_budget(
        brand=brand, pays_pledges=True, points=points, starts_at=NOON - HOUR, ends_at=NOON + 30 * HOUR
    )
    make.make_pledge(brand=brand, budget=budget, starts_at=NOON - HOUR, per_customer=9)
    members = [make.make_member(brand=brand) for _ in range(count)]
    return budget, [make.make_ticket(customer=member, at=NOON) for member in members]


def given(budget: Budget) -> tuple[int, int]:
    """Times and points that the budget has paid, which its book, the requests and the accounts say alike."""
    budget.refresh_from_db()
    rows = list(Request.objects.filter(budget=budget, state="posted"))
    points = sum(row.points for row in rows)
    assert budget.spent == points
    assert sum(Account.objects.values_list("balance", flat=True)) == points
    return len(rows), points


def test_two_workers_who_sweep_at_once_pay_each_promise_once(own_db: str) -> None:
    budget, tickets = late(8)
    answers = at_once(*[partial(keep_pledges, at=NOON + HOUR)] * 2)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    keep_pledges(at=NOON + HOUR)  # what both had left to the other, if anything
    assert given(budget) == (8, 800)
    assert set(PledgeRun.objects.values_list("state", flat=True)) == {"paid"}
    assert [ticket.events.filter(kind="goodwill").count() for ticket in tickets] == [1] * 8


def test_control_without_the_locks_only_the_database_stops_the_second_payment(
    own_db: str, caplog: pytest.LogCaptureFixture
) -> None:
    budget, _tickets = late(1)
    at_once(*[partial(keep_next_pledge, at=NOON + HOUR)] * 2, unlocked=True)
    assert "violates unique constraint" in caplog.text
    assert given(budget) == (1, 100)


def test_many_workers_pay_what_the_budget_has_and_not_a_point_more(own_db: str) -> None:
    budget, _tickets = late(12, points=550)
    at_once(*[partial(keep_pledges, at=NOON + HOUR)] * 4)
    keep_pledges(at=NOON + HOUR)
    assert given(budget) == (5, 500)
    assert PledgeRun.objects.filter(state="unpaid", why="budget_used_up").count() == 7


def test_a_worker_that_dies_before_its_end_has_done_nothing_and_the_next_one_pays(own_db: str) -> None:
    budget, _tickets = late(2)

    def dies(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith('INSERT INTO "tickets_ticketevent"'):  # the points are in the ledger by now
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies), pytest.raises(Killed):
        keep_pledges(at=NOON + HOUR)
    assert given(budget) == (0, 0)
    assert keep_pledges(at=NOON + HOUR) == 2
    assert given(budget) == (2, 200)


def test_an_answer_at_the_moment_of_the_sweep_is_either_in_time_or_paid_for(own_db: str) -> None:
    for number in range(6):
        budget, (ticket,) = late(1)
        agent = make.make_agent(brands=[ticket.brand])
        say = partial(reply, ticket, "Here.", by=agent, key=f"r{number}", at=NOON + HOUR)
        pay = partial(keep_pledges, at=NOON + HOUR)
        answers = in_the_middle_of(say, pay) if number % 2 else in_the_middle_of(pay, say)
        assert not [one for one in answers if isinstance(one, Exception)], answers
        keep_pledges(at=NOON + HOUR)
        (run,) = PledgeRun.objects.filter(ticket=ticket)
        budget.refresh_from_db()
        assert (run.state, budget.spent) in [("kept", 0), ("paid", 100)]


def test_tickets_that_become_one_while_a_worker_sweeps_are_paid_once(own_db: str) -> None:
    for number in range(4):
        budget, (first,) = late(1)
        second = make.make_ticket(customer=Customer.objects.get(pk=first.customer_id), at=NOON + HOUR / 2)
        agent = make.make_agent(brands=[first.brand])
        join = partial(merge, first, second, by=agent, at=NOON + HOUR)
        pay = partial(keep_pledges, at=NOON + HOUR)
        answers = in_the_middle_of(join, pay) if number % 2 else in_the_middle_of(pay, join)
        assert not [one for one in answers if isinstance(one, Exception)], answers
        keep_pledges(at=NOON + 9 * HOUR)
        budget.refresh_from_db()
        assert budget.spent == 100
