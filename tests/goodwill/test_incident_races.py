"""Two workers, two people, two deeds at the same instant: each customer is given it once, the budget is exact."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db.models import Count

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.models import Budget, IncidentGrant, IncidentLine, Reason, Request
from goodwill.services import give_out, giving_out, grant, incidents
from tests import make
from tests.goodwill.hit import an_incident, points_of
from tests.together import at_once
from tickets.models import Ticket

pytestmark = pytest.mark.race


def house(count: int = 4) -> tuple[Brand, Agent, Agent, Reason, list[Customer], Ticket]:
    brand = make.make_brand()
    agent, boss = make.make_agent(brands=[brand]), make.make_agent(role="supervisor", brands=[brand])
    members = [make.make_member(brand=brand) for _ in range(count)]
    return brand, agent, boss, make.make_reason(brand=brand), members, an_incident(brand, *members, by=agent)


def agreed(incident: Ticket, agent: Agent, boss: Agent, reason: Reason) -> IncidentGrant:
    return incidents.approve(
        incidents.ask(incident, 100, by=agent, reason=reason, key=make.unique()), by=boss
    )


def most_to_one() -> int:
    """How many grants the customer has who was given the most."""
    counts = Request.objects.filter(state="posted").values("ticket__customer").annotate(count=Count("pk"))
    return max((row["count"] for row in counts), default=0)


def codes(answers: list[Any]) -> Counter[str]:
    return Counter(
        one.code if isinstance(one, Refused) else repr(one) if isinstance(one, Exception) else "done"
        for one in answers
    )


def test_two_workers_at_once_give_to_each_customer_once(
    own_db: str, caplog: pytest.LogCaptureFixture
) -> None:
    brand, agent, boss, reason, members, incident = house(8)
    budget = make.make_budget(brand=brand, points=800, incident=incident)
    deed = agreed(incident, agent, boss, reason)
    answers = at_once(give_out, give_out, give_out)
    assert "deadlock" not in caplog.text + str(answers)
    assert sum(answers) == 8
    budget.refresh_from_db()
    deed.refresh_from_db()
    assert (budget.spent, budget.reserved, deed.state, deed.reserved) == (800, 0, "done", 0)
    assert (points_of(*members), IncidentLine.objects.count()) == ([100] * 8, 8)


def two_runs_under_keys_that_differ(monkeypatch: pytest.MonkeyPatch, *, unlocked: bool) -> list[Any]:
    """Two workers at once, the key of a grant no longer the same for the same customer: only the locks are left."""
    brand, agent, boss, reason, _members, incident = house(1)
    make.make_budget(brand=brand, points=800, incident=incident)
    agreed(incident, agent, boss, reason)
    monkeypatch.setattr(giving_out, "key_of", lambda *_: make.unique())
    return at_once(give_out, give_out, unlocked=unlocked)


def test_the_locks_alone_keep_two_workers_apart(own_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    two_runs_under_keys_that_differ(monkeypatch, unlocked=False)
    assert most_to_one() == 1


def test_control_without_locks_and_key_a_customer_is_given_it_twice(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IncidentLine, "save", lambda *_, **__: None)  # the row that is there once a ticket
    two_runs_under_keys_that_differ(monkeypatch, unlocked=True)
    assert most_to_one() == 2


def test_without_the_locks_the_database_still_refuses_the_second(own_db: str) -> None:
    _brand, agent, boss, reason, _members, incident = house(1)
    agreed(incident, agent, boss, reason)
    at_once(give_out, give_out, unlocked=True)
    assert most_to_one() == 1


def test_two_who_ask_at_once_reserve_once(own_db: str) -> None:
    brand, agent, boss, reason, _members, incident = house()
    budget = make.make_budget(brand=brand, points=1000)
    asks = [
        partial(incidents.ask, incident, 100, by=one, reason=reason, key=make.unique())
        for one in (agent, boss)
    ]
    assert codes(at_once(*asks)) == {"done": 1, "asked_already": 1}
    budget.refresh_from_db()
    assert (budget.reserved, IncidentGrant.objects.count()) == (400, 1)


def test_one_of_those_who_answer_at_once_is_heard(own_db: str) -> None:
    brand, agent, boss, reason, members, incident = house(2)
    other = make.make_agent(role="supervisor", brands=[brand])
    budget = make.make_budget(brand=brand, points=1000)
    deed = incidents.ask(incident, 100, by=agent, reason=reason, key="a")
    answers = at_once(
        partial(incidents.approve, deed, by=boss),
        partial(incidents.approve, deed, by=other),
        partial(incidents.decline, deed, by=other),
        partial(incidents.withdraw, deed, by=agent),
    )
    assert codes(answers)["done"] >= 1
    give_out()
    deed.refresh_from_db()
    budget.refresh_from_db()
    spent = 200 if deed.state == "done" else 0
    assert (budget.spent, budget.reserved, sum(points_of(*members))) == (spent, 0, spent), deed.state


def test_a_run_beside_single_grants_on_the_same_tickets_exceeds_no_budget(own_db: str) -> None:
    brand, agent, boss, reason, members, incident = house(6)
    make.make_policy(agent=agent, brand=brand, per_grant=1000)
    budget = make.make_budget(brand=brand, points=900, incident=incident)
    agreed(incident, agent, boss, reason)
    tickets = Ticket.objects.filter(links__other=incident).order_by("pk")
    singles = [partial(grant, ticket, 100, by=agent, reason=reason, key=make.unique()) for ticket in tickets]
    answers = at_once(give_out, *singles)
    assert codes(answers[1:]) == {"done": 3, "budget_used_up": 3}
    give_out()  # a ticket that somebody worked on is found by the next run
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, sum(points_of(*members))) == (900, 0, 900)
    assert Budget.objects.get(pk=budget.pk).left == 0
