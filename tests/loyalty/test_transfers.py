"""Points that move between accounts: transfers, merges; and accounts that are frozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from loyalty.models import Account, AccountEvent, Entry, Programme
from loyalty.services import (
    capture,
    earn,
    expire,
    freeze,
    hold,
    mature_next,
    merge_accounts,
    redeem,
    reverse,
    transfer,
    unfreeze,
)  # fmt: skip
from tests import make
from tests.loyalty.test_holds import now_of, refused


@pytest.fixture
def friend(member: Customer, brand: Brand) -> Customer:
    """Another member of the brand, without a point."""
    return make.make_member(brand=brand)


def in_debt(brand: Brand, points: int = 200) -> Customer:
    """A member who owes `points`: they were spent, then their money came back."""
    owing = make.make_member(brand=brand, points=points)
    redeem(owing.account, points, by=None, key=make.unique())
    reverse(owing.account, owing.account.entries.get(kind="earn"), points, by=None, key=make.unique())
    return owing


def test_points_move_as_two_entries_of_one_group_whose_sum_is_nothing(
    member: Customer, friend: Customer
) -> None:
    left = transfer(member.account, friend.account, 400, by=None, key="t1", reason="gift")
    came = friend.account.entries.get()
    assert (left.points, came.points, left.group) == (-400, 400, came.group)
    assert left.group
    assert {left.contra, came.contra} == {"transfer"}
    assert (left.qualifying, came.qualifying) == (0, 0)
    assert (now_of(member).balance, now_of(friend).balance) == (600, 400)


def test_each_lot_keeps_its_end_on_the_other_side(member: Customer, friend: Customer) -> None:
    earn(member.account, 100, contra="issue.event", by=None, key="e1", months=2)
    transfer(member.account, friend.account, 150, by=None, key="t1")
    lots = friend.account.lots.order_by("expires_at").values_list(
        "granted", "contra", "expires_at", "origin__expires_at"
    )
    ends = [lot.expires_at for lot in member.account.lots.order_by("expires_at")]
    assert list(lots) == [(100, "issue.event", ends[0], ends[0]), (50, "issue.order", ends[1], ends[1])]
    assert now_of(friend).next_expiry == ends[0]


def test_the_same_transfer_twice_moves_once_and_another_under_its_key_is_refused(
    member: Customer, friend: Customer
) -> None:
    entries = {transfer(member.account, friend.account, 400, by=None, key="t1").pk for _ in range(2)}
    assert len(entries) == 1
    assert now_of(friend).balance == 400
    with refused("key_conflict"):
        transfer(member.account, friend.account, 401, by=None, key="t1")


def test_a_transfer_to_who_owes_points_pays_first(member: Customer, brand: Brand) -> None:
    owing = in_debt(brand)
    transfer(member.account, owing.account, 300, by=None, key="t1")
    assert (now_of(owing).balance, now_of(owing).available) == (100, 100)


def test_what_cannot_be_moved_is_refused(member: Customer, friend: Customer, supervisor: Agent) -> None:
    other_house = make.make_member()
    hold(member.account, 900, by=None, key="h", until=clock.now() + timedelta(hours=1))
    for to, points, code in (
        (friend, 101, "not_enough_points"),
        (member, 1, "same_account"),
        (other_house, 1, "other_brand"),
        (friend, 0, "not_positive"),
    ):
        with refused(code):
            transfer(member.account, to.account, points, by=None, key="t1")
    freeze(friend.account, by=supervisor, reason="fraud")
    for giver, taker in ((member, friend), (friend, member)):
        with refused("account_not_active"):
            transfer(giver.account, taker.account, 1, by=None, key="t1")
    assert now_of(member).balance == 1000


def test_only_who_has_the_right_moves_points(member: Customer, friend: Customer, agent: Agent) -> None:
    with refused("not_allowed"):
        transfer(member.account, friend.account, 1, by=agent, key="t1")
    with refused("not_allowed"):
        merge_accounts(member.account, friend.account, by=agent, key="m1")


def test_a_merge_moves_points_lots_holds_and_the_higher_tier(
    member: Customer, friend: Customer, supervisor: Agent
) -> None:
    earn(member.account, 600, contra="issue.order", by=None, key="e1", qualifying=600)
    kept = hold(member.account, 200, by=None, key="h1", until=clock.now() + timedelta(hours=1))
    merge_accounts(member.account, friend.account, by=supervisor, key="m1")
    loser, winner = now_of(member), now_of(friend)
    assert (loser.balance, loser.held, loser.status, loser.merged_into) == (0, 0, "merged", winner)
    assert (winner.balance, winner.held, winner.tier.code) == (1600, 200, "silver")
    assert Entry.objects.filter(kind="transfer").aggregate(sum=Sum("points"))["sum"] == 0
    assert AccountEvent.objects.get().actor == supervisor
    kept.refresh_from_db()
    assert capture(kept, by=None, key="c1").account == winner


def test_points_that_are_pending_mature_for_who_has_the_points_after_a_merge(
    member: Customer, friend: Customer
) -> None:
    Programme.objects.update(pending_days=14)
    make.make_order(customer=member, amount_minor=5000, status="delivered")
    merge_accounts(member.account, friend.account, by=None, key="m1")
    assert (now_of(member).pending, now_of(friend).pending) == (0, 250)
    assert mature_next(at=clock.now() + timedelta(days=20)) == 1
    assert (now_of(friend).pending, now_of(friend).balance) == (0, 1250)


def test_a_merge_repeated_changes_nothing_and_its_key_stands_for_it_alone(
    member: Customer, friend: Customer, brand: Brand
) -> None:
    for _ in range(2):
        merge_accounts(member.account, friend.account, by=None, key="m1")
    assert now_of(friend).balance == 1000
    other = make.make_member(brand=brand, points=5)
    with refused("key_conflict"):
        merge_accounts(other.account, friend.account, by=None, key="m1")
    with refused("account_not_active"):
        merge_accounts(member.account, other.account, by=None, key="m2")


def test_a_debt_is_merged_as_well(member: Customer, brand: Brand) -> None:
    owing = in_debt(brand)
    merge_accounts(owing.account, member.account, by=None, key="m1")
    assert (now_of(owing).balance, now_of(member).balance) == (0, 800)
    poor = in_debt(brand)
    merge_accounts(member.account, poor.account, by=None, key="m2")
    assert now_of(poor).balance == 600


def test_an_account_without_a_point_is_merged_without_an_entry(member: Customer, friend: Customer) -> None:
    assert merge_accounts(friend.account, member.account, by=None, key="m1") == member.account
    assert now_of(friend).status == "merged"
    assert not Entry.objects.filter(kind="transfer").exists()


def test_a_refund_of_a_merged_account_is_taken_from_who_has_its_points(
    member: Customer, friend: Customer, brand: Brand
) -> None:
    gift = member.account.entries.get()
    last = make.make_member(brand=brand)
    merge_accounts(member.account, friend.account, by=None, key="m1")
    merge_accounts(friend.account, last.account, by=None, key="m2")
    for _ in range(2):
        reverse(member.account, gift, 300, by=None, key="back", qualifying=0)
    assert (now_of(member).balance, now_of(friend).balance, now_of(last).balance) == (0, 0, 700)


def test_what_expired_after_a_merge_is_not_taken_a_second_time(
    member: Customer, friend: Customer, brand: Brand
) -> None:
    gift, last = member.account.entries.get(), make.make_member(brand=brand)
    end = now_of(member).next_expiry
    merge_accounts(member.account, friend.account, by=None, key="m1")
    redeem(friend.account, 400, by=None, key="r1")
    merge_accounts(friend.account, last.account, by=None, key="m2")
    expire(last.account, at=end)
    reverse(member.account, gift, 1000, by=None, key="back")
    assert now_of(last).balance == -400


def test_a_spend_of_a_merged_account_comes_back_to_who_has_its_points(
    member: Customer, friend: Customer
) -> None:
    spent = redeem(member.account, 400, by=None, key="r1")
    merge_accounts(member.account, friend.account, by=None, key="m1")
    reverse(member.account, spent, 400, by=None, key="back")
    assert (now_of(member).balance, now_of(friend).balance) == (0, 1000)


def test_nothing_moves_on_a_frozen_account_until_it_is_thawed(member: Customer, supervisor: Agent) -> None:
    for _ in range(2):
        freeze(member.account, by=supervisor, reason="fraud")
    with refused("account_not_active"):
        earn(member.account, 5, contra="issue.order", by=None, key="e1")
    end = now_of(member).next_expiry
    unfreeze(member.account, by=supervisor, reason="cleared")
    earn(member.account, 5, contra="issue.order", by=None, key="e1")
    done = AccountEvent.objects.order_by("id").values_list("kind", "reason", "actor")
    assert list(done) == [("frozen", "fraud", supervisor.pk), ("unfrozen", "cleared", supervisor.pk)]
    freeze(member.account, by=supervisor, reason="fraud")
    assert expire(member.account, at=end) is not None


def test_freezing_takes_the_right_and_a_reason(member: Customer, agent: Agent, supervisor: Agent) -> None:
    with refused("not_allowed"):
        freeze(member.account, by=agent, reason="fraud")
    with refused("reason_missing"):
        freeze(member.account, by=supervisor, reason="")
    Account.objects.filter(pk=member.account.pk).update(status="closed")
    with refused("account_not_active"):
        freeze(member.account, by=supervisor, reason="fraud")
