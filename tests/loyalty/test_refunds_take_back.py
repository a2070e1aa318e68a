"""Points follow the money that is given back: at once, exactly, and once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import customers.services
import loyalty.services
from contactcenter import clock
from customers.models import Customer, Order
from customers.services import Line, Refund, record_order, refund_order
from loyalty.models import Account, Entry
from loyalty.progress import of_tier
from loyalty.services import draft_version, earn, expire, go_live, hold, redeem
from tests import make
from tests.loyalty.test_ledger_property import expect_sound

NOON = make.instant("2026-05-01T12:00+02:00")
LATER = make.instant("2026-06-20T09:00+02:00")
LONG_AGO = make.instant("2023-05-01T12:00+02:00")  # points of an order of then have expired


def buyer(brand: Any = None, **fields: Any) -> Customer:
    """A member without a point."""
    return make.make_member(brand=brand, **fields)


def bought(customer: Customer, amount_minor: int = 10_000, **fields: Any) -> Order:
    fields = {"placed_at": NOON} | fields
    return make.make_order(customer=customer, amount_minor=amount_minor, **fields)


def give_back(order: Order, amount_minor: int, **fields: Any) -> None:
    fields = {"key": make.unique("refund"), "at": LATER} | fields
    refund_order(order, [Refund(order.lines.get(), amount_minor)], **fields)
    expect_sound(order.customer.account)


def account_of(customer: Customer) -> Account:
    return Account.objects.get(customer=customer)


@pytest.fixture
def customer(programme: object, brand: object) -> Customer:
    return buyer(brand)


def test_a_refund_takes_back_the_points_its_money_had_earned(customer: Customer) -> None:
    order = bought(customer, number="A-1")
    give_back(order, 4000)
    entry = Entry.objects.get(kind="reverse")
    assert (entry.points, entry.contra, entry.source, entry.reason) == (
        -200,
        "issue.order",
        "order:A-1",
        "refund",
    )
    assert entry.reverses == Entry.objects.get(kind="earn")
    assert entry.occurred_at == LATER
    assert account_of(customer).balance == 300
    assert account_of(customer).lots.get().remaining == 300


def test_no_refund_keeps_the_points(customer: Customer) -> None:
    give_back(bought(customer), 10_000)
    account = account_of(customer)
    assert (account.balance, account.available, account.next_expiry) == (0, 0, None)


def test_a_refund_repeated_takes_its_points_once(customer: Customer) -> None:
    order = bought(customer)
    for _ in range(3):
        give_back(order, 4000, key="once")
    assert account_of(customer).balance == 300


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_an_order_given_back_in_any_parts_takes_back_exactly_what_it_earned(
    parts: list[int], customer: Customer
) -> None:
    account = account_of(customer)
    before = account.balance
    order = bought(customer, sum(parts))
    for part in parts:
        give_back(order, part)
        order.refresh_from_db()
        left = order.total_minor - order.refunded_minor
        assert account_of(customer).balance - before == left // 100 * 5  # what it would have earned
    assert account_of(customer).balance == before


def test_an_order_that_earned_nothing_takes_nothing_back(customer: Customer) -> None:
    stranger = make.make_customer(brand=customer.brand)
    order = bought(stranger)
    loyalty.services.enrol(stranger)
    give_back(order, 10_000)
    give_back(bought(customer, 99), 99)
    assert not Entry.objects.exists()


def test_a_rate_changed_since_then_does_not_matter(customer: Customer) -> None:
    order = bought(customer)
    rule = account_of(customer).programme.earning_rules.get()
    go_live(draft_version(rule, points_per_unit=50))
    give_back(order, 10_000)
    assert account_of(customer).balance == 0


def test_its_own_lot_goes_first_though_others_expire_sooner(customer: Customer) -> None:
    earn(account_of(customer), 70, contra="issue.event", by=None, key="g", at=NOON, months=1)
    order = bought(customer, placed_at=NOON + timedelta(days=1))
    give_back(order, 10_000, at=NOON + timedelta(days=2))
    assert list(account_of(customer).lots.order_by("id").values_list("remaining", flat=True)) == [70, 0]


def test_what_is_spent_already_comes_from_other_points_then_is_owed(customer: Customer) -> None:
    order = bought(customer)
    redeem(account_of(customer), 500, by=None, key="s1", at=NOON)
    earn(account_of(customer), 120, contra="issue.event", by=None, key="g", at=NOON)
    give_back(order, 10_000)
    account = account_of(customer)
    assert (account.balance, account.available, account.worth()) == (-380, 0, 0)
    assert not account.lots.filter(is_open=True).exists()


def test_what_is_earned_next_pays_what_is_owed_first(customer: Customer) -> None:
    order = bought(customer)
    redeem(account_of(customer), 500, by=None, key="s1", at=NOON)
    give_back(order, 10_000)
    first, second = (bought(customer, 6000, placed_at=LATER) for _ in range(2))
    assert first.pk < second.pk
    lots = account_of(customer).lots.order_by("id")
    assert list(lots.values_list("granted", "remaining", "is_open")) == [
        (500, 0, False),
        (300, 0, False),
        (300, 100, True),
    ]
    assert account_of(customer).available == 100
    expect_sound(account_of(customer))


def test_points_that_paid_a_debt_are_owed_again_when_their_order_comes_back(customer: Customer) -> None:
    order = bought(customer)
    redeem(account_of(customer), 500, by=None, key="s1", at=NOON)
    give_back(order, 10_000)
    give_back(bought(customer, 6000, placed_at=LATER), 6000)
    assert account_of(customer).balance == -500


def test_a_programme_that_clamps_forgives_what_is_not_there(customer: Customer) -> None:
    programme = account_of(customer).programme
    programme.clawback = "clamp"
    programme.save(update_fields=["clawback"])
    order = bought(customer)
    redeem(account_of(customer), 450, by=None, key="s1", at=NOON)
    give_back(order, 6000)
    give_back(order, 4000)
    assert account_of(customer).balance == 0
    moved = list(Entry.objects.filter(kind="reverse").order_by("seq").values_list("points", "qualifying"))
    assert moved == [(-50, -300), (0, -200)]


def test_what_is_forgiven_is_not_asked_for_again(customer: Customer) -> None:
    programme = account_of(customer).programme
    programme.clawback = "clamp"
    programme.save(update_fields=["clawback"])
    order = bought(customer)
    redeem(account_of(customer), 500, by=None, key="s1", at=NOON)
    give_back(order, 6000)
    make.give(account_of(customer), 1000, at=LATER)
    give_back(order, 4000)
    assert account_of(customer).balance == 800


def test_what_has_expired_is_not_taken_a_second_time(customer: Customer) -> None:
    order = bought(customer, placed_at=LONG_AGO)
    redeem(account_of(customer), 120, by=None, key="s1", at=LONG_AGO)
    end = account_of(customer).next_expiry
    assert end is not None
    expire(account_of(customer), at=end)
    give_back(order, 10_000, at=end)
    assert account_of(customer).balance == -120


def test_a_refund_of_expired_points_first_lets_them_expire(customer: Customer) -> None:
    order = bought(customer, placed_at=LONG_AGO)
    end = account_of(customer).next_expiry
    assert end is not None
    give_back(order, 10_000, at=end)
    assert [entry.kind for entry in Entry.objects.order_by("seq")] == ["earn", "expire", "reverse"]
    assert account_of(customer).balance == 0


def test_spent_then_expired_in_parts_is_charged_for_what_was_spent(customer: Customer) -> None:
    order = bought(customer, placed_at=LONG_AGO)
    redeem(account_of(customer), 200, by=None, key="s1", at=LONG_AGO)
    give_back(order, 4000, at=LONG_AGO + timedelta(days=9))
    end = account_of(customer).next_expiry
    assert end is not None
    give_back(order, 6000, at=end)
    assert account_of(customer).balance == -200


def test_a_refund_counts_against_the_year_of_its_order(customer: Customer) -> None:
    december = make.instant("2025-12-31T23:30+01:00")
    order = bought(customer, placed_at=december)
    give_back(order, 10_000, at=make.instant("2026-01-10T12:00+01:00"))
    account = account_of(customer)
    assert (of_tier(account, december).points, of_tier(account, LATER).points) == (0, 0)
    assert Entry.objects.get(kind="reverse").counts_at == december


def test_a_refund_leaves_the_tier_that_was_reached(customer: Customer) -> None:
    order = bought(customer)
    assert account_of(customer).tier.code == "silver"
    give_back(order, 10_000)
    assert account_of(customer).tier.code == "silver"


def test_buying_and_giving_back_again_and_again_reaches_no_tier(customer: Customer) -> None:
    for _ in range(5):
        give_back(bought(customer, 9900), 9900)
    assert account_of(customer).tier.code == "bronze"


def test_points_of_a_frozen_account_follow_the_money(customer: Customer) -> None:
    order = bought(customer)
    Account.objects.filter(customer=customer).update(status="frozen")
    give_back(order, 10_000)
    assert account_of(customer).balance == 0


def test_held_points_are_taken_too_and_nothing_can_be_spent_of_a_debt(customer: Customer) -> None:
    order = bought(customer)
    hold(account_of(customer), 100, by=None, key="h", until=clock.now() + timedelta(hours=1), at=NOON)
    give_back(order, 10_000)
    assert (account_of(customer).balance, account_of(customer).available) == (0, 0)


def test_points_follow_every_refund_because_loyalty_asked_customers_to_tell(db: None) -> None:
    steps = [
        loyalty.services.lock_for_refund, loyalty.services.take_back_for_refund, loyalty.services.lower_after_refund,
        loyalty.services.take_back_referral_for_refund,
    ]  # fmt: skip
    assert steps == customers.services.REFUND_STEPS


def test_several_lines_of_several_refunds_add_up(customer: Customer) -> None:
    lines = [Line("S1", "Rain jacket", 4990), Line("S2", "Hat", 1009)]
    order = record_order(customer, "A-7", lines=lines, placed_at=NOON)
    jacket, hat = order.lines.all()
    refund_order(order, [Refund(hat, 1009)], key="r1")
    assert account_of(customer).balance == 49 * 5
    refund_order(order, [Refund(jacket, 4990)], key="r2")
    assert account_of(customer).balance == 0
