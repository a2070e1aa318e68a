"""Whoever is dishonest is found among 40 people and 5,000 tickets, and hardly anybody else: over many seeds.

Thresholds follow from reasons (goodwill/radar) and were set before these seeds were looked at one by one; what is
asked here is a rate over seeds, not a lucky one. No database: `test_radar_nights.py` shows the same end to end.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from goodwill.radar.facts import LATELY, Sign
from goodwill.radar.whole import stand_out
from tests import make
from tests.goodwill.simulated import PLANTS, Centre, honest

NOW = make.instant("2026-03-18T02:30:00+00:00")
SEEDS = range(20)


def signs_of(centre: Centre) -> list[Sign]:
    served = centre.served()
    return stand_out(centre.gifts(), centre.worked(NOW - LATELY), lambda pairs: served, {}, at=NOW)


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


def test_control_without_the_spread_of_peers_and_with_plain_thresholds_honest_people_are_accused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("goodwill.radar.peers.SURE", 0.0)
    monkeypatch.setattr("goodwill.radar.shares.SELDOM", 1.0)
    monkeypatch.setattr("goodwill.radar.shares.is_far_above", lambda value, others: True)
    alarms = [len(signs_of(honest(seed, NOW))) for seed in range(100, 105)]
    assert sum(alarms) > 2 * len(alarms)


def test_what_was_decided_about_is_not_asked_again() -> None:
    centre = honest(3, NOW)
    (agent,) = PLANTS["split"](centre)
    served = centre.served()
    judged = {("split", agent, None, None): NOW - timedelta(hours=1)}
    again = stand_out(centre.gifts(), centre.worked(NOW - LATELY), lambda pairs: served, judged, at=NOW)
    assert ("split", agent) in {(sign.kind, sign.agent) for sign in signs_of(centre)}
    assert ("split", agent) not in {(sign.kind, sign.agent) for sign in again}
