"""Many orders at once leave the ledger that the same orders leave one after the other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Brand
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Purchase, record_order, record_orders
from loyalty.models import Account, Entry
from loyalty.services import Gift, earn, earn_many, redeem
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.loyalty.test_rules import run_campaign, set_rule
from tests.together import at_once

START = make.instant("2023-01-15T12:00+01:00")
NOW = make.instant("2026-05-01T12:00+02:00")
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 2),  # which customer
        st.integers(0, 60_000),  # minor units
        st.integers(0, 1200),  # days after the start
        st.sampled_from(["placed", "delivered", "cancelled", "returned"]),
    ),
    max_size=40,
)


def buyers(brand: Brand) -> list[Customer]:
    """Two members, of whom one has spent more than is left, and one who is no member."""
    members = [make.make_member(brand=brand) for _ in range(2)]
    make.give(members[0].account, 700, at=START - timedelta(days=400), qualifying=400)
    return [*members, make.make_customer(brand=brand)]


def ledger_of(customer: Customer) -> list[Any]:
    """Everything the ledger says of a customer, without the names that differ from one to the other."""
    account = Account.objects.filter(customer=customer).first()
    if account is None:
        return []
    expect_sound(account)
    entries = account.entries.order_by("seq").values_list(
        "seq",
        "kind",
        "contra",
        "points",
        "qualifying",
        "balance_after",
        "occurred_at",
        "counts_at",
        "breakdown",
    )
    lots = account.lots.order_by("entry__seq").values_list("entry__seq", "granted", "remaining", "expires_at")
    uses = account.entries.exclude(uses=None).order_by("seq", "uses__id")
    return [
        list(entries), list(lots), list(uses.values_list("seq", "uses__points", "uses__lot__entry__seq")),
        account.balance, account.version, account.next_expiry, account.tier and account.tier.code,
        account.lifetime_earned, account.lifetime_expired,
    ]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS)
def test_many_orders_at_once_are_the_same_as_one_after_the_other(orders: list[Any], db: None) -> None:
    ledgers = []
    for at_a_time in (1, 100):
        brand = make.make_brand()
        make.make_programme(brand=brand)
        who = buyers(brand)
        purchases = [
            Purchase(
                f"A-{number}",
                who[rank].pk,
                START + timedelta(days=days),
                [Line("S", "Shoe", amount)],
                status,
            )
            for number, (rank, amount, days, status) in enumerate(orders)
        ]
        if at_a_time == 1:
            for one in purchases:
                customer = Customer.objects.get(pk=one.customer)
                record_order(
                    customer, one.number, lines=one.lines, placed_at=one.placed_at, status=one.status
                )
        else:
            assert record_orders(brand, purchases) == ["taken"] * len(purchases)
        assert record_orders(brand, purchases) == ["known"] * len(purchases)
        ledgers.append([ledger_of(customer) for customer in who])
    assert ledgers[0] == ledgers[1]


def test_an_order_is_paid_once_whichever_way_it_comes_second(member: Customer) -> None:
    at = START + timedelta(days=1)
    lines = [Line("S", "Shoe", 5000)]
    purchase = Purchase("A-1", member.pk, at, lines)
    record_order(member, "A-1", lines=lines, placed_at=at)
    assert record_orders(member.brand, [purchase]) == ["known"]
    second = Purchase("A-2", member.pk, at, lines)
    assert record_orders(member.brand, [second]) == ["taken"]
    record_order(member, "A-2", lines=lines, placed_at=at)
    assert Entry.objects.filter(contra="issue.order", source__startswith="order:").count() == 2


def test_a_known_number_with_other_content_is_refused_and_the_rest_is_taken(member: Customer) -> None:
    make.make_order(customer=member, number="A-1")
    lines = [Line("S", "Shoe", 100)]
    outcomes = record_orders(
        member.brand, [Purchase(number, member.pk, START, lines) for number in ("A-1", "A-2")]
    )
    assert isinstance(outcomes[0], Refused)
    assert (outcomes[0].code, outcomes[1]) == ("order_conflict", "taken")


def test_gifts_in_bulk_pay_a_debt_and_know_their_keys(member: Customer) -> None:
    account = member.account
    Account.objects.filter(pk=account.pk).update(status="frozen")
    gift = Gift(account.pk, 10, "issue.campaign", "k1", START)
    assert earn_many([gift]) == 0
    Account.objects.filter(pk=account.pk).update(status="active")
    assert earn_many([gift, gift]) == 1
    assert earn_many([gift]) == 0
    assert earn(account, 10, contra="issue.campaign", by=None, key="k1", at=START).points == 10
    with pytest.raises(Refused) as refusal:
        earn_many([Gift(account.pk, 11, "issue.campaign", "k1", START)])
    assert refusal.value.code == "key_conflict"


def shopping(member: Customer, prefix: str, count: int = 30) -> partial[list[str | Refused]]:
    lines = [Line("S", "Shoe", 1000)]
    purchases = [Purchase(f"{prefix}{number}", member.pk, NOW, lines) for number in range(count)]
    return partial(record_orders, member.brand, purchases)


@pytest.mark.race
def test_many_orders_beside_live_gifts_and_spends_leave_a_ledger_that_adds_up(own_db: str) -> None:
    for round_ in range(3):
        member = make.make_member(points=100)
        live = [
            partial(earn, member.account, 10, contra="issue.order", by=None, key=make.unique())
            for _ in range(2)
        ]
        spends = [partial(redeem, member.account, 30, by=None, key=make.unique()) for _ in range(2)]
        answers = at_once(shopping(member, f"A{round_}-"), shopping(member, f"B{round_}-"), *live, *spends)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        expect_sound(member.account)
        assert Account.objects.get(customer=member).balance == 100 + 60 * 50 + 20 - 60


@pytest.mark.race
def test_the_same_orders_twice_at_once_are_written_once(own_db: str) -> None:
    member = make.make_member()
    answers = at_once(shopping(member, "A-"), shopping(member, "A-"))
    assert [type(answer) for answer in answers].count(IntegrityError) == 1
    assert shopping(member, "A-")() == ["known"] * 30
    assert (Order.objects.count(), Account.objects.get(customer=member).balance) == (30, 30 * 50)


@pytest.mark.race
def test_control_without_the_lock_two_bulks_of_gifts_collide(own_db: str) -> None:
    member = make.make_member(points=100)
    gifts = [Gift(member.account.pk, 5, "issue.campaign", f"k{number}", START) for number in range(30)]
    other = [Gift(member.account.pk, 5, "issue.campaign", f"l{number}", START) for number in range(30)]
    answers = at_once(partial(earn_many, gifts), partial(earn_many, other), unlocked=True)
    assert [type(answer) for answer in answers].count(IntegrityError) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(orders=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60_000), st.integers(0, 3)), max_size=14))
def test_many_at_once_are_the_same_also_where_tiers_caps_and_campaigns_look_at_what_came_before(
    orders: list[Any], db: None
) -> None:
    ledgers = []
    for at_a_time in (1, 100):
        brand = make.make_brand()
        programme = make.make_programme(brand=brand)
        terms = {"tier_percents": {"silver": 133, "gold": 200}, "rounding": "nearest", "cap_per_day": 900}
        set_rule(programme, at=START - timedelta(days=2), counts="base", **terms)
        set_rule(programme, at=START - timedelta(days=2), code="shoes", bonus=7, categories=["shoes"])
        run_campaign(
            programme, starts_at=START, ends_at=START + timedelta(days=2), percent=150, tiers=["silver"]
        )
        who = [make.make_member(brand=brand) for _ in range(2)]
        purchases = [
            Purchase(
                f"A-{number}", who[rank].pk, START + timedelta(days=days),
                [Line("S", "Shoe", amount, category="shoes" if amount % 2 else "hats")],
            )
            for number, (rank, amount, days) in enumerate(orders)
        ]  # fmt: skip
        for start in range(0, len(purchases), at_a_time):
            record_orders(brand, purchases[start : start + at_a_time])
        ledgers.append([ledger_of(customer) for customer in who])
    assert ledgers[0] == ledgers[1]


def test_rules_are_read_once_for_however_many_orders(member: Customer) -> None:
    set_rule(member.account.programme, at=START - timedelta(days=2), categories=["shoes"], points_per_unit=7)
    asked = []
    for count in (3, 60):
        lines = [Line("S", "Shoe", 1000, category="shoes")]
        purchases = [Purchase(make.unique("Q"), member.pk, START, lines) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            record_orders(member.brand, purchases)
        asked.append(len([query for query in queries if "loyalty_ruleversion" in query["sql"]]))
    assert asked == [1, 1]
