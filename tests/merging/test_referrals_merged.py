"""Who brought whom, where one of them turns out to be here twice, and is two again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent
from contactcenter import clock
from customers.models import Merge
from customers.services import Refund, cancel_order, merge, refund_order, since, unmerge
from loyalty.models import Account, Programme, Referral
from loyalty.services import enrol, mature_next, record_referral
from tests import make
from tests.loyalty.test_holds import refused
from tests.loyalty.test_referrals import bring, buy, set_rules
from tests.merging.sound import expect_sound


@pytest.fixture
def referrer(programme: Programme) -> Account:
    set_rules(programme)
    return make.make_member(brand=programme.brand).account


@pytest.fixture
def friend(referrer: Account) -> Account:
    return bring(referrer)


@pytest.fixture
def twin(referrer: Account) -> Account:
    """Of one of them: the same person again."""
    return make.make_member(brand=referrer.brand).account


def undo(one: Merge, by: Agent, choice: str) -> None:
    """Undo with one choice for all that is asked."""
    unmerge(one, by=by, key=f"u{one.pk}", choices={item.key: choice for item in since(one)})


def points(*accounts: Account) -> list[int]:
    expect_sound()
    return [Account.objects.get(pk=account.pk).balance for account in accounts]


def test_a_friend_who_was_merged_gets_points_with_the_first_order_of_the_one_who_stays(
    referrer: Account, friend: Account, twin: Account, supervisor: Agent
) -> None:
    third = make.make_member(brand=referrer.brand).account
    merge(twin.customer, friend.customer, by=supervisor, reason="twice", key="m1")
    merge(third.customer, twin.customer, by=supervisor, reason="twice", key="m2")
    order = buy(third)
    assert points(referrer, friend, twin, third) == [300, 0, 0, 100]
    assert Referral.objects.get().order == order
    cancel_order(order)
    assert points(referrer, third) == [0, 0]


def test_a_friend_who_turns_out_to_have_bought_before_gives_nothing(
    referrer: Account, friend: Account, twin: Account, supervisor: Agent
) -> None:
    buy(twin)
    merge(twin.customer, friend.customer, by=supervisor, reason="twice", key="m1")
    buy(twin)
    assert points(referrer, twin) == [0, 0]
    assert Referral.objects.get().why == "bought_before"


def test_a_friend_who_was_brought_twice_gives_points_once(
    referrer: Account, friend: Account, supervisor: Agent
) -> None:
    other = make.make_member(brand=referrer.brand).account
    again = bring(other)
    merge(again.customer, friend.customer, by=supervisor, reason="twice", key="m1")
    first, second = buy(again), buy(again)
    assert points(referrer, other, again) == [300, 0, 100]
    told = Referral.objects.order_by("pk").values_list("state", "why", "order")
    assert list(told) == [("given", "", first.pk), ("nothing", "bought_before", second.pk)]


def test_who_was_named_by_a_code_of_before_the_merge_gets_the_points_once_it_is_undone(
    referrer: Account, twin: Account, supervisor: Agent
) -> None:
    one = merge(referrer.customer, twin.customer, by=supervisor, reason="twice", key="m1")
    customer = make.make_customer(brand=referrer.brand)
    friend = enrol(customer, brought_by=twin.referral_code)
    assert enrol(customer, brought_by=referrer.referral_code) == friend  # one person by now: the same again
    unmerge(one, by=supervisor, key="u1")
    assert enrol(customer, brought_by=twin.referral_code) == friend
    with refused("brought_already"):
        enrol(customer, brought_by=referrer.referral_code)
    buy(friend)
    assert points(referrer, twin, friend) == [0, 300, 100]


def test_an_unmerge_makes_no_circle(referrer: Account, supervisor: Agent) -> None:
    early = enrol(make.make_customer(brand=referrer.brand))
    late = make.make_member(brand=referrer.brand).account
    merge(referrer.customer, late.customer, by=supervisor, reason="twice", key="m1")
    with refused("member_before"):
        record_referral(early, Account.objects.get(pk=late.pk), key="k")


@pytest.mark.parametrize("how", ["cancel", "refund"])
@pytest.mark.parametrize("pending_days", [0, 14])
@pytest.mark.parametrize("choice", ["back", "kept"])
def test_points_given_since_a_merge_are_taken_back_from_whoever_has_them_after_it_is_undone(
    referrer: Account,
    friend: Account,
    twin: Account,
    supervisor: Agent,
    how: str,
    pending_days: int,
    choice: str,
) -> None:
    Programme.objects.update(pending_days=pending_days)
    one = merge(twin.customer, referrer.customer, by=supervisor, reason="twice", key="m1")
    order = buy(friend)
    mature_next(at=clock.now() + timedelta(days=20))
    undo(one, supervisor, choice)
    assert points(referrer, twin) == ([300, 0] if choice == "back" else [0, 300])
    if how == "cancel":
        cancel_order(order)
    else:
        refund_order(order, [Refund(order.lines.get(), 5000)], key="r")
    assert points(referrer, twin, friend) == [0, 0, 0]
    assert Referral.objects.get().state == "taken_back"


def test_points_that_went_back_twice_are_found_as_well(
    referrer: Account, friend: Account, twin: Account, supervisor: Agent
) -> None:
    third = make.make_member(brand=referrer.brand).account
    first = merge(twin.customer, referrer.customer, by=supervisor, reason="twice", key="m1")
    second = merge(third.customer, twin.customer, by=supervisor, reason="twice", key="m2")
    order = buy(friend)
    undo(second, supervisor, "back")
    undo(first, supervisor, "back")
    assert points(referrer, twin, third) == [300, 0, 0]
    cancel_order(order)
    assert points(referrer, twin, third, friend) == [0, 0, 0, 0]


@pytest.mark.parametrize(("choice", "pending"), [("back", [300, 300]), ("kept", [0, 600])])
def test_points_that_are_pending_since_a_merge_are_asked_about_and_go_where_it_is_said(
    referrer: Account, friend: Account, twin: Account, supervisor: Agent, choice: str, pending: list[int]
) -> None:
    Programme.objects.update(pending_days=14)
    buy(bring(twin))  # of before the merge: nothing to be asked about
    one = merge(twin.customer, referrer.customer, by=supervisor, reason="twice", key="m1")
    assert since(one) == []
    order = buy(friend)
    assert [item.what for item in since(one)] == ["Points given"]
    undo(one, supervisor, choice)
    expect_sound()
    assert [Account.objects.get(pk=account.pk).pending for account in (referrer, twin)] == pending
    cancel_order(order)
    assert [Account.objects.get(pk=account.pk).pending for account in (referrer, twin)] == [0, 300]
