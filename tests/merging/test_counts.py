"""What is counted for a member, or shown of them, holds for the accounts that were merged into theirs as well."""

from __future__ import annotations

from agents.models import Agent, Brand
from customers.models import Customer, Merge
from customers.services import merge, since, unmerge
from desk.lists import lists_of
from desk.taken import taken_of
from loyalty.models import Programme
from loyalty.services import merge_accounts, redeem_reward
from tests import make
from tests.loyalty.test_benefits import NOON, gold_member, of, use
from tests.loyalty.test_rules import buy, earned, set_rule
from tests.loyalty.tiering import qualify


def test_a_voucher_that_was_taken_before_a_merge_is_shown_beside_who_stays(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    redeem_reward(make.now_of(twin), make.make_reward(brand=brand), by=None, key="r1")
    merge(kept, twin, by=supervisor, reason=Merge.Reason.TWICE, key="m1")
    ((told,), (voucher,)) = taken_of(lists_of(kept).taken)
    assert told.is_good
    assert told.code == voucher.code
    one = Merge.objects.get()
    unmerge(one, by=supervisor, key="u1", choices={item.key: "back" for item in since(one)})
    assert taken_of(lists_of(kept).taken) == ([], [])
    assert len(taken_of(lists_of(twin).taken)[1]) == 1


def test_two_accounts_made_one_use_a_benefit_no_more_often_than_one(brand: Brand) -> None:
    gold, twin = gold_member(brand), make.make_member(brand=brand).account
    qualify(twin, 500, "2025-06-01")
    use(make.now_of(twin.customer), "of the twin")
    use(gold, "own")
    merge_accounts(twin, gold, by=None, key="m1")
    assert of(gold, NOON)["lounge"] == 0


def test_a_cap_for_ever_counts_what_was_given_to_the_one_who_is_gone(
    brand: Brand, programme: Programme
) -> None:
    one, twin, third = (make.make_member(brand=brand) for _ in range(3))
    set_rule(programme, cap_per_customer=600)
    assert earned(buy(twin)) == 495
    merge_accounts(twin.account, third.account, by=None, key="m1")
    merge_accounts(make.now_of(third), one.account, by=None, key="m2")
    assert [earned(buy(one)) for _ in range(2)] == [105, 0]
