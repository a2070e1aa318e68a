"""The demo can be loaded on any day, and never into a house that is somebody's own."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError
from pytest_django import DjangoDbBlocker

from agents.models import Brand
from callbacks.models import Callback
from contactcenter.demo import callbacks, conversations, customers, purchases, showcase
from customers.models import Customer
from loyalty import progress
from loyalty.models import Account
from tests.demo.loaded import expect_whole_ledger, loaded, told
from tickets.models import Ticket

ODD_DAYS = [
    datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 45, tzinfo=UTC),
]
# Loading takes seconds: the hardest day always, the others in the long profile of the tests.
LOADED_DAYS = ODD_DAYS if os.environ.get("HYPOTHESIS_PROFILE") == "long" else ODD_DAYS[:1]


@pytest.mark.parametrize("at", LOADED_DAYS, ids=lambda at: f"{at:%d %B %H:%M}")
def test_the_demo_is_whole_on_odd_days(
    at: datetime, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), loaded(at):
        expect_whole_ledger()
        maria = Account.objects.select_related("programme", "tier").get(customer__name="Maria Rossi")
        assert set(Account.objects.values_list("tier__code", flat=True)) == {
            "bronze",
            "silver",
            "gold",
            "platinum",
        }
        assert (maria.balance, maria.tier.code) == (4210, "gold")
        members = Account.objects.select_related("programme", "tier")
        ways = [progress.of_tier(account, at) for account in members]
        assert sum(1 for way in ways if way.next and way.missing <= 300) >= 3
        assert set(Ticket.objects.values_list("status", flat=True)) == set(Ticket.Status.values)
        assert Callback.objects.filter(state=Callback.State.DUE, kind=Callback.Kind.CALL).exists()


def test_a_database_with_other_customers_is_left_alone(customer: Customer) -> None:
    with pytest.raises(CommandError, match="customers that are not the demo's"):
        told()
    assert Customer.objects.get() == customer


def test_a_brand_that_bears_the_code_of_a_demo_brand_is_left_alone(brand: Brand) -> None:
    with pytest.raises(CommandError, match="FF is here already"):
        told("--yes")


def test_on_every_day_of_four_years_the_past_is_past_and_maria_has_bought_for_7210_points() -> None:
    for days in range(0, 4 * 366, 17):
        now = datetime(2026, 11, 22, 5, 40, tzinfo=UTC) + timedelta(days=days, hours=days % 24)
        profiles = customers.read(now)
        talks = conversations.read(now, profiles)
        start, end = purchases.counted_year("FF", now)
        hers = showcase.bought(now)
        assert sum(order.price for order in hers if start <= order.at < end) * 5 + 300 == 7210
        assert all(showcase.joined(now) < order.at < now for order in hers)
        assert all(turn.at <= now for talk in talks for turn in talk.turns)


def test_orders_are_placed_by_members_and_before_now() -> None:
    for now in ODD_DAYS:
        for profile in customers.read(now):
            bought = purchases.of_customer(profile, [], now)
            assert all(profile.joined <= order.at < now for order in bought), profile.key


def test_at_every_hour_somebody_is_awake_to_be_called() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    zones = {profile.key: ZoneInfo(profile.zone) for profile in customers.read(now)}
    for months in (0, 4, 7):
        for minutes in range(0, 24 * 60, 5):
            at = now + timedelta(days=30 * months, minutes=minutes)
            assert len(callbacks.calls_of_ana(at, zones)) == 2
