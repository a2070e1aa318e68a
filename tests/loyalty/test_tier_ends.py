"""What costs a tier besides its end: an order cancelled, points taken back, a tier set by hand that is ended early."""

from __future__ import annotations

from datetime import date

import pytest

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.services import cancel_order
from loyalty.models import Account, TierFloor
from loyalty.services import end_floor, merge_accounts, reverse, set_tier
from tests import make
from tests.loyalty.tiering import causes, climber, day, held, qualify, review, rule


@pytest.fixture
def account(brand: Brand) -> Account:
    return climber(brand)


def test_a_cancelled_order_costs_the_tier_as_one_that_is_given_back(account: Account) -> None:
    rule(refunds="immediate")
    with clock.standing_at(day("2026-06-01")):
        order = make.make_order(customer=account.customer, amount_minor=10_000)
        assert held(account) == ("gold", "2028-01-01")
        cancel_order(order)
    assert held(account) == ("basic", "for ever")


class TestReversals:
    """Points of an order taken back outside of a refund cost a tier by the same rule."""

    def earn_and_take_back(
        self, account: Account, refunds: str, *, points: int = 500, on: str = "2026-06-20"
    ) -> tuple[str, str]:
        rule(refunds=refunds, refund_days=14)
        qualify(account, 500, "2026-06-01")
        entry = account.entries.get()
        with clock.standing_at(day(on)):
            for _ in range(2):
                reverse(account, entry, points, by=None, key="back", qualifying=points, at=day(on))
        assert entry.reversals.get().counts_at == entry.counts_at
        return held(account)

    def test_by_default_the_tier_is_kept_until_it_ends(self, account: Account) -> None:
        assert self.earn_and_take_back(account, "keep_until_expiry") == ("gold", "2028-01-01")
        review("2028-01-01")
        assert held(account) == ("basic", "for ever")

    def test_or_it_is_lowered_at_once_to_what_is_left(self, account: Account) -> None:
        assert self.earn_and_take_back(account, "immediate", points=250) == ("silver", "2028-01-01")
        assert causes(account) == ["earned", "reversal"]

    def test_or_within_some_days_of_reaching_it(self, account: Account) -> None:
        assert self.earn_and_take_back(account, "within_days", on="2026-06-14") == ("basic", "for ever")

    def test_and_after_these_days_no_more(self, account: Account) -> None:
        assert self.earn_and_take_back(account, "within_days") == ("gold", "2028-01-01")

    def test_points_that_counted_for_no_tier_cost_none(self, account: Account) -> None:
        rule(refunds="immediate")
        qualify(account, 500, "2026-06-01")
        with clock.standing_at(day("2026-06-20")):
            make.give(account, 700, contra="issue.event")
            gift = account.entries.get(contra="issue.event")
            reverse(account, gift, 700, by=None, key="back")
        assert held(account) == ("gold", "2028-01-01")

    def test_of_a_merged_account_the_heir_pays_with_the_tier(self, account: Account, brand: Brand) -> None:
        rule(refunds="immediate")
        heir: Account = make.make_member(brand=brand).account
        qualify(account, 300, "2026-02-01")
        merge_accounts(account, heir, by=None, key="merge", at=day("2026-03-01"))
        qualify(heir, 200, "2026-04-01")
        assert held(heir) == ("gold", "2028-01-01")
        entry = account.entries.get(kind="earn")
        with clock.standing_at(day("2026-06-20")):
            reverse(account, entry, 300, by=None, key="back", qualifying=300)
        assert held(heir) == ("silver", "2028-01-01")


class TestEndedEarly:
    def test_a_tier_set_by_hand_is_ended_early_and_reviewed_then(
        self, account: Account, supervisor: Agent
    ) -> None:
        gold = account.programme.tiers.get(code="gold")
        floor = set_tier(
            account,
            gold,
            by=supervisor,
            until=date(2026, 8, 31),
            reason="partner",
            key="m",
            at=day("2026-06-01"),
        )
        qualify(account, 300, "2026-06-10")
        for _ in range(2):
            with clock.standing_at(day("2026-06-20")):
                end_floor(floor, by=supervisor)
        assert held(account) == ("silver", "2028-01-01")
        assert causes(account) == ["manual", "lapsed"]
        floor.refresh_from_db()
        assert (floor.ends_at, floor.ended_by) == (day("2026-06-20"), supervisor)
        assert account.tier_changes.get(cause="lapsed").actor == supervisor
        review("2026-09-01")
        assert held(account) == ("silver", "2028-01-01")

    def test_what_was_earned_beyond_it_is_not_touched_by_its_end(
        self, account: Account, supervisor: Agent
    ) -> None:
        silver = account.programme.tiers.get(code="silver")
        floor = set_tier(
            account,
            silver,
            by=supervisor,
            until=date(2026, 8, 31),
            reason="partner",
            key="m",
            at=day("2026-06-01"),
        )
        qualify(account, 500, "2026-06-10")
        end_floor(floor, by=supervisor, at=day("2026-06-20"))
        assert held(account) == ("gold", "2028-01-01")
        assert causes(account) == ["manual", "earned"]

    def test_a_second_floor_goes_on_holding(self, account: Account, supervisor: Agent) -> None:
        silver, gold = (account.programme.tiers.get(code=code) for code in ("silver", "gold"))
        until, at = date(2026, 8, 31), day("2026-06-01")
        set_tier(account, silver, by=supervisor, until=until, reason="partner", key="s", at=at)
        floor = set_tier(account, gold, by=supervisor, until=until, reason="partner", key="g", at=at)
        end_floor(floor, by=supervisor, at=day("2026-06-20"))
        assert held(account) == ("silver", "2026-09-01")

    def test_what_a_refund_left_by_it_alone_ends_with_it(self, account: Account, supervisor: Agent) -> None:
        rule(refunds="immediate")
        with clock.standing_at(day("2026-06-01")):
            order = make.make_order(customer=account.customer, amount_minor=10_000)
        silver, until = account.programme.tiers.get(code="silver"), date(2027, 5, 31)
        at = day("2026-06-02")
        floor = set_tier(account, silver, by=supervisor, until=until, reason="partner", key="m", at=at)
        with clock.standing_at(day("2026-06-10")):
            cancel_order(order)
        assert held(account) == ("silver", "2027-06-01")
        end_floor(floor, by=supervisor, at=day("2026-06-20"))
        assert held(account) == ("basic", "for ever")

    def test_what_a_review_left_without_it_is_not_reviewed_by_its_end(
        self, account: Account, supervisor: Agent
    ) -> None:
        rule(review="one_level")
        qualify(account, 2500, "2024-06-01")
        silver, until = account.programme.tiers.get(code="silver"), date(2026, 12, 31)
        at = day("2025-06-01")
        floor = set_tier(account, silver, by=supervisor, until=until, reason="partner", key="m", at=at)
        review("2026-01-01")
        assert held(account) == ("gold", "2027-01-01")
        end_floor(floor, by=supervisor, at=day("2026-02-01"))
        assert held(account) == ("gold", "2027-01-01")
        assert causes(account) == ["earned", "lapsed"]

    def test_an_agent_ends_none_and_nobody_one_that_a_merge_brought(
        self, account: Account, brand: Brand, agent: Agent, supervisor: Agent
    ) -> None:
        gold = account.programme.tiers.get(code="gold")
        floor = set_tier(account, gold, by=supervisor, until=date(2099, 1, 1), reason="partner", key="m")
        with pytest.raises(Refused) as refusal:
            end_floor(floor, by=agent)
        assert refusal.value.code == "not_allowed"
        TierFloor.objects.update(cause="merge")
        with pytest.raises(Refused) as refusal:
            end_floor(floor, by=supervisor)
        assert refusal.value.code == "not_by_hand"
