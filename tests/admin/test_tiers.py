"""The supervisors' pages on tiers: drafted, looked at, published; a tier set by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import Agent, Brand
from loyalty.models import Account, Criterion, Programme, TierChange, TierSet
from tests import make


@pytest.fixture
def administrator(client: Client, brand: Brand) -> Agent:
    agent = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])
    client.force_login(agent)
    return agent


def draft(programme: Programme) -> TierSet:
    version = TierSet.objects.create(programme=programme, version=2, in_force_from=date(2099, 1, 1))
    for code, points in (("bronze", 0), ("gold", 900)):
        tier = programme.tiers.get(code=code)
        Criterion.objects.create(programme=programme, tier_set=version, tier=tier, qualifying_points=points)
    return version


def test_before_a_version_is_published_the_page_says_who_would_move(
    client: Client, administrator: Agent, programme: Programme, brand: Brand
) -> None:
    riser = make.make_member(brand=brand, points=1000, qualifying=1000, name="Rita Riser")
    make.make_member(brand=brand, points=600, qualifying=600, name="Frida Faller")
    version = draft(programme)
    address = reverse("admin:loyalty_tierset_ask_publish", args=[version.pk])
    page = client.get(address).text
    assert "Rita Riser" in page
    assert "Frida Faller" in page
    assert "1 would go up on the first day, and 1 down" in page
    assert client.post(address).status_code == 302
    version.refresh_from_db()
    assert (version.published_by, version.is_draft) == (administrator, False)
    assert Account.objects.filter(customer=riser, tier__code="silver").exists()  # its day has not come


def test_a_draft_gets_its_criteria_on_its_page_and_none_once_it_is_published(
    client: Client, administrator: Agent, programme: Programme
) -> None:
    version = draft(programme)
    address = reverse("admin:loyalty_tierset_change", args=[version.pk])
    silver = programme.tiers.get(code="silver")
    data = {
        "in_force_from": "2099-01-01", "window": "rolling", "months": 6, "year_month": 1, "year_day": 1,
        "needs": "all", "review": "none", "grace_days": 0, "refunds": "immediate", "refund_days": 1,
        "criteria-TOTAL_FORMS": 1, "criteria-INITIAL_FORMS": 0, "criteria-0-tier": silver.pk,
        "criteria-0-qualifying_points": 300, "criteria-0-tier_set": version.pk,
    }  # fmt: skip
    assert client.post(address, data).status_code == 302
    assert version.criteria.get(tier=silver).programme == programme
    published = TierSet.objects.get(version=1)
    address = reverse("admin:loyalty_tierset_change", args=[published.pk])
    assert client.post(address, data).status_code == 403


def test_a_supervisor_sets_a_tier_by_hand_and_a_refusal_is_said_above_the_form(
    client: Client, supervisor: Agent, programme: Programme, brand: Brand
) -> None:
    account: Account = make.make_member(brand=brand).account
    client.force_login(supervisor)
    address = reverse("admin:loyalty_account_set_tier", args=[account.pk])
    assert "Set the tier" in client.get(address).text
    gold = programme.tiers.get(code="gold")
    asked = {"tier": gold.pk, "until": "2001-01-01", "reason": "partner", "key": "k"}
    assert "That day is over" in client.post(address, asked).text
    for _ in range(2):
        assert client.post(address, asked | {"until": "2099-01-01"}).status_code == 302
    line = TierChange.objects.get()
    assert (line.to_tier, line.cause, line.actor) == (gold, "manual", supervisor)


def test_tiers_of_another_brand_are_not_offered_nor_taken(
    client: Client, supervisor: Agent, programme: Programme, brand: Brand, other_brand: Brand
) -> None:
    account: Account = make.make_member(brand=brand).account
    theirs = make.make_programme(brand=other_brand).tiers.get(code="gold")
    client.force_login(supervisor)
    address = reverse("admin:loyalty_account_set_tier", args=[account.pk])
    page = client.post(address, {"tier": theirs.pk, "until": "2099-01-01", "reason": "partner", "key": "k"})
    assert page.status_code == 200
    assert not TierChange.objects.exists()
