"""What the database refuses of goodwill: policies, budgets and requests that can never be true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Brand
from contactcenter import clock
from goodwill.models import Budget, Policy
from tests import make
from tests.contactcenter.behind import change


def rows_for_goodwill(brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """A policy and two budgets of a brand, and a budget of another."""
    at, team = clock.now(), make.make_team(brand=brand)
    when = {"starts_at": at, "ends_at": at + timedelta(days=30)}
    return {
        "policy": Policy.objects.create(brand=brand, team=team, per_grant=500),
        "budget": Budget.objects.create(brand=brand, name="One", points=1000, **when),
        "second_budget": Budget.objects.create(brand=brand, name="Other", points=1000, **when),
        "their_budget": Budget.objects.create(brand=other_brand, name="One", points=1000, **when),
        "their_goodwill_team": make.make_team(brand=other_brand),
        "finding": make.make_finding(agent=make.make_agent(brands=[brand]), brand=brand),
        "watch": make.make_watch(brand=brand),
        "second_watch": make.make_watch(brand=brand, night="2026-01-02"),
    }


def same_policy(w: World) -> Policy:
    row = w.policy
    return Policy.objects.create(brand=row.brand, team=row.team, per_grant=1, starts_at=row.starts_at)


CASES: dict[str, Callable[[World], Any]] = {
    "goodwill_policy_names_one": lambda w: change(w.policy, role="agent"),
    "goodwill_policy_of_team_has_brand": lambda w: change(w.policy, brand=None),
    "goodwill_policy_ends_after_it_starts": lambda w: change(w.policy, ends_at=w.policy.starts_at),
    "goodwill_policy_once": same_policy,
    "goodwill_budget_ends_after_it_starts": lambda w: change(w.budget, ends_at=w.budget.starts_at),
    "goodwill_budget_is_kept": lambda w: change(w.budget, spent=600, reserved=401),
    "goodwill_budget_is_of_one": lambda w: change(w.budget, team=w.policy.team, incident=w.ticket),
    "goodwill_budget_name_once": lambda w: change(
        w.second_budget, name=w.budget.name, starts_at=w.budget.starts_at
    ),
    "goodwill_request_gives_something": lambda w: change(w.request, points=0),
    "goodwill_request_posted_has_entry": lambda w: change(w.request, entry=None),
    "goodwill_request_taken_back_has_entry": lambda w: change(w.request, state="undone"),
    "goodwill_request_waits_for_a_time": lambda w: change(w.request, state="waiting", entry=None),
    "goodwill_request_takes_others": lambda w: change(w.request, approver=w.request.by),
    "goodwill_finding_decided_by_somebody": lambda w: change(
        w.finding, state="dismissed", owner=w.request.by
    ),
    "goodwill_finding_has_owner": lambda w: change(w.finding, state="looked_into"),
    "goodwill_finding_takes_others": lambda w: change(w.finding, owner=w.finding.agent),
    "goodwill_finding_of_two": lambda w: change(w.finding, approver=w.finding.agent),
    "goodwill_watch_once_a_night": lambda w: change(w.second_watch, night=w.watch.night),
    "goodwill_request_declined_by": lambda w: change(w.request, state="declined", entry=None),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "goodwill_finding_customer_id_of_one_brand": lambda w: change(
        w.finding, customer=w.their_ticket.customer
    ),
    "goodwill_policy_team_id_of_one_brand": lambda w: change(w.policy, team=w.their_goodwill_team),
    "goodwill_budget_team_id_of_one_brand": lambda w: change(w.budget, team=w.their_goodwill_team),
    "goodwill_budget_incident_id_of_one_brand": lambda w: change(w.budget, incident=w.their_ticket),
    "goodwill_request_budget_id_of_one_brand": lambda w: change(w.request, budget=w.their_budget),
}
