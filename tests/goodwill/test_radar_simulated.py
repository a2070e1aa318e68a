"""Whoever is dishonest is found among 40 people and 5,000 tickets, and hardly anybody else: over many seeds.

Thresholds follow from reasons (goodwill/radar) and were set before these seeds were looked at one by one; what is
asked here is a rate over seeds, not a lucky one. No database: `test_radar_nights.py` shows the same end to end.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from goodwill.radar.facts import LATELY, Gift, Sign
from goodwill.radar.whole import stand_out
from tests import make
from tests.goodwill.simulated import AGENTS, CUSTOMERS, PLANTS, TICKETS, Centre, honest, more

NOW = make.instant("2026-03-18T02:30:00+00:00")
SEEDS = range(20)


def signs_of(centre: Centre, gifts: list[Gift] | None = None) -> list[Sign]:
    served = centre.served()
    return stand_out(gifts or centre.gifts(), centre.worked(NOW - LATELY), lambda pairs: served, {}, at=NOW)


def whom(sign: Sign) -> set[int | None]:
    return {sign.agent, sign.approver}


@pytest.mark.parametrize("kind", PLANTS)
def test_who_was_planted_is_found_by_the_sign_of_what_they_did(kind: str) -> None:
    found, alarms = 0, []
    for seed in SEEDS:
        centre = honest(seed, NOW)
        abusers = PLANTS[kind](centre)
        signs = signs_of(centre)
        found += any(sign.kind == kind and abusers <= whom(sign) for sign in signs)
        alarms.append(sum(not whom(sign) & abusers for sign in signs))
    assert found >= 0.85 * len(SEEDS)
    assert sum(count <= 1 for count in alarms) >= 0.95 * len(SEEDS), alarms


def test_where_nothing_was_planted_there_is_hardly_an_alarm() -> None:
    alarms = Counter(len(signs_of(honest(seed, NOW))) for seed in range(100, 160))
    at_most_one = alarms[0] + alarms[1]
    assert at_most_one >= 0.95 * alarms.total(), alarms
    assert sum(count * times for count, times in alarms.items()) <= 0.2 * alarms.total(), alarms


# What keeps honest people from being accused, and the plain rule that is left without it.
WITHOUT: dict[str, dict[str, float]] = {
    "the own error beside the spread of peers": {"peers.SURE": 0.0},
    "five gifts, and what chance reaches": {"shares.FEWEST": 2, "shares.SELDOM": math.inf},
    "what chance reaches, and how often tickets end with a gift": {
        "pairs.SELDOM": math.inf,
        "pairs.UNUSUAL": 1.0,
    },
}


@pytest.mark.parametrize("guard", WITHOUT)
def test_control_by_a_plain_rule_honest_people_are_accused(
    guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In at least a quarter of the same centres more than one, where with the guard it is one in twenty at most."""
    for name, value in WITHOUT[guard].items():
        monkeypatch.setattr(f"goodwill.radar.{name}", value)
    alarms = [len(signs_of(honest(seed, NOW))) for seed in range(100, 130)]
    assert sum(count > 1 for count in alarms) >= 0.25 * len(alarms), alarms


def hit_by_an_incident(centre: Centre, approver: int) -> list[Gift]:
    """What happened in a centre, and 300 points for each of 200 customers by one deed of one agent."""
    whose = centre.chance.sample(range(CUSTOMERS), 200)
    agent = centre.chance.randrange(AGENTS)
    for customer in whose:
        more(centre, agent, customer, 2, 300, said=False, opened=True, approver=approver)
    return [replace(one, deed=1) if one.ticket >= TICKETS else one for one in centre.gifts()]


def test_an_incident_makes_nobody_stand_out() -> None:
    """The control: as 200 grants that an agent thought of one by one the same is found every time."""
    alarms, without = [], []
    for seed in SEEDS[:5]:
        centre = honest(seed, NOW)
        gifts = hit_by_an_incident(centre, centre.supervisors[0])
        alarms.append(len(signs_of(centre, gifts)))
        without.append(len(signs_of(centre)))
    assert sum(alarms) <= 1, alarms
    assert all(without), without


def test_what_was_decided_about_is_not_asked_again() -> None:
    centre = honest(3, NOW)
    (agent,) = PLANTS["split"](centre)
    served = centre.served()
    judged = {("split", agent, None, None): NOW - timedelta(hours=1)}
    again = stand_out(centre.gifts(), centre.worked(NOW - LATELY), lambda pairs: served, judged, at=NOW)
    assert ("split", agent) in {(sign.kind, sign.agent) for sign in signs_of(centre)}
    assert ("split", agent) not in {(sign.kind, sign.agent) for sign in again}
