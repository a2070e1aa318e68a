"""What customers chose from: by reason and tier, counted once, in a bounded number of questions, and as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Offer, Reason
from goodwill.reports.choices import KINDS, Choices, Chosen, choices
from goodwill.services import Option, choose, default_due, offer, withdraw_offer
from loyalty.models import Account, Reward, Tier
from tests import make

ADDRESS = "/admin/goodwill/offer/choices/"


@pytest.fixture
def shipping(brand: Brand) -> Reward:
    return make.make_reward(brand=brand, name="Free shipping", points=400)


@pytest.fixture
def gold(brand: Brand, shipping: Reward) -> Tier:
    found: Tier = shipping.programme.tiers.order_by("-rank")[0]
    return found


def sent(brand: Brand, by: Agent, reason: Reason, *options: Option, tier: Tier | None = None) -> Offer:
    person = make.make_member(brand=brand)
    Account.objects.filter(customer=person).update(tier=tier)
    ticket = make.make_ticket(customer=person)
    return offer(ticket, options, by=by, reason=reason, key=make.unique(), text="Choose:")


def take(offered: Offer, kind: str) -> Offer:
    return choose(offered, offered.remedies.get(kind=kind).pk)


def found_in(brand: Brand) -> Chosen:
    at = clock.now()
    return choices(brand, since=at - timedelta(days=9), until=at + timedelta(days=9))


def kinds(one: Choices) -> dict[str, tuple[int, int]]:
    return dict(zip(KINDS, one.kinds, strict=True))


@pytest.fixture
def world(
    brand: Brand, agent: Agent, generous: Reason, late_parcel: Reason, shipping: Reward, gold: Tier
) -> Brand:
    """Gold, late: a voucher, and a call; no tier, late: points, by default; generous: one taken back, one open."""
    Reason.objects.filter(pk=generous.pk).update(label="Generous")
    make.make_policy(agent=agent, brand=brand, per_grant=100_000)
    three = Option(300), Option(gift=shipping), Option()
    take(sent(brand, agent, late_parcel, *three, tier=gold), "voucher")
    take(sent(brand, agent, late_parcel, *three, tier=gold), "call")
    sent(brand, agent, late_parcel, Option(200), Option())
    assert default_due(at=clock.now() + timedelta(days=8)) == 1
    withdraw_offer(sent(brand, agent, generous, Option(100), Option()), by=agent)
    sent(brand, agent, generous, Option(100), Option(gift=shipping))
    return brand


def test_choices_are_told_by_reason_and_tier(world: Brand, gold: Tier) -> None:
    found = found_in(world)
    assert found.total == Choices(
        sent=5, chosen=2, defaulted=1, open=1, withdrawn=1, points=600, kinds=((5, 0), (3, 1), (0, 0), (4, 1))
    )
    assert {(reason, one.sent) for reason, _tier, one in found.by_reason} == {
        ("Late parcel", 3),
        ("Generous", 2),
    }
    assert {(tier, one.sent) for _reason, tier, one in found.by_tier} == {(gold.name, 2), ("none", 3)}
    both = {(reason, tier): one for reason, tier, one in found.by_both}
    assert kinds(both["Late parcel", gold.name])["voucher"] == (2, 1)
    assert kinds(both["Late parcel", "none"])["points"] == (1, 0)  # the default was chosen by nobody
    assert both["Late parcel", "none"].defaulted == 1


def test_what_waits_for_approval_or_is_of_another_brand_or_time_is_not_counted(
    world: Brand, other_brand: Brand, late_parcel: Reason
) -> None:
    asker = make.make_agent(brands=[world])
    make.make_policy(agent=asker, brand=world, per_grant=1)
    assert sent(world, asker, late_parcel, Option(300), Option()).state == "waiting"
    assert found_in(world).total.sent == 5
    assert found_in(other_brand).rows == [("", "", Choices())]
    at = clock.now()
    assert choices(world, since=at + timedelta(days=1), until=at + timedelta(days=2)).total == Choices()


def test_a_supervisor_reads_it_and_takes_it_out_as_a_file(
    client: Client, supervisor: Agent, world: Brand, gold: Tier
) -> None:
    Reason.objects.filter(label="Generous").update(label="=1+1")
    client.force_login(supervisor)
    page: Any = client.get(ADDRESS)
    assert "Chosen from: 2." in page.content.decode()
    assert f"Late parcel · {gold.name}" in page.content.decode()
    file: Any = client.get(ADDRESS, {"as": "csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("reason,tier,sent,chosen,defaulted,open,withdrawn,points,points_offered")
    assert lines[1] == ",,5,2,1,1,1,600,5,0,3,1,0,0,4,1"
    assert "'=1+1,,2,0,0,1,1,0,2,0,1,0,0,0,1,0" in lines
    start: Any = client.get("/admin/")
    assert "what customers chose" in start.content.decode()


def test_another_brand_is_not_there_and_agents_have_no_such_page(
    client: Client, supervisor: Agent, agent: Agent, world: Brand, other_brand: Brand
) -> None:
    stranger = make.make_agent(role="supervisor", brands=[other_brand])
    client.force_login(stranger)
    assert client.get(ADDRESS, {"brand": world.pk}).status_code == 404
    assert "Late parcel" not in client.get(ADDRESS).content.decode()
    client.force_login(agent)
    assert client.get(ADDRESS).status_code == 302


def test_more_offers_ask_no_more(
    client: Client, supervisor: Agent, agent: Agent, world: Brand, late_parcel: Reason
) -> None:
    client.force_login(supervisor)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for _ in range(3):
        take(sent(world, agent, late_parcel, Option(300), Option()), "points")
    assert asked() == few
