"""Who brought whom, where one of them turns out to be here twice, and is two again."""

from __future__ import annotations

from functools import partial

import pytest

from agents.models import Agent
from customers.services import Refund, cancel_order, merge, refund_order, since, unmerge
from loyalty.models import Account, Programme, Referral
from loyalty.services import enrol, freeze
from tests import make
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
