"""Who would move if a version were in force: the database counts what the reviews would find."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Brand
from contactcenter import clock
from loyalty.models import Account, Criterion, Programme, TierSet
from loyalty.services.standing import ladder_of_version, standings_at
from loyalty.services.tier_preview import preview
from tests import make

NOW = make.instant("2026-06-15T12:00+02:00")
STEPS = {"basic": 0, "silver": 200, "gold": 500}


def draft(programme: Programme, *steps: tuple[str, dict[str, int]], **fields: Any) -> TierSet:
    version = TierSet.objects.create(programme=programme, version=2, in_force_from=date(2026, 7, 1), **fields)
    for code, asks in steps:
        tier = programme.tiers.get(code=code)
        Criterion.objects.create(programme=programme, tier_set=version, tier=tier, **asks)
    return version


@pytest.fixture
def members(brand: Brand) -> list[Account]:
    """A dozen members who bought this and that within three years; some joined on 29 February."""
    make.make_programme(brand=brand, tiers=STEPS, time_zone="Europe/Berlin")
    chance, found = random.Random(7), []
    for number in range(12):
        joined = make.instant("2024-02-29T12:00+01:00") if number % 3 else NOW - timedelta(days=number * 70)
        account: Account = make.make_member(brand=brand).account
        Account.objects.filter(pk=account.pk).update(joined_at=joined)
        for _ in range(chance.randrange(4)):
            at = NOW - timedelta(days=chance.randrange(1000))
            with clock.standing_at(at):
                make.make_order(
                    customer=account.customer, amount_minor=chance.randrange(1, 90) * 100, placed_at=at
                )
        found.append(account)
    return list(Account.objects.filter(pk__in=[one.pk for one in found]).select_related("programme", "tier"))


@pytest.mark.parametrize("window", TierSet.Window.values)
@pytest.mark.parametrize(
    ("needs", "asks"),
    [
        ("all", {"silver": {"qualifying_points": 100}, "gold": {"spend_minor": 12_000, "orders": 2}}),
        ("any", {"silver": {"spend_minor": 4000}, "gold": {"orders": 2, "qualifying_points": 400}}),
    ],
)
def test_the_counts_are_those_of_the_members_one_by_one(
    members: list[Account], window: str, asks: dict[str, dict[str, int]], needs: str
) -> None:
    steps = [("basic", {"qualifying_points": 0}), *asks.items()]
    version = draft(members[0].programme, *steps, window=window, needs=needs, year_month=4)
    ladder = ladder_of_version(version)
    assert ladder
    expected: dict[tuple[int, int], int] = {}
    for account, standing in zip(members, standings_at(ladder, members, NOW), strict=True):
        move = (account.tier.rank if account.tier else 0, standing.rank)
        expected[move] = expected.get(move, 0) + 1
    seen = preview(version, at=NOW)
    assert seen
    counts = {
        (flow.held.rank if flow.held else 0, flow.would.rank if flow.would else 0): flow.count
        for flow in seen.flows
    }
    assert counts == expected
    assert len(expected) > 1
    assert seen.up + seen.down == len(seen.named) == sum(n for (a, b), n in expected.items() if a != b)


def test_it_takes_as_many_queries_for_many_as_for_few(members: list[Account]) -> None:
    version = draft(members[0].programme, ("gold", {"qualifying_points": 10}))
    with CaptureQueriesContext(connection) as queries:
        assert preview(version, at=NOW)
    assert len(queries) <= 6


def test_a_draft_without_tiers_moves_nobody(members: list[Account]) -> None:
    assert preview(draft(members[0].programme), at=NOW) is None
