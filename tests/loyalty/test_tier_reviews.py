"""How long a tier is held, and what becomes of it when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Order
from customers.services import Refund, refund_order
from loyalty.models import Account, Criterion, Programme, TierChange, TierFloor, TierSet
from loyalty.services import floor_from_merge, follow_some, merge_accounts, publish, review_some, set_tier
from tests import make
from tests.loyalty.tiering import STEPS, causes, climber, day, guards_down, held, late, qualify, review, rule


@pytest.fixture
def account(brand: Brand) -> Account:
    return climber(brand)


def test_spend_500_in_2024_is_gold_to_the_end_of_2025_and_down_on_1_january_2026(account: Account) -> None:
    qualify(account, 500, "2024-06-01")
    assert held(account) == ("gold", "2026-01-01")
    review("2025-12-31T23:59+01:00")
    assert held(account) == ("gold", "2026-01-01")
    review("2026-01-01T00:00+01:00")
    assert held(account) == ("basic", "for ever")
    assert causes(account) == ["earned", "lapsed"]


def test_200_entered_on_1_january_2024_with_12_months_is_kept_to_1_january_2025(account: Account) -> None:
    rule(window="rolling")
    qualify(account, 200, "2024-01-01")
    assert held(account) == ("silver", "2025-01-02")
    review("2025-01-01T23:59+01:00")
    assert held(account) == ("silver", "2025-01-02")
    review("2025-01-02T00:00+01:00")
    assert held(account) == ("basic", "for ever")


def test_500_reached_before_then_upgrades_and_restarts_the_clock(account: Account) -> None:
    rule(window="rolling")
    qualify(account, 200, "2024-01-01")
    qualify(account, 300, "2024-09-10")
    assert held(account) == ("gold", "2025-09-11")
    review("2025-01-02")
    assert held(account) == ("gold", "2025-09-11")


def test_a_small_order_in_between_does_not_restart_the_clock_of_rolling_months(account: Account) -> None:
    rule(window="rolling")
    qualify(account, 200, "2024-01-01")
    qualify(account, 10, "2024-03-01")
    assert held(account) == ("silver", "2025-01-02")
    review("2025-01-02")
    assert held(account) == ("basic", "for ever")


def test_earned_again_it_is_kept_for_one_period_more(account: Account) -> None:
    qualify(account, 500, "2024-06-01")
    qualify(account, 500, "2025-03-01")
    assert held(account) == ("gold", "2026-01-01")
    review("2026-01-01")
    assert held(account) == ("gold", "2027-01-01")
    assert causes(account) == ["earned", "kept"]


def test_earned_in_part_it_falls_to_what_was_earned(account: Account) -> None:
    qualify(account, 2500, "2024-06-01")
    qualify(account, 300, "2025-03-01")
    review("2026-01-01")
    assert held(account) == ("silver", "2027-01-01")


def test_one_level_at_a_time_takes_years_to_reach_the_bottom(account: Account) -> None:
    rule(review="one_level")
    qualify(account, 2500, "2024-06-01")
    review("2026-01-01")
    assert held(account) == ("gold", "2027-01-01")
    review("2027-01-01")
    assert held(account) == ("silver", "2028-01-01")
    review("2030-06-01")
    assert held(account) == ("basic", "for ever")


def test_where_nobody_is_lowered_the_tier_goes_on(account: Account) -> None:
    rule(review="none")
    qualify(account, 500, "2024-06-01")
    review("2026-01-01")
    assert held(account) == ("gold", "2027-01-01")


def test_a_review_years_late_goes_through_every_year_as_of_then(account: Account) -> None:
    qualify(account, 500, "2024-06-01")
    qualify(account, 200, "2025-06-01")
    qualify(account, 500, "2027-01-05")  # after both ends that are reviewed now
    review("2027-02-01")
    assert held(account) == ("gold", "2029-01-01")
    assert causes(account) == ["earned", "lapsed", "earned"]


def test_in_a_grace_the_benefits_outlive_the_tier(account: Account) -> None:
    rule(grace_days=90)
    qualify(account, 500, "2024-06-01")
    review("2026-01-01")
    line = TierChange.objects.get(cause="lapsed")
    assert line.benefits_until == make.instant("2026-04-01T00:00+02:00")
    assert held(account) == ("basic", "for ever")


def test_a_late_order_runs_its_closed_year_again_and_may_only_raise(account: Account) -> None:
    qualify(account, 300, "2024-06-01")
    review("2026-01-01")
    assert held(account) == ("basic", "for ever")
    late(account, 500, "2025-11-01", recorded="2026-02-01")
    assert held(account) == ("gold", "2027-01-01")
    late(account, 200, "2025-11-01", recorded="2026-02-02")
    assert held(account) == ("gold", "2027-01-01")
    assert causes(account) == ["earned", "lapsed", "late_order"]


def test_a_late_order_runs_the_rolling_windows_it_lies_in_again(account: Account) -> None:
    rule(window="rolling")
    qualify(account, 400, "2025-10-10")
    late(account, 100, "2025-03-01", recorded="2025-12-01")
    assert held(account) == ("gold", "2026-10-11")


def test_a_tier_of_a_lifetime_never_ends(account: Account) -> None:
    rule(window="lifetime")
    qualify(account, 300, "2020-06-01")
    qualify(account, 300, "2026-06-01")
    assert held(account) == ("gold", "for ever")


def test_the_year_of_membership_begins_on_the_day_of_joining(account: Account) -> None:
    rule(window="anniversary")
    qualify(account, 300, "2025-05-04T23:30+02:00")
    qualify(account, 300, "2025-05-05T00:10+02:00")
    assert held(account) == ("silver", "2026-05-05")


def test_money_spent_and_orders_count_where_a_version_asks_for_them(account: Account) -> None:
    with guards_down():
        Criterion.objects.filter(tier__code="gold").update(
            qualifying_points=None, spend_minor=30_000, orders=2
        )
    with clock.standing_at(day("2026-06-01")):
        make.make_order(customer=account.customer, amount_minor=29_000, status="cancelled")
        make.make_order(customer=account.customer, amount_minor=31_000)
        assert held(account) == ("silver", "2028-01-01")  # by points
        make.make_order(customer=account.customer, amount_minor=90)  # gives no points, yet it is an order
        assert held(account) == ("gold", "2028-01-01")


def give_back(order: Order, amount_minor: int) -> None:
    refund_order(order, [Refund(order.lines.get(), amount_minor)], key=make.unique("refund"))


def expect_guarded(deed: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        deed()


class TestRefunds:
    def buy_and_give_back(
        self, account: Account, refunds: str, *, after_days: str = "2026-06-20"
    ) -> tuple[str, str]:
        rule(refunds=refunds, refund_days=14)
        with clock.standing_at(day("2026-06-01")):
            order = make.make_order(customer=account.customer, amount_minor=10_000)
        with clock.standing_at(day(after_days)):
            give_back(order, 10_000)
        return held(account)

    def test_by_default_the_tier_is_kept_until_it_ends(self, account: Account) -> None:
        assert self.buy_and_give_back(account, "keep_until_expiry") == ("gold", "2028-01-01")
        review("2028-01-01")
        assert held(account) == ("basic", "for ever")

    def test_or_it_is_lowered_at_once(self, account: Account) -> None:
        assert self.buy_and_give_back(account, "immediate") == ("basic", "for ever")
        assert causes(account) == ["earned", "refund"]

    def test_or_within_some_days_of_reaching_it(self, account: Account) -> None:
        assert self.buy_and_give_back(account, "within_days", after_days="2026-06-14") == (
            "basic",
            "for ever",
        )

    def test_and_after_these_days_no_more(self, account: Account) -> None:
        assert self.buy_and_give_back(account, "within_days") == ("gold", "2028-01-01")

    def test_a_refund_of_an_order_that_did_not_give_the_tier_costs_nothing(self, account: Account) -> None:
        rule(refunds="immediate")
        with clock.standing_at(day("2025-06-01")):
            old = make.make_order(customer=account.customer, amount_minor=2_000)
        qualify(account, 500, "2026-06-01")
        with clock.standing_at(day("2026-06-02")):
            give_back(old, 2_000)
        assert held(account) == ("gold", "2028-01-01")


class TestByHand:
    def test_a_tier_set_by_hand_holds_to_its_day_and_is_reviewed_then(
        self, account: Account, supervisor: Agent
    ) -> None:
        gold = account.programme.tiers.get(code="gold")
        at = day("2026-06-01")
        for _ in range(2):
            set_tier(account, gold, by=supervisor, until=date(2026, 8, 31), reason="partner", key="m", at=at)
        assert held(account) == ("gold", "2026-09-01")
        assert TierChange.objects.get().actor == supervisor
        qualify(account, 300, "2026-07-01")
        review("2026-09-01")
        assert held(account) == ("silver", "2028-01-01")

    def test_a_review_does_not_go_below_the_floor(self, account: Account, supervisor: Agent) -> None:
        qualify(account, 500, "2024-06-01")
        silver = account.programme.tiers.get(code="silver")
        at = day("2025-06-01")
        set_tier(account, silver, by=supervisor, until=date(2026, 3, 31), reason="partner", key="m", at=at)
        assert held(account) == ("gold", "2026-01-01")
        review("2026-01-01")
        assert held(account) == ("silver", "2026-04-01")
        review("2026-04-01")
        assert held(account) == ("basic", "for ever")

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"until": date(2026, 5, 31)}, "day_is_over"),
            ({"reason": " "}, "reason_missing"),
            ({"key": "taken"}, "key_conflict"),
        ],
    )
    def test_what_is_not_allowed_is_refused(
        self, account: Account, supervisor: Agent, changed: dict[str, Any], code: str
    ) -> None:
        gold, at = account.programme.tiers.get(code="gold"), day("2026-06-01")
        set_tier(account, gold, by=supervisor, until=date(2026, 7, 1), reason="vip", key="taken", at=at)
        asked: dict[str, Any] = {"until": date(2026, 7, 2), "reason": "partner", "key": "k"} | changed
        with pytest.raises(Refused) as refusal:
            set_tier(account, gold, by=supervisor, at=at, **asked)
        assert refusal.value.code == code

    def test_an_agent_may_not(self, account: Account, agent: Agent) -> None:
        gold = account.programme.tiers.get(code="gold")
        with pytest.raises(Refused) as refusal:
            set_tier(account, gold, by=agent, until=date(2099, 1, 1), reason="friend", key="k")
        assert refusal.value.code == "not_allowed"
        assert not TierFloor.objects.exists()


def test_of_two_accounts_that_become_one_the_higher_tier_is_kept_until_its_review(
    account: Account, brand: Brand
) -> None:
    loser: Account = make.make_member(brand=brand).account
    qualify(loser, 500, "2025-06-01")
    qualify(account, 200, "2026-02-01")
    account, loser = (Account.objects.get(pk=one.pk) for one in (account, loser))
    assert floor_from_merge(account, loser, day("2026-06-01"))
    assert held(account) == ("gold", "2027-01-01")
    review("2027-01-01")
    assert held(account) == ("silver", "2028-01-01")


def test_what_both_earned_in_a_year_counts_together_once_they_are_one(account: Account, brand: Brand) -> None:
    loser: Account = make.make_member(brand=brand).account
    qualify(loser, 300, "2026-02-01")
    merge_accounts(loser, account, by=None, key="merge", at=day("2026-06-01"))
    assert held(account) == ("silver", "2028-01-01")
    qualify(account, 200, "2026-07-01")
    assert held(account) == ("gold", "2028-01-01")
    review("2028-01-01")
    assert held(account) == ("basic", "for ever")
    assert Account.objects.get(pk=loser.pk).status == "merged"


def test_the_higher_tier_of_the_one_that_stays_is_not_touched_by_a_merge(
    account: Account, brand: Brand
) -> None:
    loser: Account = make.make_member(brand=brand).account
    qualify(account, 500, "2026-02-01")
    qualify(loser, 200, "2026-02-01")
    account, loser = (Account.objects.get(pk=one.pk) for one in (account, loser))
    assert floor_from_merge(account, loser, day("2026-06-01")) is None
    assert held(account) == ("gold", "2028-01-01")


class TestVersions:
    def draft(self, programme: Programme, **steps: int) -> TierSet:
        version = TierSet.objects.create(programme=programme, version=2, in_force_from=date(2026, 7, 1))
        for code, points in steps.items():
            tier = programme.tiers.get(code=code)
            Criterion.objects.create(
                programme=programme, tier_set=version, tier=tier, qualifying_points=points
            )
        return version

    @pytest.fixture
    def administrator(self, brand: Brand) -> Agent:
        return make.make_agent(brands=[brand], role="administrator")

    def test_a_new_version_raises_on_its_day_and_lowers_nobody_before_their_review(
        self, account: Account, brand: Brand, administrator: Agent
    ) -> None:
        other: Account = make.make_member(brand=brand).account
        qualify(account, 150, "2026-02-01")
        qualify(other, 500, "2026-02-01")
        publish(
            self.draft(account.programme, basic=0, silver=100, platinum=900),
            by=administrator,
            at=day("2026-06-01"),
        )
        review("2026-06-30")
        assert (held(account)[0], held(other)[0]) == ("basic", "gold")
        review("2026-07-01")
        assert held(account) == ("silver", "2028-01-01")
        assert held(other) == ("silver", "2028-01-01")  # gold is no longer there: the next lower one
        assert not follow_some(at=day("2026-07-02"))

    def test_what_is_published_stays_as_it_is(self, account: Account, administrator: Agent) -> None:
        version = publish(self.draft(account.programme, basic=0), by=administrator, at=day("2026-06-01"))
        for deed in (
            lambda: TierSet.objects.filter(pk=version.pk).update(review="none"),
            lambda: TierSet.objects.filter(pk=version.pk)._raw_delete("default"),
            lambda: version.criteria.update(qualifying_points=7),
            lambda: self.add(version),
        ):
            expect_guarded(deed)

    def add(self, version: TierSet) -> None:
        gold = version.programme.tiers.get(code="gold")
        Criterion.objects.create(
            programme=version.programme, tier_set=version, tier=gold, qualifying_points=1
        )

    @pytest.mark.parametrize(
        ("fields", "steps", "code"),
        [
            ({"in_force_from": None}, {"basic": 0}, "no_day"),
            ({"in_force_from": date(2026, 5, 31)}, {"basic": 0}, "day_is_over"),
            ({}, {}, "no_tiers"),
            ({}, {"silver": 300, "gold": 200}, "not_ascending"),
            ({}, {"silver": 300, "gold": 300}, "not_ascending"),
        ],
    )
    def test_a_draft_that_makes_no_sense_is_not_published(
        self, account: Account, administrator: Agent, fields: dict[str, Any], steps: dict[str, int], code: str
    ) -> None:
        version = self.draft(account.programme, **steps)
        TierSet.objects.filter(pk=version.pk).update(**fields)
        with pytest.raises(Refused) as refusal:
            publish(version, by=administrator, at=day("2026-06-01"))
        assert refusal.value.code == code

    def test_a_supervisor_does_not_publish(self, account: Account, supervisor: Agent) -> None:
        with pytest.raises(Refused) as refusal:
            publish(self.draft(account.programme, basic=0), by=supervisor, at=day("2026-06-01"))
        assert refusal.value.code == "not_allowed"


def test_the_sweep_finds_what_is_due_by_its_index_and_reviews_many_with_few_queries(brand: Brand) -> None:
    make.make_programme(brand=brand, tiers=STEPS)
    for _ in range(12):
        qualify(make.make_member(brand=brand).account, 500, "2024-06-01")
    with CaptureQueriesContext(connection) as queries:
        assert review_some(at=day("2026-01-02")) == 12
    assert len(queries) <= 9
    due = Account.objects.filter(tier_valid_until__lte=day("2026-01-02")).order_by("tier_valid_until", "id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "loyalty_account_tier_to_review" in due.explain()
