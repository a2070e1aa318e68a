"""Points after a merge is undone: what came along goes back as far as it is there, the rest is asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer, Merge
from customers.services import Refund, merge, refund_order, since, unmerge
from goodwill.models import Reason
from goodwill.services import grant
from loyalty.models import Account, Programme
from loyalty.services import (
    earn,
    expire,
    hold,
    mature_next,
    merge_accounts,
    redeem,
    reverse,
)
from tests import make
from tests.loyalty.test_holds import refused
from tests.merging.sound import expect_sound


@pytest.fixture
def one(kept: Customer, twin: Customer, supervisor: Agent) -> Merge:
    return merge(kept, twin, by=supervisor, reason="twice", key="m1")


def undo(one: Merge, by: Agent, choice: str = "kept") -> tuple[int, int]:
    """Undo with one choice for all; the balances of who stays and of who comes back."""
    unmerge(one, by=by, key="u1", choices={item.key: choice for item in since(one)})
    expect_sound()
    return make.now_of(one.kept).balance, make.now_of(one.merged).balance


def spend(one: Merge, points: int) -> None:
    redeem(make.now_of(one.kept), points, by=None, key=make.unique())


def test_what_the_one_who_stays_has_spent_is_theirs_to_bear(one: Merge, supervisor: Agent) -> None:
    spend(one, 900)
    assert [item.what for item in since(one)] == ["Points spent"]
    assert undo(one, supervisor, "kept") == (100, 800)


def test_what_the_one_who_comes_back_has_spent_is_theirs_to_bear(one: Merge, supervisor: Agent) -> None:
    spend(one, 500)
    assert undo(one, supervisor, "back") == (1000, 300)


def test_more_than_was_theirs_is_owed_to_the_other(one: Merge, supervisor: Agent) -> None:
    spend(one, 1700)
    assert undo(one, supervisor, "kept") == (-700, 800)


def test_the_one_who_comes_back_may_owe_as_well(one: Merge, supervisor: Agent) -> None:
    spend(one, 1700)
    assert undo(one, supervisor, "back") == (1000, -900)


def test_where_debts_are_forgiven_only_what_is_there_goes_back(one: Merge, supervisor: Agent) -> None:
    Programme.objects.update(clawback=Programme.Clawback.CLAMP)
    spend(one, 1700)
    assert undo(one, supervisor, "kept") == (0, 100)


def test_where_debts_are_forgiven_the_one_who_comes_back_owes_nothing_either(
    one: Merge, supervisor: Agent
) -> None:
    Programme.objects.update(clawback=Programme.Clawback.CLAMP)
    spend(one, 1300)
    assert undo(one, supervisor, "back") == (500, 0)


def test_a_spend_that_was_undone_is_not_asked_about(one: Merge, supervisor: Agent) -> None:
    account = make.now_of(one.kept)
    spent = redeem(account, 900, by=None, key="r1")
    reverse(account, spent, 900, by=None, key="back")
    assert since(one) == []
    assert undo(one, supervisor) == (1000, 800)


def test_what_expired_since_is_gone_for_who_had_it(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    earn(make.now_of(twin), 40, contra="issue.event", by=None, key="e1", months=1)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    end = make.now_of(kept).next_expiry
    assert end is not None
    expire(make.now_of(kept), at=end)
    assert undo(one, supervisor) == (1000, 800)


def test_each_lot_goes_back_with_its_end(
    one: Merge, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    ends = sorted(make.now_of(twin).lots.values_list("expires_at", flat=True))
    undo(one, supervisor)
    back = make.now_of(twin).lots.filter(is_open=True).order_by("expires_at")
    assert sorted(lot.expires_at for lot in back) == ends


def test_a_debt_goes_back_to_who_had_it(brand: Brand, kept: Customer, supervisor: Agent) -> None:
    owing = make.make_member(brand=brand, points=200)
    redeem(owing.account, 200, by=None, key="r1")
    reverse(owing.account, owing.account.entries.get(kind="earn"), 200, by=None, key="b1")
    one = merge(kept, owing, by=supervisor, reason="twice", key="m1")
    assert make.now_of(kept).balance == 800
    assert undo(one, supervisor) == (1000, -200)


def test_points_that_paid_the_debt_of_who_stays_are_owed_again(
    brand: Brand, kept: Customer, supervisor: Agent
) -> None:
    owing = make.make_member(brand=brand, points=200)
    redeem(owing.account, 200, by=None, key="r1")
    reverse(owing.account, owing.account.entries.get(kind="earn"), 200, by=None, key="b1")
    one = merge(owing, kept, by=supervisor, reason="twice", key="m1")
    assert make.now_of(owing).balance == 800
    assert undo(one, supervisor) == (-200, 1000)


def test_money_given_back_for_an_old_order_is_borne_by_whose_order_it_was(
    one: Merge, twin: Customer, kept: Customer, supervisor: Agent
) -> None:
    order = kept.orders.get()
    refund_order(order, [Refund(order.lines.get(), 4000)], key="back", by=supervisor)
    assert make.now_of(kept).balance == 1600
    assert undo(one, supervisor) == (1000, 600)


def test_holds_and_pending_points_go_back(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    until = clock.now() + timedelta(hours=1)
    kept_hold = hold(make.now_of(twin), 300, by=None, key="h1", until=until)
    make.make_pending(make.now_of(twin), 70)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert (make.now_of(kept).held, make.now_of(kept).pending) == (300, 70)
    undo(one, supervisor)
    back = make.now_of(twin)
    assert (back.held, back.pending, make.now_of(kept).held, make.now_of(kept).pending) == (300, 70, 0, 0)
    kept_hold.refresh_from_db()
    assert kept_hold.account == back


def test_points_that_matured_since_go_with_their_order(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    Programme.objects.update(pending_days=14)
    make.make_order(customer=twin, number="A-78", amount_minor=5000, status="delivered")
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert mature_next(at=clock.now() + timedelta(days=20)) == 1
    assert make.now_of(kept).balance == 2050
    assert undo(one, supervisor) == (1000, 1050)


def test_goodwill_given_since_goes_where_its_ticket_goes(
    one: Merge, kept: Customer, supervisor: Agent, late_parcel: Reason
) -> None:
    grant(kept.tickets.get(), 50, by=supervisor, reason=late_parcel, key="g1")
    new = make.make_ticket(customer=kept, key="new")
    grant(new, 60, by=supervisor, reason=late_parcel, key="g2")
    assert undo(one, supervisor, "kept") == (1060, 850)


def test_what_was_given_for_nothing_else_is_asked_about(one: Merge, supervisor: Agent) -> None:
    earn(make.now_of(one.kept), 30, contra="issue.event", by=None, key="e9", source="birthday")
    assert [item.what for item in since(one)] == ["Points given"]
    assert undo(one, supervisor, "back") == (1000, 830)


def test_merged_again_after_it_was_undone_all_is_as_after_the_first_time(
    one: Merge, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    undo(one, supervisor)
    again = merge(kept, twin, by=supervisor, reason="twice", key="m2")
    assert make.now_of(kept).balance == 1800
    unmerge(again, by=supervisor, key="u2")
    expect_sound()
    assert (make.now_of(kept).balance, make.now_of(twin).balance) == (1000, 800)


def test_a_spend_undone_after_two_merges_comes_back_to_who_made_it(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    spent = redeem(twin.account, 500, by=None, key="r1")
    first = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    third = make.make_member(brand=brand, points=10)
    second = merge(third, kept, by=supervisor, reason="twice", key="m2")
    reverse(make.now_of(twin), spent, 500, by=None, key="b1")
    assert make.now_of(third).balance == 1810
    unmerge(second, by=supervisor, key="u2")
    expect_sound()
    assert [make.now_of(who).balance for who in (third, kept)] == [10, 1800]
    unmerge(first, by=supervisor, key="u1")
    expect_sound()
    assert [make.now_of(who).balance for who in (third, kept, twin)] == [10, 1000, 800]


def test_money_given_back_after_two_merges_is_borne_by_whose_order_it_was(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    first = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    third = make.make_member(brand=brand, points=10)
    second = merge(third, kept, by=supervisor, reason="twice", key="m2")
    order = third.orders.get(number="A-77")
    refund_order(order, [Refund(order.lines.get(), 4000)], key="back", by=supervisor)
    assert make.now_of(third).balance == 1610
    unmerge(second, by=supervisor, key="u2")
    expect_sound()
    unmerge(first, by=supervisor, key="u1")
    expect_sound()
    assert [make.now_of(who).balance for who in (third, kept, twin)] == [10, 1000, 600]


@pytest.fixture
def joined_since(brand: Brand, programme: Programme, supervisor: Agent) -> Merge:
    """Two who were no members were merged; the one who stays is one now."""
    one, other = make.make_customer(brand=brand), make.make_customer(brand=brand)
    merged = merge(one, other, by=supervisor, reason="twice", key="m1")
    make.make_member(customer=one, points=100)
    return merged


def test_points_of_an_order_go_with_it_also_where_nobody_was_a_member(
    joined_since: Merge, supervisor: Agent
) -> None:
    make.make_order(customer=joined_since.kept, number="B-1", amount_minor=4000)
    Programme.objects.update(pending_days=14)
    make.make_order(customer=joined_since.kept, number="B-2", amount_minor=5000, status="delivered")
    assert (make.now_of(joined_since.kept).balance, make.now_of(joined_since.kept).pending) == (300, 250)
    unmerge(joined_since, by=supervisor, key="u1", choices=all_back(joined_since))
    expect_sound()
    account = make.now_of(joined_since.kept)
    assert (account.balance, account.pending) == (100, 0)
    assert account.entries.aggregate(sum=Sum("qualifying"))["sum"] == 0


def test_goodwill_goes_with_its_ticket_also_where_nobody_was_a_member(
    joined_since: Merge, supervisor: Agent, late_parcel: Reason
) -> None:
    grant(make.make_ticket(customer=joined_since.kept), 50, by=supervisor, reason=late_parcel, key="g1")
    assert make.now_of(joined_since.kept).balance == 150
    unmerge(joined_since, by=supervisor, key="u1", choices=all_back(joined_since))
    expect_sound()
    assert make.now_of(joined_since.kept).balance == 100


def test_two_who_never_joined_are_parted_without_points(
    brand: Brand, programme: Programme, supervisor: Agent
) -> None:
    one, other = make.make_customer(brand=brand), make.make_customer(brand=brand)
    merged = merge(one, other, by=supervisor, reason="twice", key="m1")
    assert unmerge(merged, by=supervisor, key="u1").undone_at


def all_back(one: Merge) -> dict[str, str]:
    return {item.key: "back" for item in since(one)}


def test_a_link_that_vanished_while_we_stood_in_line_is_seen(brand: Brand, twin: Customer) -> None:
    one, other = (make.make_member(brand=brand).account for _ in range(2))
    spent = redeem(twin.account, 500, by=None, key="r1")
    merge_accounts(twin.account, one, by=None, key="m1")
    merge_accounts(one, other, by=None, key="m2")
    parted = []

    def part_first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "FOR UPDATE" in sql and not parted:
            parted.append(twin.pk)
            Account.objects.filter(customer=twin).update(status="active", merged_into=None)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(part_first), refused("account_not_active"):
        reverse(twin.account, spent, 500, by=None, key="b1")
    assert parted
    expect_sound()


def test_what_came_since_is_asked_for_in_as_many_queries_however_much_it_is(
    one: Merge, twin: Customer
) -> None:
    def ask(times: int) -> int:
        for number in range(times):
            spend(one, 10)
            earn(make.now_of(one.kept), 30, contra="issue.event", by=None, key=make.unique())
            make.make_ticket(customer=one.kept, key=f"{times}-{number}")
        with CaptureQueriesContext(connection) as queries:
            found = since(one)
        assert len([item for item in found if item.what == "Points spent"]) >= times
        return len(queries)

    assert ask(1) == ask(4)
