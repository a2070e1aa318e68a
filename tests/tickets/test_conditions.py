"""The language of conditions, by tables: what is checked, what holds, how it reads. No database."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tickets.conditions import FACTS, OPERATORS, Words, Wrong, checked, explained, holds, used

WORDS = Words(
    queues={3: "Care", 4: "Shipping"},
    tags={7: "refund"},
    tiers={"silver": "Silver", "gold": "Gold"},
    ranks={"silver": 1, "gold": 2},
)


def one(fact: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value, **more}


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        ({}, {}, True),
        (one("status", "is", "open"), {"status": "open"}, True),
        (one("status", "one_of", ["new", "open"]), {"status": "pending"}, False),
        (one("priority", "at_least", 3), {"priority": 4}, True),
        (one("priority", "at_most", 3), {"priority": 4}, False),
        (one("tags", "has", 7), {"tags": {7, 9}}, True),
        (one("tags", "lacks", 7), {"tags": {7, 9}}, False),
        (one("tier", "at_least", "silver"), {"tier": "gold"}, True),
        (one("tier", "at_most", "silver"), {"tier": "gold"}, False),
        (one("tier", "at_least", "silver"), {"tier": None}, False),
        (one("tier", "is_not", "silver"), {"tier": None}, True),
        (one("subject", "contains", "PARCEL"), {"subject": "my parcel"}, True),
        (one("subject", "lacks", "parcel"), {"subject": "my parcel"}, False),
        (one("sender_domain", "is", "Shop.example"), {"sender_domain": "shop.example"}, True),
        (one("hours_since_opened", "at_least", 48), {"hours_since_opened": 47.9}, False),
        (one("due_in_minutes", "at_most", 30), {}, False),  # nothing is due: no clock runs
        (one("balance", "at_most", 100), {"balance": -20}, True),
        (one("balance", "at_most", 100), {}, False),  # no member
        (one("points_expiring", "at_least", 100, days=30), {"points_expiring": [(10, 60), (29, 40)]}, True),
        (one("points_expiring", "at_least", 100, days=14), {"points_expiring": [(10, 60), (29, 40)]}, False),
        (one("late", "is", False), {"late": False}, True),
        ({"not": one("late", "is", True)}, {"late": True}, False),
        ({"any": [one("late", "is", True), one("vip", "is", True)]}, {"late": False, "vip": True}, True),
        ({"all": [one("late", "is", True), {"not": one("vip", "is", True)}]}, {"late": True, "vip": True}, False),
    ],
)  # fmt: skip
def test_what_holds(condition: Any, facts: dict[str, Any], expected: bool) -> None:
    assert holds(checked(condition, WORDS), facts, WORDS) is expected


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (one("mood", "is", "bad"), "There is no fact “mood”."),
        (one("priority", "contains", 3), "“priority” cannot be compared by “contains”"),
        (one("priority", "is", 9), "“9” is no value of “priority”. There are: low, normal, high, urgent."),
        (one("queue", "is", "Nowhere"), "There are: Care, Shipping."),
        (one("balance", "at_least", "much"), "“balance” is compared with a number."),
        (one("balance", "at_least", True), "“balance” is compared with a number."),
        (one("late", "is", "yes"), "compared with true or false"),
        (one("subject", "contains", "  "), "compared with words"),
        (one("status", "one_of", []), "“status” is compared with a list."),
        (one("points_expiring", "at_least", 5, days=0), "from 1 to 365"),
        (one("balance", "at_least", 5, days=3), "“days” means nothing for “balance”."),
        ({"some": []}, "Use one of: fact, all, any, not."),
        ({"all": []}, "There is nothing in the group “all”."),
        (["status"], "A condition stands in braces"),
        ({"fact": {}, "op": "is"}, "There is no fact"),
        ({"not": {"not": {"not": {"not": {"not": one("late", "is", True)}}}}}, "Groups stand within groups"),
        ({"any": [one("late", "is", True)] * 41}, "40 comparisons at most"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_in_a_sentence(condition: Any, sentence: str) -> None:
    with pytest.raises(Wrong, match=re.escape(sentence)):
        checked(condition, WORDS)


def test_names_become_the_ids_they_stand_for() -> None:
    given = {
        "all": [
            one("queue", "is", "care"),
            one("tags", "has", "Refund"),
            one("priority", "one_of", ["High", 4]),
        ]
    }
    assert checked(given, WORDS)["all"] == [
        one("queue", "is", 3), one("tags", "has", 7), one("priority", "one_of", [3, 4])
    ]  # fmt: skip


def test_a_condition_reads_as_an_english_sentence() -> None:
    said = {
        "all": [
            one("priority", "at_least", 3),
            {"any": [one("tags", "has", 7), {"not": one("vip", "is", True)}]},
            one("points_expiring", "at_least", 200, days=14),
        ]
    }
    assert explained(checked(said, WORDS), WORDS) == (
        "the priority is at least high and (the ticket bears the tag refund or it is not so that the customer has the"
        " best tier) and the number of points that expire within 14 days is at least 200 points"
    )
    assert explained({}, WORDS) == "always"
    assert explained(one("queue", "is", 99), WORDS) == "the queue is something that is gone"


def test_every_fact_can_be_compared_and_is_said() -> None:
    for name, fact in FACTS.items():
        values = list(fact.values(WORDS)) or {"number": [1], "flag": [True], "text": ["x"]}[fact.kind]
        for op in OPERATORS[fact.kind]:
            condition = checked(one(name, op, values if op == "one_of" else values[0]), WORDS)
            assert explained(condition, WORDS)
            assert used(condition) == {name}
            assert holds(condition, {}, WORDS) is (op in ("is_not", "lacks"))  # nothing is known
