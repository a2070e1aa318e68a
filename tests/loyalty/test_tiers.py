from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from contactcenter import clock
from customers.models import Customer
from loyalty import progress
from loyalty.models import Account
from loyalty.services import earn, redeem
from tests import make


@pytest.fixture(autouse=True)
def today() -> Iterator[datetime]:
    """It is the middle of 2026, whenever this runs."""
    with clock.standing_at(make.instant("2026-06-15T12:00+02:00")) as at:
        yield at


@pytest.fixture
def account(brand: object, programme: object) -> Account:
    """A fresh account; silver takes 500 qualifying points of one year, gold 2,000, platinum 5,000."""
    return make.make_member(brand=brand).account


def tier(account: Account) -> str:
    return Account.objects.get(pk=account.pk).tier.code


def qualify(account: Account, points: int, at: datetime | None = None) -> None:
    make.give(account, points, qualifying=points, at=at)


def test_a_tier_is_held_the_moment_it_is_reached(account: Account) -> None:
    qualify(account, 499)
    assert tier(account) == "bronze"
    qualify(account, 1)
    assert tier(account) == "silver"


def test_one_large_order_skips_a_tier(account: Account) -> None:
    qualify(account, 6000)
    assert tier(account) == "platinum"


def test_goodwill_does_not_raise_the_tier(account: Account) -> None:
    earn(account, 9000, contra="issue.event", by=None, key="g1")
    assert tier(account) == "bronze"


def test_spending_does_not_cost_the_tier(account: Account) -> None:
    qualify(account, 2000)
    redeem(account, 2000, by=None, key="r1")
    assert tier(account) == "gold"
    assert progress.of_tier(Account.objects.get(pk=account.pk)).points == 2000


def test_points_of_two_years_do_not_add_up(account: Account) -> None:
    qualify(account, 400, make.instant("2025-12-01T12:00+01:00"))
    qualify(account, 400, make.instant("2026-01-10T12:00+01:00"))
    assert tier(account) == "bronze"


def test_an_order_half_an_hour_before_the_local_new_year_counts_in_the_old_year(account: Account) -> None:
    account.programme.__class__.objects.update(time_zone="America/Sao_Paulo")
    qualify(account, 300, make.instant("2025-06-01T12:00-03:00"))
    late = make.instant("2025-12-31T23:30-03:00")
    assert late.year == 2026  # as UTC has it
    qualify(account, 200, late)
    assert tier(account) == "silver"


def test_an_order_just_after_the_local_new_year_counts_in_the_new_year(account: Account) -> None:
    qualify(account, 300, make.instant("2025-06-01T12:00+02:00"))
    early = make.instant("2026-01-01T00:10+01:00")
    assert early.year == 2025  # as UTC has it
    qualify(account, 200, early)
    assert tier(account) == "bronze"


def test_a_late_order_of_a_closed_year_may_raise_the_tier_and_never_lowers_it(account: Account) -> None:
    qualify(account, 2000, make.instant("2026-03-01T12:00+01:00"))
    qualify(account, 100, make.instant("2025-03-01T12:00+01:00"))
    assert tier(account) == "gold"
    qualify(account, 5000, make.instant("2025-04-01T12:00+02:00"))
    assert tier(account) == "platinum"
    assert [line.cause for line in account.tier_changes.order_by("id")] == ["earned", "late_order"]


def test_a_late_order_of_a_year_long_gone_gives_no_tier(account: Account) -> None:
    qualify(
        account, 5000, make.instant("2024-12-31T23:30+01:00")
    )  # platinum to the end of 2025, which is over
    assert tier(account) == "bronze"
    qualify(account, 500, make.instant("2025-01-01T00:10+01:00"))
    assert tier(account) == "silver"


def test_progress_names_the_next_tier_and_what_is_missing_by_when(account: Account) -> None:
    at = make.instant("2026-05-01T12:00+02:00")
    qualify(account, 750, at)
    now = progress.of_tier(Account.objects.get(pk=account.pk), at)
    assert (now.points, now.next.code, now.missing, now.percent) == (750, "gold", 1250, 37)
    assert now.last_day == date(2026, 12, 31)


def test_at_the_top_nothing_is_missing(account: Account) -> None:
    qualify(account, 5000)
    now = progress.of_tier(Account.objects.get(pk=account.pk))
    assert (now.next, now.missing, now.percent) == (None, 0, 100)


def test_a_programme_without_tiers_gives_points_all_the_same(db: None) -> None:
    brand = make.make_brand()
    make.make_programme(brand=brand, tiers={})
    account: Account = make.make_member(brand=brand).account
    qualify(account, 5000)
    assert Account.objects.get(pk=account.pk).tier is None


def test_a_member_of_one_brand_is_not_raised_by_the_tiers_of_another(
    account: Account, customer: Customer
) -> None:
    easy = make.make_brand()
    make.make_programme(brand=easy, tiers={"diamond": 1})
    qualify(account, 10)
    assert tier(account) == "bronze"
