from __future__ import annotations

from datetime import timedelta

import pytest

from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account, Entry
from loyalty.services import earn, redeem
from tests import make


def now_of(member: Customer) -> Account:
    return Account.objects.get(pk=member.account.pk)


def test_spent_points_are_gone_and_count_as_spent(member: Customer) -> None:
    entry = redeem(member.account, 300, by=None, key="r1")
    account = now_of(member)
    assert (entry.points, entry.balance_after, entry.kind) == (-300, 700, Entry.Kind.REDEEM)
    assert (account.balance, account.lifetime_redeemed, account.lifetime_earned) == (700, 300, 1000)


def test_everything_can_be_spent_and_the_repeat_gives_the_same_entry(member: Customer) -> None:
    first = redeem(member.account, 1000, by=None, key="r1")
    again = redeem(member.account, 1000, by=None, key="r1")
    assert first == again
    assert (now_of(member).balance, now_of(member).version) == (0, 2)


@pytest.mark.parametrize("other", [{"points": 299}, {"contra": "redeem.voucher"}, {"reason": "gift"}])
def test_the_same_key_with_other_content_is_refused(member: Customer, other: dict[str, object]) -> None:
    asked = {"points": 300, "by": None, "key": "r1"}
    redeem(member.account, **asked)
    with pytest.raises(Refused) as refusal:
        redeem(member.account, **(asked | other))
    assert refusal.value.code == "key_conflict"
    assert now_of(member).balance == 700


def test_a_key_that_gave_points_does_not_spend_any(member: Customer) -> None:
    earn(member.account, 300, contra="issue.order", by=None, key="k1")
    with pytest.raises(Refused) as refusal:
        redeem(member.account, 300, by=None, key="k1")
    assert refusal.value.code == "key_conflict"


def test_more_than_there_is_cannot_be_spent_and_the_refusal_says_how_much_can(member: Customer) -> None:
    with pytest.raises(Refused) as refusal:
        redeem(member.account, 1001, by=None, key="r1")
    assert refusal.value.code == "not_enough_points"
    assert refusal.value.details == {"available": 1000}
    assert "1000" in refusal.value.sentence
    assert now_of(member).version == 1


def test_held_points_cannot_be_spent(member: Customer) -> None:
    Account.objects.filter(pk=member.account.pk).update(held=900)
    with pytest.raises(Refused) as refusal:
        redeem(member.account, 101, by=None, key="r1")
    assert refusal.value.details == {"available": 100}
    assert redeem(member.account, 100, by=None, key="r2").balance_after == 900


def test_what_expires_first_is_spent_first_whenever_it_was_earned(brand: object, programme: object) -> None:
    account = make.make_member(brand=brand).account
    for key, months in (("late", 24), ("soon", 3), ("middle", 12)):
        earn(account, 100, contra="issue.order", by=None, key=key, months=months)
    entry = redeem(account, 150, by=None, key="r1")
    used = {use.lot.entry.key: use.points for use in entry.uses.select_related("lot__entry")}
    assert used == {"soon": 100, "middle": 50}
    left = {lot.entry.key: (lot.remaining, lot.is_open) for lot in account.lots.select_related("entry")}
    assert left == {"soon": (0, False), "middle": (50, True), "late": (100, True)}


def test_lots_that_never_expire_are_spent_last(member: Customer) -> None:
    account = member.account
    account.lots.update(expires_at=None)
    earn(account, 100, contra="issue.order", by=None, key="e1", months=24)
    entry = redeem(account, 150, by=None, key="r1")
    assert [use.points for use in entry.uses.order_by("id")] == [100, 50]
    assert entry.uses.order_by("id").first().lot.entry.key == "e1"


def test_points_that_ended_one_second_ago_cannot_be_spent(member: Customer) -> None:
    end = clock.now() - timedelta(days=1)
    member.account.lots.update(expires_at=end)
    with pytest.raises(Refused) as refusal:
        redeem(member.account, 1, by=None, key="r1", at=end + timedelta(seconds=1))
    assert refusal.value.code == "not_enough_points"
    assert redeem(member.account, 1, by=None, key="r2", at=end - timedelta(seconds=1)).points == -1


def test_what_is_due_expires_before_anything_is_spent(member: Customer) -> None:
    account = member.account
    earn(account, 50, contra="issue.order", by=None, key="e1", months=36)
    account.lots.filter(granted=1000).update(expires_at=clock.now())
    redeem(account, 20, by=None, key="r1")
    kinds = list(account.entries.order_by("seq").values_list("kind", "points", "balance_after"))
    assert kinds[2:] == [("expire", -1000, 50), ("redeem", -20, 30)]
    assert now_of(member).lifetime_expired == 1000


@pytest.mark.parametrize("points", [0, -5])
def test_only_a_number_above_zero_can_be_spent(member: Customer, points: int) -> None:
    with pytest.raises(Refused) as refusal:
        redeem(member.account, points, by=None, key="r1")
    assert refusal.value.code == "not_positive"


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_nothing_can_be_spent_of_an_account_that_is_not_active(member: Customer, status: str) -> None:
    Account.objects.filter(pk=member.account.pk).update(status=status)
    with pytest.raises(Refused) as refusal:
        redeem(member.account, 5, by=None, key="r1")
    assert refusal.value.code == "account_not_active"


def test_who_spent_the_points_for_the_customer_is_written_down(member: Customer, agent: object) -> None:
    entry = redeem(member.account, 5, by=agent, key="r1", at=clock.now())
    assert entry.actor == agent
