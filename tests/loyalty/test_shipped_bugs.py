"""Bugs that loyalty and gift card engines in the world have shipped: each is a test here."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import Refund, refund_order
from goodwill.models import Reason
from goodwill.services import grant
from loyalty.models import Account, Entry
from loyalty.progress import of_tier
from loyalty.services import capture, earn, expire_some, hold, redeem, transfer
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once
from tickets.models import Ticket

NOON = make.instant("2026-05-01T12:00+02:00")


def now_of(member: Customer) -> Account:
    expect_sound(member.account)
    return Account.objects.get(pk=member.account.pk)


@pytest.mark.race
def test_twenty_gifts_of_a_hundred_at_once_from_a_balance_of_a_hundred_give_one(own_db: str) -> None:
    giver = make.make_member(points=100)
    friends = [make.make_member(brand=giver.brand) for _ in range(20)]
    gifts = [
        partial(transfer, giver.account, friend.account, 100, by=None, key=make.unique())
        for friend in friends
    ]
    answers = at_once(*gifts)
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"not_enough_points"}
    assert (now_of(giver).balance, sum(now_of(friend).balance for friend in friends)) == (0, 100)


@pytest.mark.race
def test_control_without_the_lock_a_second_gift_meets_the_first(own_db: str) -> None:
    giver = make.make_member(points=100)
    friends = [make.make_member(brand=giver.brand) for _ in range(2)]
    gifts = [
        partial(transfer, giver.account, friend.account, 100, by=None, key=make.unique())
        for friend in friends
    ]
    answers = at_once(*gifts, unlocked=True)
    assert not [answer for answer in answers if isinstance(answer, Refused)]
    assert [type(answer).__name__ for answer in answers].count("IntegrityError") == 1


@pytest.mark.race
def test_a_gift_card_redeemed_twice_at_the_same_moment_is_redeemed_once(own_db: str) -> None:
    member = make.make_member(points=100)
    card = hold(member.account, 100, by=None, key="card", until=clock.now() + timedelta(hours=1))
    answers = at_once(*[partial(capture, card, by=None, key=make.unique()) for _ in range(4)])
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"hold_is_over"}
    assert now_of(member).balance == 0


@pytest.mark.race
def test_control_without_the_lock_the_card_is_met_twice(own_db: str) -> None:
    member = make.make_member(points=100)
    card = hold(member.account, 100, by=None, key="card", until=clock.now() + timedelta(hours=1))
    answers = at_once(*[partial(capture, card, by=None, key=make.unique()) for _ in range(2)], unlocked=True)
    assert not [answer for answer in answers if isinstance(answer, Refused)]


def test_who_buys_and_gives_back_does_not_keep_the_points(programme: object, brand: object) -> None:
    buyer = make.make_member(brand=brand)
    order = make.make_order(customer=buyer, amount_minor=10_000)
    spent = redeem(buyer.account, 500, by=None, key="r1")
    refund_order(order, [Refund(order.lines.get(), 10_000)], key="back")
    assert (spent.points, now_of(buyer).balance) == (-500, -500)


def test_a_refund_does_not_charge_points_twice(programme: object, brand: object) -> None:
    buyer = make.make_member(brand=brand)
    order = make.make_order(customer=buyer, amount_minor=10_000)
    for _ in range(3):
        refund_order(order, [Refund(order.lines.get(), 5000)], key="half")
    refund_order(order, [Refund(order.lines.get(), 5000)], key="rest")
    assert now_of(buyer).balance == 0


@pytest.mark.parametrize(
    "contra", ["issue.order", "issue.campaign", "issue.event", "issue.opening", "issue.any"]
)
def test_lots_expire_by_their_date_whatever_they_were_given_for(member: Customer, contra: str) -> None:
    earn(member.account, 40, contra=contra, by=None, key="bonus", months=1)
    end = member.account.lots.get(granted=40).expires_at
    assert expire_some(at=end)
    assert now_of(member).balance == 1000


def test_goodwill_does_not_raise_the_tier(ticket: Ticket, agent: Agent, late_parcel: Reason) -> None:
    account = ticket.customer.account
    make.make_policy(agent=agent, brand=ticket.brand, per_grant=100_000)
    Reason.objects.update(max_points=100_000)
    late_parcel.refresh_from_db()
    for number in range(3):
        grant(ticket, 50_000, by=agent, reason=late_parcel, key=f"g{number}")
    assert Account.objects.get(pk=account.pk).tier.code == "bronze"


def test_spending_does_not_cost_the_tier(programme: object, brand: object) -> None:
    buyer = make.make_member(brand=brand)
    earn(buyer.account, 2000, contra="issue.order", by=None, key="e1", at=NOON, qualifying=2000)
    before = of_tier(now_of(buyer), NOON).points
    redeem(buyer.account, 2000, by=None, key="r1", at=NOON)
    assert (now_of(buyer).tier.code, of_tier(now_of(buyer), NOON).points) == ("gold", before)


def test_redeem_everything_then_repeat_with_the_same_key_gives_the_same_entry(member: Customer) -> None:
    entries = [redeem(member.account, 1000, by=None, key="all") for _ in range(2)]
    assert entries[0] == entries[1]
    assert now_of(member).version == 2


def test_redeem_against_lots_due_one_second_ago_is_refused(member: Customer) -> None:
    end = now_of(member).next_expiry
    with clock.standing_at(end + timedelta(seconds=1)), pytest.raises(Refused) as refusal:
        redeem(member.account, 1, by=None, key="r1")
    assert refusal.value.code == "not_enough_points"
    assert now_of(member).balance == 1000
