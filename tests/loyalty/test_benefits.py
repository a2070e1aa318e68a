"""What a tier entitles to, and that it is used as often as it may be and no more."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from loyalty.models import Account, BenefitUse
from loyalty.services import benefits_of, use_benefit
from tests import make
from tests.loyalty.tiering import climber, day, held, qualify, review, rule
from tests.together import at_once

NOON = "2026-06-15"
COUNTED = 'FROM "loyalty_benefituse"'


@pytest.fixture
def gold(brand: Brand) -> Account:
    return gold_member(brand)


def gold_member(brand: Brand) -> Account:
    """A gold member: first in the queue, answered twice as soon, two lounge visits a year, silver has one."""
    account = climber(brand)
    tiers = {tier.code: tier for tier in account.programme.tiers.all()}
    benefits: list[tuple[str, str, dict[str, Any]]] = [
        ("silver", "lounge", {"kind": "counted", "per_year": 1}),
        ("silver", "first", {"kind": "priority"}),
        ("gold", "lounge", {"kind": "counted", "per_year": 2}),
        ("gold", "sooner", {"kind": "reply_time", "value": 50}),
        ("platinum", "butler", {"kind": "priority"}),
    ]
    for tier, code, figures in benefits:
        tiers[tier].benefits.create(programme=account.programme, code=code, name=code.title(), **figures)
    qualify(account, 500, "2025-06-01")
    return Account.objects.select_related("programme", "tier").get(pk=account.pk)


def of(account: Account, at: str) -> dict[str, int | None]:
    account = Account.objects.select_related("programme", "tier").get(pk=account.pk)
    return {one.benefit.code: one.left for one in benefits_of(account, day(at))}


def use(account: Account, key: str, at: str = NOON, **fields: Any) -> BenefitUse:
    return use_benefit(account, "lounge", **({"by": None, "key": key, "at": day(at)} | fields))


def test_a_member_has_the_benefits_of_the_tier_and_of_those_below_the_best_of_each(gold: Account) -> None:
    assert of(gold, NOON) == {"lounge": 2, "first": None, "sooner": None}


def test_a_counted_benefit_is_used_so_often_a_year_and_then_refused(gold: Account, agent: Agent) -> None:
    for key in ("a", "a", "b"):  # the second is a repeat
        use(gold, key, by=agent, source="ticket:FF-1")
    with pytest.raises(Refused) as refusal:
        use(gold, "c")
    assert refusal.value.code == "used_up"
    assert of(gold, NOON)["lounge"] == 0
    assert of(gold, "2027-01-01T00:00+01:00").get("lounge") == 2  # a new year, in the programme's zone
    assert of(gold, "2026-12-31T23:59+01:00")["lounge"] == 0


@pytest.mark.parametrize(
    ("code", "key", "refused"),
    [("butler", "x", "not_entitled"), ("first", "x", "not_entitled"), ("lounge", "taken", "key_conflict")],
)
def test_what_is_not_theirs_is_refused(gold: Account, code: str, key: str, refused: str) -> None:
    use(gold, "taken", source="ticket:FF-1")
    with pytest.raises(Refused) as refusal:
        use_benefit(gold, code, by=None, key=key, at=day(NOON))
    assert refusal.value.code == refused


def test_a_frozen_account_uses_nothing(gold: Account) -> None:
    Account.objects.update(status="frozen")
    with pytest.raises(Refused) as refusal:
        use(gold, "a")
    assert refusal.value.code == "account_not_active"


def test_an_agent_of_another_brand_uses_nothing(gold: Account, other_brand: Brand) -> None:
    with pytest.raises(Refused) as refusal:
        use(gold, "a", by=make.make_agent(brands=[other_brand]))
    assert refusal.value.code == "not_allowed"


def test_in_a_grace_the_benefits_of_the_lost_tier_are_kept(gold: Account) -> None:
    rule(grace_days=31)
    review("2027-01-01")
    assert held(gold)[0] == "basic"
    assert of(gold, "2027-01-31T23:59+01:00") == {"lounge": 2, "first": None, "sooner": None}
    assert of(gold, "2027-02-01T00:00+01:00") == {}


def test_a_use_is_written_once_and_never_changed(gold: Account) -> None:
    use(gold, "a")
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        BenefitUse.objects.update(source="another")


def race(*, unlocked: bool = False) -> int:
    """How many of four use the last visit of the year at the same moment."""
    member = gold_member(make.make_brand())
    use(member, make.unique())
    deeds = [partial(use, member, make.unique()) for _ in range(4)]
    answers = at_once(*deeds, unlocked=unlocked, meet_after=COUNTED if unlocked else "")
    refused = [answer for answer in answers if isinstance(answer, Refused) and answer.code == "used_up"]
    used = [answer for answer in answers if isinstance(answer, BenefitUse)]
    assert len(used) + len(refused) == 4
    return len(used)


@pytest.mark.race
def test_of_many_who_use_the_last_one_at_the_same_moment_one_does(own_db: str) -> None:
    assert race() == 1


@pytest.mark.race
def test_control_without_the_lock_more_than_one_does(own_db: str) -> None:
    assert race(unlocked=True) > 1


def test_the_instant_of_a_use_is_kept_beside_when_it_was_written(gold: Account) -> None:
    line = use(gold, "a", "2026-05-01")
    assert line.used_at == day("2026-05-01") < line.recorded_at
    assert isinstance(line.recorded_at, datetime)
