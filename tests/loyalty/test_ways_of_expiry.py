"""Points end by age, by inactivity, or on a fixed day; and members are told before, once each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import Customer, Notice
from customers.services import record_consent
from loyalty import tier_windows
from loyalty.expiry_ends import asleep_since, fixed_day
from loyalty.models import Account, Lot, Programme
from loyalty.services import expire, expire_sleepers, freeze, hold, redeem, release, write_warnings
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once

BERLIN = ZoneInfo("Europe/Berlin")
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 12, 31))  # noqa: DTZ001  local times


@pytest.mark.parametrize(
    ("earned", "months", "month", "day", "ends"),
    [
        ("2025-05-10T12:00+02:00", 12, 12, 31, "2027-01-01T00:00+01:00"),
        ("2025-12-31T23:30+01:00", 12, 12, 31, "2027-01-01T00:00+01:00"),
        ("2026-01-01T00:00+01:00", 12, 12, 31, "2028-01-01T00:00+01:00"),
        ("2025-05-10T12:00+02:00", 12, 3, 31, "2027-04-01T00:00+02:00"),
        ("2025-02-01T12:00+01:00", 1, 2, 29, "2026-03-01T00:00+01:00"),
        ("2027-06-01T12:00+02:00", 1, 2, 29, "2028-03-01T00:00+01:00"),
    ],
)
def test_a_fixed_day_is_the_first_on_which_points_are_old_enough(
    earned: str, months: int, month: int, day: int, ends: str
) -> None:
    at = make.instant(earned)
    assert fixed_day(at, months, BERLIN, month=month, day=day) == make.instant(ends)


@given(last=INSTANTS, now=INSTANTS, months=st.integers(1, 36))
def test_who_sleeps_is_told_from_who_does_not_by_one_instant(
    last: datetime, now: datetime, months: int
) -> None:
    last, now = last.replace(tzinfo=BERLIN), now.replace(tzinfo=BERLIN)
    over = tier_windows.months_on(last, months, BERLIN) <= now
    assert (last < asleep_since(now, months, BERLIN)) == over


def set_up(programme: Programme, **fields: Any) -> None:
    Programme.objects.filter(pk=programme.pk).update(**fields)


@pytest.fixture
def sleeper(programme: Programme, brand: Any) -> Account:
    """A member of a programme of six months; joined and earned 300 points on 10 January 2026."""
    set_up(programme, expiry_mode="inactivity", inactivity_months=6)
    account = make.make_member(brand=brand).account
    at = make.instant("2026-01-10T23:30+01:00")
    Account.objects.filter(pk=account.pk).update(joined_at=at)
    make.give(account, 300, at=at)
    account.refresh_from_db()
    return account


OVER = make.instant("2026-07-11T00:00+02:00")
BEFORE = OVER - timedelta(microseconds=1)


def balance(account: Account) -> int:
    account.refresh_from_db()
    expect_sound(account)
    return account.balance


def test_the_mode_gives_each_lot_its_end(programme: Programme, brand: Any) -> None:
    at = make.instant("2026-05-10T12:00+02:00")
    ends = []
    for fields in (
        {"expiry_mode": "age"},
        {"expiry_mode": "fixed_day", "expiry_month": 12, "expiry_day": 31},
        {"expiry_mode": "inactivity", "inactivity_months": 6},
    ):
        set_up(programme, **fields)
        account = make.make_member(brand=brand).account
        make.give(account, 5, at=at)
        ends.append(Lot.objects.get(account=account).expires_at)
    assert ends == [make.instant("2028-05-11T00:00+02:00"), make.instant("2029-01-01T00:00+01:00"), None]


def test_who_does_nothing_for_six_months_loses_all_at_the_local_midnight(sleeper: Account) -> None:
    assert expire_sleepers(at=BEFORE) == 0
    assert balance(sleeper) == 300
    assert [expire_sleepers(at=OVER), expire_sleepers(at=OVER)] == [1, 0]
    assert balance(sleeper) == 0
    assert sleeper.lifetime_expired == 300


def test_a_deed_within_the_time_keeps_all_points_for_six_months_more(sleeper: Account) -> None:
    redeem(sleeper, 100, by=None, key="r", at=make.instant("2026-07-10T23:59+02:00"))
    assert expire_sleepers(at=OVER) == 0
    assert balance(sleeper) == 200
    assert expire_sleepers(at=make.instant("2027-01-11T00:00+01:00")) == 1
    assert balance(sleeper) == 0


def test_what_is_held_stays_until_its_hold_ends(sleeper: Account) -> None:
    held = hold(sleeper, 100, by=None, key="h", at=BEFORE, until=OVER + timedelta(days=1))
    assert expire_sleepers(at=OVER) == 1
    assert balance(sleeper) == 100
    release(held, by=None, at=OVER + timedelta(hours=1))
    expire(sleeper, at=OVER + timedelta(hours=1))
    assert balance(sleeper) == 0


def test_a_frozen_account_and_one_of_a_programme_by_age_do_not_sleep_off(
    sleeper: Account, other_brand: Any, supervisor: Any
) -> None:
    other = make.make_member(brand=other_brand).account
    Account.objects.filter(pk=other.pk).update(joined_at=sleeper.joined_at)
    make.give(other, 50, at=sleeper.joined_at)
    freeze(sleeper, by=supervisor, reason="suspected_fraud")
    assert expire_sleepers(at=OVER) == 0
    assert (balance(sleeper), balance(other)) == (300, 50)


@pytest.mark.race
def test_of_two_clocks_at_once_points_end_once(own_db: str) -> None:
    for _ in range(3):
        programme = make.make_programme(expiry_mode="inactivity", inactivity_months=6)
        account = make.make_member(brand=programme.brand).account
        at = make.instant("2026-01-10T12:00+00:00")
        Account.objects.filter(pk=account.pk).update(joined_at=at)
        make.give(account, 300, at=at)
        done = at_once(*(partial(expire_sleepers, at=OVER + timedelta(days=2)) for _ in range(2)))
        assert sum(done) == 1
        assert balance(account) == 0


NOW = make.instant("2026-05-10T12:00+02:00")


def ending(member: Customer) -> datetime:
    """The member's only lot, and when it ends."""
    return Lot.objects.get(account=member.account).expires_at


@pytest.fixture
def saver(brand: Any, programme: Programme) -> Customer:
    """A member with 300 points that end at one midnight in two years."""
    member = make.make_member(brand=brand)
    make.give(member.account, 300, at=NOW)
    return member


def told() -> list[str]:
    return [key.rpartition(":")[2] for key in Notice.objects.order_by("pk").values_list("key", flat=True)]


def test_a_member_is_told_thirty_seven_and_one_days_before_and_never_twice(saver: Customer) -> None:
    end = ending(saver)
    for hours in range(32 * 24, -2, -6):
        write_warnings(at=end - timedelta(hours=hours))
    assert told() == ["30", "7", "1"]
    notice = Notice.objects.earliest("pk")
    assert notice.key == f"warn:{saver.account.pk}:2028-05-10:30"
    assert (notice.context["points"], notice.until) == (300, end)


def test_what_ends_sooner_than_a_warning_is_told_by_the_nearest_alone(saver: Customer) -> None:
    end = ending(saver)
    assert [write_warnings(at=end - timedelta(days=3)) for _ in range(2)] == [1, 0]
    assert told() == ["7"]


def test_nobody_is_told_who_may_not_be_written_to(saver: Customer, brand: Any, supervisor: Any) -> None:
    at = ending(saver) - timedelta(days=5)
    record_consent(saver, "programme", given=False, source="call")
    nowhere = make.make_member(brand=brand, mail="")
    frozen = make.make_member(brand=brand)
    for member in (nowhere, frozen):
        make.give(member.account, 10, at=NOW)
    freeze(frozen.account, by=supervisor, reason="suspected_fraud")
    assert write_warnings(at=at) == 0
    record_consent(saver, "programme", given=True, source="call")
    assert write_warnings(at=at) == 1


def test_points_that_were_spent_are_not_warned_of(saver: Customer) -> None:
    redeem(saver.account, 300, by=None, key="r")
    assert write_warnings(at=ending(saver) - timedelta(days=5)) == 0


def test_the_letter_names_what_the_points_would_do(saver: Customer, brand: Any) -> None:
    for name, points in (("Mug", 100), ("Lamp", 250), ("Sofa", 9000)):
        make.make_reward(brand=brand, name=name, points=points)
    write_warnings(at=ending(saver) - timedelta(days=5))
    assert Notice.objects.get().context["offer"] == "Lamp"


def test_a_sleeper_is_warned_too_until_they_wake(sleeper: Account) -> None:
    assert write_warnings(at=OVER - timedelta(days=31)) == 0
    for days in (30, 8, 7):
        write_warnings(at=OVER - timedelta(days=days))
    assert told() == ["30", "7"]
    assert Notice.objects.earliest("pk").context == {
        "points": 300, "programme": sleeper.programme.name, "last_day": "2026-07-10", "offer": "",
    }  # fmt: skip
    redeem(sleeper, 10, by=None, key="r", at=OVER - timedelta(days=2))
    assert write_warnings(at=OVER - timedelta(hours=5)) == 0


@pytest.mark.race
def test_of_two_clocks_at_once_one_letter_is_written(own_db: str) -> None:
    member = make.make_member()
    make.give(member.account, 300, at=NOW)
    at = ending(member) - timedelta(days=5)
    at_once(partial(write_warnings, at=at), partial(write_warnings, at=at))
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("mode", Programme.Expiry.values)
def test_the_database_says_the_same_end_as_the_programme(programme: Programme, brand: Any, mode: str) -> None:
    for month, day in ((2, 29), (10, 25), (12, 31)):
        fields = {"expiry_mode": mode, "inactivity_months": 6, "expiry_month": month, "expiry_day": day}
        set_up(programme, **fields)
        programme.refresh_from_db()
        for text in ("2026-01-01T00:30+01:00", "2027-02-28T23:30+01:00", "2027-10-25T12:00+02:00"):
            for months in (1, 13):
                account = make.make_member(brand=brand).account
                make.give(account, 5, at=make.instant(text), months=months)
                ends = programme.end_of(make.instant(text), months)
                assert Lot.objects.get(account=account).expires_at == ends
