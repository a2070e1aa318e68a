"""What a version would have given, told before it goes live."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter import clock
from customers.models import Customer
from loyalty.models import Account, Entry, Programme
from loyalty.services import draft_version, dry_run, go_live
from loyalty.services import dry_run as deed
from tests import make
from tests.loyalty.test_rules import LINES, buy


@pytest.fixture
def customer(programme: Programme) -> Customer:
    """A member who bought three times: twice lately, and once long ago."""
    customer = make.make_member(brand=programme.brand)
    for days in (100, 20, 10):
        buy(customer, at=clock.now() - timedelta(days=days))
    return customer


def test_it_holds_what_would_be_given_against_what_was(customer: Customer, programme: Programme) -> None:
    draft = draft_version(programme.earning_rules.get(), excluded_categories=["gift cards"], bonus=100)
    before = Entry.objects.count()
    run = dry_run(draft)
    assert run is not None
    assert (run.total.orders, run.total.given, run.total.would, run.total.difference) == (2, 990, 690, -300)
    assert {tier: sums.would for tier, sums in run.tiers.items()} == {"Silver": 690}
    assert [row[0] for row in run.most] == [150, 150]
    assert (Entry.objects.count(), draft.live_at) == (before, None)


def test_the_version_that_runs_already_would_give_what_was_given(
    customer: Customer, programme: Programme
) -> None:
    Programme.objects.update(pending_days=30)
    buy(Customer.objects.get(pk=customer.pk), at=clock.now())
    run = dry_run(programme.earning_rules.get().versions.get())
    assert run is not None
    assert (run.total.orders, run.total.difference, run.most) == (3, 0, [])


def test_tiers_and_caps_of_the_version_count(customer: Customer, programme: Programme) -> None:
    Account.objects.filter(customer=customer).update(tier=programme.tiers.get(code="gold"))
    draft = draft_version(programme.earning_rules.get(), tier_percents={"gold": 200}, cap_per_customer=1500)
    run = dry_run(draft)
    assert run is not None
    assert run.total.would == 1500
    assert sorted(row[3] for row in run.most) == [510, 990]


def test_only_so_many_orders_are_looked_at_and_it_says_so(
    customer: Customer, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(deed.__globals__, "MOST_ORDERS", 1)
    run = dry_run(programme.earning_rules.get().versions.get())
    assert run is not None
    assert (run.is_cut, run.total.orders) == (True, 1)


def test_strangers_of_the_programme_and_other_brands_do_not_count(
    customer: Customer, programme: Programme
) -> None:
    buy(make.make_customer(brand=programme.brand), LINES, at=clock.now())
    buy(make.make_member(), LINES, at=clock.now())
    run = dry_run(programme.earning_rules.get().versions.get())
    assert run is not None
    assert run.total.orders == 2


def test_the_admin_shows_it_before_a_version_goes_live(
    client: Client, customer: Customer, programme: Programme
) -> None:
    chief = make.make_agent(brands=[programme.brand], role="administrator")
    client.force_login(chief)
    draft = draft_version(programme.earning_rules.get(), points_per_unit=10)
    address = reverse("admin:loyalty_ruleversion_ask_live", args=[draft.pk])
    page = client.get(address).content.decode()
    assert "1,980" in page
    draft.refresh_from_db()
    assert draft.live_at is None
    assert client.post(address, {"valid_from_0": "", "valid_from_1": ""}).status_code == 302
    draft.refresh_from_db()
    assert draft.live_by == chief
    assert go_live(draft) == draft
