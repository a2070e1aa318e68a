"""What can never be true of rules, their versions and runs, and of macros: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as World
from typing import Any

from agents.models import Brand
from contactcenter import clock
from tests import make
from tests.contactcenter.behind import change
from tickets.models import Macro, Occasion, Rule, RuleRun, RuleVersion


def rows_for_rules(brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    return {
        "ticket_rule": make.make_rule(brand=brand, name="First", event="late"),
        "second_rule": make.make_rule(brand=brand, name="Second", event="late"),
        "their_rule": make.make_rule(brand=other_brand, event="late"),
        "macro": make.make_macro(brand=brand, title="Sorry", shortcut="sorry"),
        "second_macro": make.make_macro(brand=brand),
    }


def run(world: World, **fields: Any) -> RuleRun:
    """A run behind the services' back."""
    rule: Rule = world.ticket_rule
    sound = {
        "brand": world.brand, "rule": rule, "version": rule.live, "ticket": world.ticket, "event": "late", "key": "k",
        "at": clock.now(), "outcome": "done",
    }  # fmt: skip
    return RuleRun.objects.create(**(sound | fields))


def version(world: World, **fields: Any) -> RuleVersion:
    sound = {
        "rule": world.ticket_rule,
        "number": 9,
        "event": "late",
        "conditions": {},
        "actions": [],
        "stop": False,
    }
    return RuleVersion.objects.create(made_by=world.agent, **(sound | fields))


CASES: dict[str, Callable[[World], Any]] = {
    "tickets_rule_name_once_a_brand": lambda w: change(w.second_rule, name="First"),
    "tickets_rule_active_is_published": lambda w: Rule.objects.create(
        brand=w.brand, name="x", is_active=True
    ),
    "tickets_rule_event_known": lambda w: change(w.ticket_rule, event="lunch"),
    "tickets_ruleversion_number_once": lambda w: version(w, number=1),
    "tickets_rulerun_once_an_occasion": lambda w: [run(w) for _ in range(2)],
    "tickets_rulerun_outcome_known": lambda w: run(w, outcome="lost", sentence="?"),
    "tickets_rulerun_refusal_says_why": lambda w: run(w, outcome="refused"),
    "tickets_macro_title_once_a_brand": lambda w: change(w.second_macro, title="SORRY"),
    "tickets_macro_shortcut_once_a_brand": lambda w: change(w.second_macro, shortcut="sorry"),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_macro_team_id_of_one_brand": lambda w: Macro.objects.create(
        brand=w.brand, title="x", team=w.their_team
    ),
    "tickets_occasion_ticket_id_of_one_brand": lambda w: Occasion.objects.create(
        brand=w.brand, ticket=w.their_ticket, event="late", at=clock.now()
    ),
    "tickets_rulerun_ticket_id_of_one_brand": lambda w: run(w, ticket=w.their_ticket),
    "tickets_rulerun_rule_id_of_one_brand": lambda w: run(
        w, rule=w.their_rule, version=w.their_rule.live, brand=w.brand
    ),
    "tickets_rulerun_version_id_of_one_rule": lambda w: run(w, version=w.second_rule.live),
    "tickets_rule_live_id_of_one_rule": lambda w: change(w.ticket_rule, live=w.second_rule.live),
}
