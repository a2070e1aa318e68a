from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from agents.models import Agent, Brand
from contactcenter import clock, keys
from customers.models import Customer
from loyalty.models import Account, LotUse, Programme
from loyalty.progress import expiring_soon
from loyalty.services import adjust, earn, expire, expire_some, hold, redeem, release
from loyalty.tasks import expire_due
from tests import make
from tests.loyalty.test_ledger_property import expect_sound


def now_of(member: Customer) -> Account:
    return Account.objects.get(pk=member.account.pk)


def test_points_live_to_the_end_of_the_day_in_the_zone_of_the_programme(member: Customer) -> None:
    at = make.instant("2026-01-15T23:30-03:00")  # in Berlin it is the 16th already
    lot = earn(member.account, 10, contra="issue.order", by=None, key="e1", at=at, months=6).lot
    assert lot.expires_at == make.instant("2026-07-17T00:00+02:00")


def test_points_expire_at_that_midnight_and_not_a_moment_before(member: Customer) -> None:
    end = now_of(member).next_expiry
    assert expire(member.account, at=end - timedelta(microseconds=1)) is None
    entry = expire(member.account, at=end)
    assert (entry.points, entry.kind, entry.contra) == (-1000, "expire", "expire")
    account = now_of(member)
    assert (account.balance, account.lifetime_expired, account.next_expiry) == (0, 1000, None)


def test_expiring_twice_takes_the_points_once(member: Customer) -> None:
    end = now_of(member).next_expiry
    assert expire(member.account, at=end) is not None
    assert expire(member.account, at=end) is None
    assert now_of(member).version == 2


def test_only_the_lots_that_are_due_expire(member: Customer) -> None:
    account = member.account
    earn(account, 40, contra="issue.event", by=None, key="e1", months=1)
    first = now_of(member).next_expiry
    assert expire(account, at=first).points == -40
    account = now_of(member)
    assert account.balance == 1000
    assert account.next_expiry == account.lots.get(is_open=True).expires_at


def test_held_points_outlive_their_lot_until_the_hold_ends(member: Customer) -> None:
    end = now_of(member).next_expiry
    held = hold(member.account, 300, by=None, key="h1", until=end + timedelta(days=2))
    assert expire(member.account, at=end).points == -700
    assert now_of(member).balance == 300
    with clock.standing_at(end + timedelta(days=1)):
        release(held, by=None)
    last = member.account.entries.order_by("seq").last()
    assert (last.kind, last.points, last.balance_after) == ("expire", -300, 0)


@pytest.mark.parametrize(("held", "runs"), [(300, [1, 0]), (1000, [0, 0])])
def test_the_sweep_ends_though_held_points_are_overdue(member: Customer, held: int, runs: list[int]) -> None:
    Account.objects.filter(pk=member.account.pk).update(held=held)
    end = now_of(member).next_expiry
    assert [expire_some(at=end) for _ in range(2)] == runs
    assert now_of(member).balance == held


def test_the_sweep_takes_every_account_that_is_due_some_at_a_time_and_then_has_nothing_left(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.services.expiry.AT_A_TIME", 2)
    members = [make.make_member(points=100) for _ in range(3)]
    end = max(now_of(member).next_expiry for member in members)
    assert [expire_some(at=end) for _ in range(3)] == [2, 1, 0]
    assert {now_of(member).balance for member in members} == {0}


def test_many_accounts_at_once_are_the_same_as_each_alone(programme: Programme) -> None:
    """Lots that ended, that did not, that are half spent and half held, several that end in one instant."""
    now = clock.now().replace(microsecond=0)
    with clock.standing_at(now):
        for _ in range(2):
            ended, held = (make.make_member(brand=programme.brand).account for _ in range(2))
            for account in (ended, held):
                for number, months in enumerate((1, 1, 2, 24)):
                    earn(
                        account,
                        100 + number,
                        contra="issue.order",
                        by=None,
                        key=make.unique(),
                        at=now,
                        months=months,
                    )
                redeem(account, 30, by=None, key=make.unique())
            hold(held, 200, by=None, key=make.unique(), until=now + timedelta(days=900))
    alone, together = (Account.objects.order_by("pk")[start : start + 2] for start in (0, 2))
    at = now + timedelta(days=90)
    for account in alone:
        expire(account, at=at)
    assert expire_some(at=at) == 2
    for one, other in zip(alone.all(), together.all(), strict=True):
        assert told(one) == told(other)
        expect_sound(other)


def test_many_at_once_are_planned_for_as_many_as_there_are(db: None) -> None:
    # A guard: a plan for any number takes the accounts for few. It once made the sixth batch ten times slower.
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'loyalty_expire_all'")
        assert cursor.fetchone()[0] == ["plan_cache_mode=force_custom_plan"]


def told(account: Account) -> list[Any]:
    """All that an account says of itself but for whose it is."""
    lots = account.lots.order_by("id").values_list("granted", "remaining", "is_open", "expires_at")
    uses = LotUse.objects.filter(entry__account=account).order_by("id").values_list("entry__seq", "points")
    lines = [
        (one.seq, one.kind, one.contra, one.points, one.balance_after, one.occurred_at, one.breakdown)
        for one in account.entries.order_by("seq")
    ]
    keys_ = [
        (one.key.replace(str(account.pk), ""), one.request_hash == keys.digest(one.key))
        for one in account.entries.filter(kind="expire")
    ]
    figures = Account.objects.values_list("balance", "version", "held", "next_expiry", "lifetime_expired")
    return [*lots, *sorted(uses), *lines, *keys_, figures.get(pk=account.pk)]


def test_the_sweep_leaves_what_is_not_due(member: Customer) -> None:
    assert expire_some() == 0


def test_the_clocks_task_expires_what_ended_by_now(member: Customer) -> None:
    long_ago = clock.now() - timedelta(days=400)
    earn(member.account, 10, contra="issue.order", by=None, key="e1", at=long_ago, months=1)
    expire_due()
    assert now_of(member).balance == 1000


def test_what_ends_within_thirty_days_is_told(member: Customer) -> None:
    end = now_of(member).next_expiry
    assert expiring_soon(now_of(member), at=end - timedelta(days=31)) is None
    soon = expiring_soon(now_of(member), at=end - timedelta(days=29))
    last_day = end.astimezone(ZoneInfo("Europe/Berlin")).date() - timedelta(days=1)
    assert (soon.points, soon.last_day) == (1000, last_day)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Europe/Berlin"])
def test_the_last_day_is_that_of_the_programme_wherever_the_reader_sits(zone: str, brand: Brand) -> None:
    make.make_programme(brand=brand, time_zone=zone)
    member = make.make_member(brand=brand)
    noon = datetime(2026, 10, 31, 12, tzinfo=ZoneInfo(zone))
    earn(member.account, 10, contra="issue.order", by=None, key="e1", at=noon, months=1)
    soon = expiring_soon(now_of(member), at=noon + timedelta(days=10))
    assert soon.last_day == date(2026, 11, 30)


def test_points_that_end_at_one_instant_are_told_together(member: Customer) -> None:
    earn(member.account, 40, contra="issue.order", by=None, key="e1")
    account = now_of(member)
    assert expiring_soon(account, at=account.next_expiry).points == 1040


def test_no_deed_of_the_future_expires_the_points_of_today(member: Customer, supervisor: Agent) -> None:
    account, future = member.account, now_of(member).next_expiry
    earn(account, 10, contra="issue.order", by=None, key="e1", at=future)
    redeem(account, 5, by=None, key="r1", at=future)
    adjust(account, -1, by=supervisor, reason="typo", key="a1", at=future)
    assert (now_of(member).balance, now_of(member).lifetime_expired) == (1004, 0)
    assert expire(account, at=future).points == -994
