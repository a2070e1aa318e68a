"""Earning and spending in the database, and in the book in Python: both write the same, line by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty import functions, tier_windows
from loyalty.models import Account, Entry
from loyalty.services import Gift, earn, earn_many, redeem, reverse
from loyalty.services.book import Book
from tests import make
from tests.loyalty.test_ledger_property import expect_sound

START = make.instant("2026-01-01T12:00+01:00")
KEYS = st.sampled_from(["k1", "k2", "k3", "k4", "k5", "k6"])
DEEDS = st.tuples(
    st.sampled_from(["earn", "earn", "redeem", "back"]), st.integers(1, 300), st.integers(1, 6), KEYS,
    st.integers(0, 60),
)  # fmt: skip
ZONES = ["Europe/Berlin", "America/Havana", "Asia/Beirut", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]


def spend_by_the_book(account: Account, points: int, key: str, at: datetime) -> None:
    """`redeem` as the book in Python has it."""
    book = Book.lock(account)
    request = keys.digest("redeem", account.pk, points, "redeem.reward", "", "")
    if book.earlier(key, request):
        return
    book.expect_active()
    book.expire_first(at)
    book.expect_available(points)
    entry = book.post("redeem", -points, contra="redeem.reward", key=key, request=request, at=at, by=None)
    book.use(entry, book.in_spending_order(), points)
    book.account.lifetime_redeemed += points
    book.keep()


def told(story: list[Any], *, in_sql: bool) -> list[Any]:
    """The ledger after a story, and what was refused, without the names that differ from one account to the other."""
    account = make.make_member().account
    at, prefix, refusals = START, make.unique("story"), []
    for step, (deed, points, months, key, days) in enumerate(story):
        key, at = f"{prefix}:{key}", at + timedelta(days=days)
        try:
            with clock.standing_at(at):
                if deed == "back":
                    if given := account.entries.filter(kind="earn").order_by("-seq").first():
                        reverse(account, given, points, by=None, key=f"{key}:{step}", at=at)
                elif deed == "earn":
                    gift = Gift(account.pk, points, "issue.order", key, at, points // 2, months)
                    if in_sql:
                        earn(
                            account, points, contra="issue.order", by=None, key=key, at=at, months=months,
                            qualifying=points // 2,
                        )  # fmt: skip
                    else:
                        earn_many([gift])
                elif in_sql:
                    redeem(account, points, by=None, key=key, at=at)
                else:
                    spend_by_the_book(account, points, key, at)
        except Refused as refusal:
            refusals.append((step, refusal.code, refusal.details.get("available"), refusal.sentence))
    expect_sound(account)
    return [refusals, *ledger_of(account, prefix)]


def ledger_of(account: Account, prefix: str) -> list[Any]:
    entries = account.entries.order_by("seq")
    account = Account.objects.select_related("tier").get(pk=account.pk)
    figures = (
        "balance",
        "held",
        "version",
        "lifetime_earned",
        "lifetime_redeemed",
        "lifetime_expired",
        "next_expiry",
    )
    keys_used = [entry.key.removeprefix(prefix) for entry in entries if entry.kind != "expire"]
    moved = entries.values_list(
        "seq", "kind", "contra", "points", "qualifying", "balance_after", "occurred_at", "posted_at", "counts_at",
        "group", "source", "reason", "actor", "breakdown",
    )  # fmt: skip
    lots = account.lots.order_by("entry__seq").values_list(
        "entry__seq", "granted", "remaining", "is_open", "contra", "expires_at", "origin"
    )
    uses = (
        entries.exclude(uses=None)
        .order_by("seq", "uses__id")
        .values_list("seq", "uses__points", "uses__lot__entry__seq")
    )
    tier = account.tier and account.tier.code
    return [
        keys_used,
        list(moved),
        list(lots),
        list(uses),
        [getattr(account, name) for name in figures],
        tier,
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(DEEDS, max_size=14))
def test_what_the_database_writes_is_what_the_book_writes(story: list[Any], db: None) -> None:
    assert told(story, in_sql=True) == told(story, in_sql=False)


def test_the_keys_and_digests_of_what_expires_are_the_same(member: Customer) -> None:
    end = Account.objects.get(pk=member.account.pk).next_expiry
    with clock.standing_at(end):
        earn(member.account, 5, contra="issue.order", by=None, key="e1")
    entry = member.account.entries.get(kind="expire")
    assert entry.key == f"exp:{member.account.pk}:1"
    assert entry.request_hash == keys.digest(entry.key)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.timedeltas(timedelta(days=-4000), timedelta(days=4000)).map(START.__add__),
    months=st.integers(1, 60),
    zone=st.sampled_from(ZONES),
)
def test_months_end_at_the_same_midnight_in_the_database_and_in_python(
    at: datetime, months: int, zone: str, db: None
) -> None:
    assert in_database(at, months, zone) == tier_windows.months_on(at, months, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        ("2024-10-02T12:00+00:00", "America/Havana"),  # on 3 November 2024 its midnight comes twice
        ("2016-09-15T12:00+00:00", "America/Sao_Paulo"),  # on 16 October 2016 it had none
        ("2024-01-30T12:00+00:00", "Europe/Berlin"),
    ],
)
def test_midnights_that_come_twice_or_never_are_the_same_in_both(at: str, zone: str, db: None) -> None:
    for months in (1, 13):
        moment = make.instant(at)
        assert in_database(moment, months, zone) == tier_windows.months_on(moment, months, ZoneInfo(zone))


def in_database(at: datetime, months: int, zone: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT loyalty_months_on(%s, %s, %s)", [at, months, zone])
        return cursor.fetchone()[0].astimezone(UTC)


def test_the_functions_of_the_database_are_those_of_the_files(db: None) -> None:
    assert functions.installed() == functions.newest()
    assert not run_checks(tags=["database"], databases=["default"])


def test_control_a_function_changed_by_hand_is_told(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('loyalty_redeem'::regproc)")
        cursor.execute(cursor.fetchone()[0].replace("account.balance - points", "account.balance"))
    assert [error.id for error in run_checks(tags=["database"], databases=["default"])] == ["loyalty.E001"]


def test_a_database_of_before_is_migrated_and_not_refused(own_db: str) -> None:
    call_command("migrate", "loyalty", "0042", verbosity=0, skip_checks=False)
    assert functions.installed() != functions.newest()
    call_command("migrate", verbosity=0, skip_checks=False)
    assert functions.installed() == functions.newest()


def test_a_spend_is_one_call(member: Customer, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        redeem(member.account, 5, by=None, key="r1")
    with django_assert_num_queries(1):
        earn(member.account, 5, contra="issue.event", by=None, key="e1")
    assert Entry.objects.filter(account=member.account).count() == 3


def test_an_account_that_is_not_there_is_refused(db: None) -> None:
    with pytest.raises(Refused) as refusal:
        redeem(Account(pk=0), 5, by=None, key="r1")
    assert refusal.value.code == "no_account"
