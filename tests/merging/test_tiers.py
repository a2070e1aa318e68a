"""The tier after a merge is undone: what the merge gave goes, what was held or lost by oneself stays so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer, Merge
from customers.services import merge, since, unmerge
from loyalty.models import Account, Tier, TierChange, TierFloor
from loyalty.services import end_floor, merge_accounts, reverse, review_some, set_tier
from tests import make
from tests.loyalty.tiering import rule
from tests.merging.sound import expect_sound


@pytest.fixture
def one(kept: Customer, twin: Customer, supervisor: Agent) -> Merge:
    return merge(kept, twin, by=supervisor, reason="twice", key="m1")


def undo(one: Merge, by: Agent, choice: str = "kept") -> str:
    """Undo with one choice for all; the tier of who stays."""
    unmerge(one, by=by, key="u1", choices={item.key: choice for item in since(one)})
    expect_sound()
    return make.now_of(one.kept).tier.code


def set_gold(account: Account, by: Agent) -> TierFloor:
    gold = Tier.objects.get(programme=account.programme, code="gold")
    until = (clock.now() + timedelta(days=90)).date()
    return set_tier(account, gold, by=by, until=until, reason="vip", key="f1")


def take_back(account: Account, qualifying: int) -> None:
    """All of what was given last goes back, and counts no more."""
    given = account.entries.filter(kind="earn").latest("seq")
    assert given.qualifying == qualifying
    reverse(account, given, given.points, by=None, key="b1", qualifying=qualifying)


def test_the_tier_that_came_by_the_merge_goes_with_it(
    one: Merge, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    assert make.now_of(kept).tier.code == "silver"
    assert undo(one, supervisor) == "bronze"
    assert make.now_of(twin).tier.code == "silver"
    last = TierChange.objects.filter(account=make.now_of(kept)).latest("id")
    assert (last.cause, last.actor) == ("unmerge", supervisor)
    assert not TierFloor.objects.holding(clock.now()).exists()
    review_some(at=clock.now())
    assert make.now_of(kept).tier.code == "bronze"


def test_a_tier_set_by_hand_since_stays(one: Merge, kept: Customer, supervisor: Agent) -> None:
    set_gold(make.now_of(kept), supervisor)
    assert undo(one, supervisor) == "gold"


@pytest.mark.parametrize("when", ["before", "since"])
def test_a_tier_held_by_hand_alone_once_a_merge_is_undone_ends_with_its_floor(
    kept: Customer, twin: Customer, supervisor: Agent, when: str
) -> None:
    def by_hand() -> TierFloor:
        account, until = make.now_of(kept), (clock.now() + timedelta(days=90)).date()
        silver = Tier.objects.get(programme=account.programme, code="silver")
        return set_tier(account, silver, by=supervisor, until=until, reason="vip", key="f1")

    floor = by_hand() if when == "before" else None
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    floor = floor or by_hand()
    undo(one, supervisor)
    assert make.now_of(kept).tier.code == "silver"
    end_floor(floor, by=supervisor)
    assert make.now_of(kept).tier.code == "bronze"


def test_a_tier_earned_alone_stays_when_the_merge_is_undone(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    make.give(make.now_of(kept), 2500, qualifying=2500)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert undo(one, supervisor) == "gold"


def test_what_qualifies_counts_through_any_number_of_merges(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    third = make.make_member(brand=brand)
    merge_accounts(twin.account, kept.account, by=None, key="m1")
    merge_accounts(kept.account, third.account, by=None, key="m2")
    make.give(make.now_of(third), 1300, qualifying=1300)  # with 600 and 200 of the first it is Gold
    assert make.now_of(third).tier.code == "gold"


@pytest.mark.parametrize(("more", "code"), [(1199, "silver"), (1200, "gold")])
def test_what_both_have_earned_together_raises_the_tier_at_once(
    kept: Customer, twin: Customer, supervisor: Agent, more: int, code: str
) -> None:
    make.give(make.now_of(kept), more, qualifying=more)  # with 600 and 200 it is 1,999 or 2,000
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert make.now_of(kept).tier.code == code
    assert undo(one, supervisor) == "silver"  # which was earned alone


def test_a_tier_set_by_hand_and_ended_since_does_not_come_back(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    floor = set_gold(make.now_of(kept), supervisor)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    with clock.standing_at(clock.now() + timedelta(minutes=1)):
        end_floor(floor, by=supervisor)
        assert make.now_of(kept).tier.code == "silver"  # with what the twin has counted
        assert undo(one, supervisor) == "bronze"


def test_nor_where_the_merge_had_brought_the_same_tier(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    make.give(make.now_of(twin), 2000, qualifying=2000)
    floor = set_gold(make.now_of(kept), supervisor)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    with clock.standing_at(clock.now() + timedelta(minutes=1)):
        end_floor(floor, by=supervisor)
        assert make.now_of(kept).tier.code == "gold"
        assert undo(one, supervisor) == "bronze"


def test_a_tier_that_was_lost_by_a_refund_since_does_not_come_back(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    rule(refunds="immediate")
    make.give(make.now_of(kept), 2000, qualifying=2000)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    take_back(make.now_of(kept), 2000)
    assert make.now_of(kept).tier.code == "silver"  # with what the twin has counted
    assert undo(one, supervisor) == "bronze"


def test_a_tier_reached_alone_since_and_given_back_is_kept_as_the_rule_says(
    one: Merge, kept: Customer, supervisor: Agent
) -> None:
    make.give(make.now_of(kept), 2500, qualifying=2500)
    take_back(make.now_of(kept), 2500)
    until = make.now_of(kept).tier_valid_until
    assert undo(one, supervisor) == "gold"
    assert make.now_of(kept).tier_valid_until == until
    assert not TierChange.objects.filter(account=make.now_of(kept), cause="unmerge").exists()


def test_a_tier_reached_only_with_the_points_of_the_other_goes(
    one: Merge, kept: Customer, supervisor: Agent
) -> None:
    make.give(make.now_of(kept), 1500, qualifying=1500)
    assert make.now_of(kept).tier.code == "gold"
    assert undo(one, supervisor) == "silver"


def test_a_tier_reached_with_an_order_that_goes_back_goes(
    one: Merge, kept: Customer, supervisor: Agent
) -> None:
    make.make_order(customer=kept, amount_minor=50_000)
    assert make.now_of(kept).tier.code == "gold"
    assert undo(one, supervisor, "back") == "bronze"


def test_one_level_that_a_review_left_is_kept(brand: Brand, kept: Customer, supervisor: Agent) -> None:
    rule(review="one_level")
    make.give(make.now_of(kept), 2000, qualifying=2000)
    one = merge(kept, make.make_member(brand=brand), by=supervisor, reason="twice", key="m1")
    take_back(make.now_of(kept), 2000)
    end = make.now_of(kept).tier_valid_until
    assert end is not None
    with clock.standing_at(end + timedelta(days=1)):
        review_some()
        assert make.now_of(kept).tier.code == "silver"
        assert undo(one, supervisor) == "silver"


def test_where_the_merge_changed_no_tier_its_undoing_changes_none(
    brand: Brand, kept: Customer, supervisor: Agent
) -> None:
    make.give(make.now_of(kept), 2000, qualifying=2000)
    one = merge(kept, make.make_member(brand=brand, points=10), by=supervisor, reason="twice", key="m1")
    take_back(make.now_of(kept), 2000)
    lines = TierChange.objects.count()
    assert undo(one, supervisor) == "gold"
    assert TierChange.objects.count() == lines
