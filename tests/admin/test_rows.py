"""What the rows of rules and macros offer: facts and actions with the choices of the brand, and of no other."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import Agent, Brand
from tests import make
from tickets.actions import ACTIONS
from tickets.conditions import FACTS
from tickets.models import Macro, Queue, Rule, Tag
from tickets.rows_admin import MOST_BRANDS


def offers(client: Client, name: str, model: Any, *args: Any) -> dict[str, dict[str, Any]]:
    """What each field of a page offers, by brand and code."""
    page = client.get(reverse(f"admin:tickets_{model._meta.model_name}_{name}", args=args)).text
    told = re.findall(r'data-rows="(\w+)"\s+data-offers="([^"]+)"', page)
    found = {rows: json.loads(unescape(offer))["brands"] for rows, offer in told}
    return {
        rows: {brand: {one["code"]: one for one in listed} for brand, listed in by_brand.items()}
        for rows, by_brand in found.items()
    }


@pytest.fixture
def both(brand: Brand, other_brand: Brand) -> Agent:
    return make.make_agent(brands=[brand, other_brand], role=roles.SUPERVISOR)


def test_a_rule_offers_every_fact_and_action_with_the_rows_of_its_brand(
    client: Client, brand: Brand, other_brand: Brand, queue: Queue, both: Agent
) -> None:
    client.force_login(both)
    strange = make.make_queue(brand=other_brand)
    tag = Tag.objects.create(brand=brand, name="refund")
    rule = Rule.objects.create(brand=brand, name="Late", event="opened")
    found = offers(client, "change", Rule, rule.pk)
    assert {rows: list(by_brand) for rows, by_brand in found.items()} == {
        "conditions": [str(brand.pk)],
        "actions": [str(brand.pk)],
    }
    facts, actions = found["conditions"][str(brand.pk)], found["actions"][str(brand.pk)]
    assert (set(facts), set(actions)) == (set(FACTS), set(ACTIONS))
    assert facts["tags"]["choices"] == [[tag.pk, "refund"]]
    assert facts["priority"]["operators"][3] == ["at_least", "is at least"]
    queues = actions["move"]["fields"][0]["choices"]
    assert [str(queue.pk), str(queue)] in queues
    assert str(strange.pk) not in {key for key, _label in queues}
    assert actions["reply"]["fields"][0]["kind"] == "long"
    assert actions["snooze"]["fields"][0]["kind"] == "number"


def test_a_new_one_offers_what_each_brand_has_that_its_writer_serves(
    client: Client, brand: Brand, other_brand: Brand, both: Agent
) -> None:
    make.make_brand()
    client.force_login(both)
    found = offers(client, "add", Rule)
    assert set(found["conditions"]) == set(found["actions"]) == {str(brand.pk), str(other_brand.pk)}
    (macro,) = offers(client, "add", Macro).values()
    assert "tag" in macro[str(brand.pk)]
    assert not {code for code, one in ACTIONS.items() if one.only_rules} & set(macro[str(brand.pk)])


def test_of_very_many_brands_nothing_goes_along(client: Client, db: None) -> None:
    brands = [make.make_brand() for _number in range(MOST_BRANDS + 1)]
    client.force_login(make.make_agent(brands=brands, role=roles.SUPERVISOR))
    assert offers(client, "add", Rule) == {"conditions": {}, "actions": {}}
