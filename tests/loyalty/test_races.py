from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError

from contactcenter.errors import Refused
from customers.models import Customer, Order, OrderRefund
from customers.services import Refund, refund_order
from loyalty.models import Account, Entry
from loyalty.services import earn, expire, redeem, reverse
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once

pytestmark = pytest.mark.race


def spends(member: Customer, count: int = 4) -> list[partial[Entry]]:
    return [partial(redeem, member.account, 100, by=None, key=make.unique()) for _ in range(count)]


def test_of_many_who_spend_one_balance_at_once_exactly_one_gets_it(own_db: str) -> None:
    for _ in range(10):
        member = make.make_member(points=100)
        answers = at_once(*spends(member))
        assert sorted(type(answer) for answer in answers if isinstance(answer, Entry)) == [Entry]
        refusals = [answer.code for answer in answers if isinstance(answer, Refused)]
        assert refusals == ["not_enough_points"] * 3
        member.account.refresh_from_db()
        assert (member.account.balance, member.account.version) == (0, 2)


def test_control_without_the_lock_only_the_database_stops_a_double_spend(own_db: str) -> None:
    member = make.make_member(points=100)
    answers = at_once(*spends(member, 2), unlocked=True)
    assert [type(answer) for answer in answers].count(IntegrityError) == 1
    assert "loyalty_entry_seq_once" in str(next(a for a in answers if isinstance(a, IntegrityError)))


def test_one_spend_asked_for_twice_at_once_is_one_entry(own_db: str) -> None:
    for _ in range(10):
        member = make.make_member(points=100)
        spend = partial(redeem, member.account, 100, by=None, key=make.unique())
        entries = at_once(spend, spend)
        assert entries[0].pk == entries[1].pk
        member.account.refresh_from_db()
        assert member.account.balance == 0


def test_control_without_the_lock_the_repeat_is_an_error(own_db: str) -> None:
    member = make.make_member(points=100)
    spend = partial(redeem, member.account, 100, by=None, key="once")
    answers = at_once(spend, spend, unlocked=True)
    assert [type(answer) for answer in answers].count(IntegrityError) == 1


def test_gifts_spends_and_expiry_at_once_leave_a_ledger_that_adds_up(own_db: str) -> None:
    for _ in range(5):
        member = make.make_member(points=100)
        account = member.account
        gifts = [
            partial(earn, account, 10, contra="issue.order", by=None, key=make.unique()) for _ in range(3)
        ]
        answers = at_once(*gifts, *spends(member, 3), partial(expire, account))
        assert not [answer for answer in answers if isinstance(answer, IntegrityError)]
        account.refresh_from_db()
        points = list(account.entries.order_by("seq").values_list("seq", "points"))
        assert [seq for seq, _ in points] == list(range(1, account.version + 1))
        assert account.balance == sum(moved for _, moved in points)
        assert account.balance == sum(account.lots.values_list("remaining", flat=True))


def refunds(order: Order, amount_minor: int, *keys: str) -> list[partial[OrderRefund]]:
    lines = [Refund(order.lines.get(), amount_minor)]
    return [partial(refund_order, order, lines, key=key) for key in keys]


def test_of_two_who_give_the_same_money_back_at_once_one_is_refused(own_db: str) -> None:
    for _ in range(5):
        member = make.make_member()
        order = make.make_order(customer=member, amount_minor=10_000)
        answers = at_once(*refunds(order, 6000, make.unique(), make.unique()))
        refusals = [answer.code for answer in answers if isinstance(answer, Refused)]
        assert refusals == ["more_than_paid"]
        order.refresh_from_db()
        assert (order.refunded_minor, Account.objects.get(customer=member).balance) == (6000, 200)


def test_one_refund_asked_for_twice_at_once_is_one_and_takes_its_points_once(own_db: str) -> None:
    for _ in range(5):
        member = make.make_member()
        order = make.make_order(customer=member, amount_minor=10_000)
        key = make.unique()
        answers = at_once(*refunds(order, 3000, key, key))
        assert answers[0] == answers[1]
        assert Account.objects.get(customer=member).balance == 350


def test_control_without_the_locks_two_refunds_collide(own_db: str) -> None:
    member = make.make_member()
    order = make.make_order(customer=member, amount_minor=10_000)
    answers = at_once(*refunds(order, 3000, "a", "b"), unlocked=True)
    order.refresh_from_db()
    given = sum(refund.amount_minor for refund in OrderRefund.objects.all())
    collided = [type(answer) for answer in answers].count(IntegrityError) == 1
    assert collided or order.refunded_minor < given


def test_points_spent_while_their_order_comes_back_are_refused_or_owed(own_db: str) -> None:
    ends = set()
    for _ in range(10):
        member = make.make_member()
        order = make.make_order(customer=member, amount_minor=10_000)
        spend = partial(redeem, member.account, 500, by=None, key=make.unique())
        spent, _made = at_once(spend, *refunds(order, 10_000, make.unique()))
        account = Account.objects.get(customer=member)
        expect_sound(account)
        assert account.balance == (0 if isinstance(spent, Refused) else -500)
        ends.add(account.balance)
    assert ends <= {0, -500}


def test_control_without_the_locks_spending_and_giving_back_collide(own_db: str) -> None:
    member = make.make_member()
    order = make.make_order(customer=member, amount_minor=10_000)
    account, earned = member.account, Entry.objects.get(source=f"order:{order.number}")
    spend = partial(redeem, account, 500, by=None, key="s")
    take_back = partial(reverse, account, earned, 500, by=None, key="r")
    answers = at_once(spend, take_back, unlocked=True)
    assert [type(answer) for answer in answers].count(IntegrityError) == 1
