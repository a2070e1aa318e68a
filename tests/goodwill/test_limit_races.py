"""Fifty grants at the same instant: no limit is exceeded by a single point, and every refusal has its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from goodwill.models import Budget, Policy, Request
from goodwill.services import approve, ask, decline, grant, undo, withdraw
from loyalty.models import Account
from tests import make
from tests.together import at_once
from tickets.models import Ticket

pytestmark = pytest.mark.race
MANY, POINTS = 50, 100


def house(**limits: Any) -> tuple[Brand, list[Agent]]:
    """A brand, and ten agents of one team with these limits and no others."""
    brand = make.make_brand()
    people = [make.make_agent(brands=[brand]) for _ in range(10)]
    team = make.make_team(brand=brand, agents=people)
    since = make.instant("2020-01-01T00:00:00+00:00")
    Policy.objects.create(brand=brand, team=team, starts_at=since, **({"per_grant": 1000} | limits))
    return brand, people


def grants(brand: Brand, people: list[Agent], on: Callable[[int], Ticket]) -> list[partial[Request]]:
    reason = make.make_reason(brand=brand)
    return [
        partial(grant, on(n), POINTS, by=people[n % len(people)], reason=reason, key=f"k{n}")
        for n in range(MANY)
    ]


def given() -> int:
    return int(Request.objects.filter(state="posted").aggregate(sum=Sum("points"))["sum"] or 0)


def outcome(answers: list[Any]) -> Counter[str]:
    """What came of each: `posted`, the code of a refusal and the limit that it names, or an error as it is."""
    return Counter(
        f"{one.code}:{one.details.get('bound', '')}"
        if isinstance(one, Refused)
        else repr(one)
        if isinstance(one, Exception)
        else one.state
        for one in answers
    )


def test_one_budget_gives_what_it_has_and_not_a_point_more(own_db: str) -> None:
    brand, people = house()
    budget = make.make_budget(brand=brand, points=1250)
    ticket = make.make_ticket(customer=make.make_member(brand=brand))
    answers = at_once(*grants(brand, people, lambda n: ticket))
    assert outcome(answers) == {"posted": 12, "budget_used_up:": 38}
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, given()) == (1200, 0, 1200)
    assert Account.objects.get(customer=ticket.customer).balance == 1200


@pytest.mark.parametrize("limit", ["per_ticket", "customer_90"])
def test_one_ticket_and_one_customer_are_given_what_the_limit_allows(own_db: str, limit: str) -> None:
    brand, people = house(**{limit: 1000})
    member = make.make_member(brand=brand)
    tickets = [make.make_ticket(customer=member) for _ in range(5 if limit == "customer_90" else 1)]
    answers = at_once(*grants(brand, people, lambda n: tickets[n % len(tickets)]))
    assert outcome(answers) == {"posted": 10, f"over_limit:{limit}": 40}
    assert (given(), Account.objects.get(customer=member).balance) == (1000, 1000)


def of_one_agent(unlocked: bool) -> list[Any]:
    """Ten grants at once by one agent to ten customers, with 300 points left for the day."""
    brand, people = house(per_day=300)
    reason = make.make_reason(brand=brand)
    deeds = [
        partial(grant, make.make_ticket(customer=make.make_member(brand=brand)), POINTS, by=people[0], reason=reason,
                key=f"k{n}")
        for n in range(10)
    ]  # fmt: skip
    return at_once(*deeds, unlocked=unlocked)


def test_one_agent_gives_no_more_in_a_day_on_however_many_tickets(own_db: str) -> None:
    assert outcome(of_one_agent(unlocked=False)) == {"posted": 3, "over_limit:per_day": 7}
    assert given() == 300


def test_control_without_the_locks_one_agent_gives_more_in_a_day(own_db: str) -> None:
    of_one_agent(unlocked=True)
    assert given() > 300


def test_a_request_is_answered_once_whoever_answers_at_the_same_time(own_db: str) -> None:
    brand, people = house(per_grant=50)
    bosses = [make.make_agent(role="supervisor", brands=[brand]) for _ in range(2)]
    budget = make.make_budget(brand=brand, points=100)
    ticket = make.make_ticket(customer=make.make_member(brand=brand))
    for number in range(5):
        request = ask(ticket, 100, by=people[0], reason=make.make_reason(brand=brand), key=f"a{number}")
        at_once(
            partial(approve, request, by=bosses[0]),
            partial(decline, request, by=bosses[1]),
            partial(withdraw, request, by=people[0]),
            partial(undo, request, by=people[0]),
        )
        request.refresh_from_db()
        budget.refresh_from_db()
        spent = 100 if request.state == "posted" else 0
        assert (budget.spent, budget.reserved) == (spent, 0), request.state
        if request.state == "posted":
            undo(request, by=people[0])
    assert Account.objects.get(customer=ticket.customer).balance == 0
    assert Budget.objects.get(pk=budget.pk).spent == 0
