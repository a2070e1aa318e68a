"""Taking rewards: what they cost whom, that they are never oversold, and vouchers that work once."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty import offers
from loyalty.models import Redemption, Reward, Tier, Voucher
from loyalty.services import redeem_reward, rewards, use_voucher, vouchers
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once


def refusal(deed: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(*args, **kwargs)
    return caught.value


def hold_tier(member: Customer, code: str) -> None:
    account = member.account
    account.tier = Tier.objects.get(programme=account.programme_id, code=code)
    account.save(update_fields=["tier"])


def test_a_reward_costs_its_points_and_gives_a_voucher_that_lives_to_a_local_midnight(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, code="tote-bag", voucher_days=10)
    at = make.instant("2026-11-20T23:30:00+01:00")
    make.give(member.account, 1000, at=at - timedelta(days=1))
    redemption = redeem_reward(member.account, reward, by=agent, key="k", at=at)
    member.account.refresh_from_db()
    assert member.account.balance == 1500
    expect_sound(member.account)
    assert (redemption.points, redemption.entry.points, redemption.entry.source) == (
        500,
        -500,
        "reward:tote-bag",
    )
    assert redemption.voucher.valid_until == make.instant("2026-12-01T00:00:00+01:00")


def test_taken_twice_under_one_key_is_taken_once_and_other_content_is_refused(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, stock=5, points=1000)
    taken = [redeem_reward(member.account, reward, by=agent, key="k") for _ in range(2)]
    assert taken[0] == taken[1]
    assert taken[0].voucher.code == taken[1].voucher.code
    reward.refresh_from_db()
    assert (reward.stock, Redemption.objects.count()) == (4, 1)
    other = make.make_reward(brand=brand)
    assert refusal(redeem_reward, member.account, other, by=agent, key="k").code == "key_conflict"


def test_who_has_too_few_points_takes_nothing_from_the_stock(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, stock=1, points=1001)
    refused = refusal(redeem_reward, member.account, reward, by=agent, key="k")
    reward.refresh_from_db()
    assert (refused.code, reward.stock) == ("not_enough_points", 1)


def test_what_is_not_offered_is_refused(member: Customer, agent: Agent, brand: Brand) -> None:
    now = clock.now()
    for fields in (
        {"is_active": False},
        {"starts_at": now + timedelta(hours=1)},
        {"ends_at": now - timedelta(seconds=1)},
        {"brand": make.make_brand()},
    ):
        reward = make.make_reward(**{"brand": brand} | fields)
        assert refusal(redeem_reward, member.account, reward, by=agent, key="k").code == "reward_gone"


def test_a_reward_sold_out_is_refused_with_a_sentence(member: Customer, agent: Agent, brand: Brand) -> None:
    reward = make.make_reward(brand=brand, stock=0)
    refused = refusal(redeem_reward, member.account, reward, by=agent, key="k")
    assert (refused.code, refused.sentence) == ("sold_out", "Tote bag is sold out.")


@pytest.mark.parametrize(
    ("tier", "price"), [("bronze", 500), ("silver", 500), ("gold", 400), ("platinum", 300)]
)
def test_a_tiers_price_holds_from_that_tier_upwards(
    member: Customer, agent: Agent, brand: Brand, tier: str, price: int
) -> None:
    reward = make.make_reward(brand=brand, tier_prices={"gold": 400, "platinum": 300})
    hold_tier(member, tier)
    assert redeem_reward(member.account, reward, by=agent, key="k").points == price


def test_a_reward_without_a_price_for_all_is_for_its_tiers_alone(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, points=None, tier_prices={"gold": 400})
    hold_tier(member, "silver")
    assert refusal(redeem_reward, member.account, reward, by=agent, key="k").code == "not_your_tier"
    hold_tier(member, "platinum")
    assert redeem_reward(member.account, reward, by=agent, key="k").points == 400


def test_a_price_that_changed_under_the_agents_eyes_is_not_paid(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, points=600)
    refused = refusal(redeem_reward, member.account, reward, by=agent, key="k", seen=500)
    assert (refused.code, refused.details) == ("price_changed", {"points": 600})
    assert redeem_reward(member.account, reward, by=agent, key="k", seen=600).points == 600


def test_who_may_not_spend_for_customers_takes_no_reward(member: Customer, brand: Brand) -> None:
    reward = make.make_reward(brand=brand)
    for helper in (make.make_agent(brands=[brand], role=None), make.make_agent()):
        assert refusal(redeem_reward, member.account, reward, by=helper, key="k").code == "not_allowed"


def test_a_voucher_works_once_however_it_is_written(member: Customer, agent: Agent, brand: Brand) -> None:
    voucher = redeem_reward(member.account, make.make_reward(brand=brand), by=agent, key="k").voucher
    spoken = voucher.code.lower().replace("-", " ")
    assert use_voucher(spoken, by=agent, key="till-1").used_at
    assert use_voucher(voucher.code, by=agent, key="till-1") == voucher
    assert refusal(use_voucher, voucher.code, by=agent, key="till-2").code == "voucher_used"


def test_a_voucher_ends_and_is_not_there_for_another_brand(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    voucher = redeem_reward(member.account, make.make_reward(brand=brand), by=agent, key="k").voucher
    stranger = make.make_agent()
    assert refusal(use_voucher, voucher.code, by=stranger, key="u").code == "no_voucher"
    assert refusal(use_voucher, "AAAA-BBBB-CCCC", by=agent, key="u").code == "no_voucher"
    assert refusal(use_voucher, "", by=agent, key="u").code == "no_voucher"
    ended = refusal(use_voucher, voucher.code, by=agent, key="u", at=voucher.valid_until)
    assert ended.code == "voucher_over"
    assert use_voucher(voucher.code, by=agent, key="u", at=voucher.valid_until - timedelta(seconds=1)).used_at


def test_codes_are_long_random_and_hold_no_sign_that_is_taken_for_another() -> None:
    codes = {vouchers.new_code() for _ in range(5000)}
    assert len(codes) == 5000
    assert all(re.fullmatch(r"[2-9A-HJ-KM-NP-Z]{4}(-[2-9A-HJ-KM-NP-Z]{4}){2}", code) for code in codes)
    assert len({sign for code in codes for sign in code} - {"-"}) == len(vouchers.SIGNS) == 31
    assert not set(vouchers.SIGNS) & set("01OIL")


def test_the_offers_say_what_is_left_and_what_is_missing(member: Customer, brand: Brand) -> None:
    make.make_reward(brand=brand, name="Mug", rank=1, stock=3)
    make.make_reward(brand=brand, name="Lamp", rank=2, points=1080)
    make.make_reward(brand=brand, name="Chair", rank=3, points=9000, stock=0)
    make.make_reward(brand=brand, name="Sofa", rank=4, points=None, tier_prices={"platinum": 10})
    mug, lamp, chair = found = offers.offers(member.account)
    assert [offer.is_within_reach for offer in found] == [True, False, False]
    assert (mug.left, lamp.left, chair.left) == ("3 left", "", "sold out")
    assert (mug.away, lamp.away) == ("", "You are 80 points away from “Lamp”.")
    assert offers.near(found) == [lamp]


@pytest.mark.race
def test_of_many_who_want_the_last_one_at_once_exactly_one_gets_it(own_db: str) -> None:
    for _ in range(5):
        brand = make.make_brand()
        members = [make.make_member(brand=brand, points=500) for _ in range(4)]
        reward = make.make_reward(brand=brand, stock=1)
        answers = at_once(
            *(partial(redeem_reward, one.account, reward, by=None, key=make.unique()) for one in members)
        )
        assert [type(answer) for answer in answers].count(Redemption) == 1
        assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"sold_out"}
        reward.refresh_from_db()
        assert reward.stock == 0


def look_then_take(reward: Reward) -> None:
    """How stock must not be counted down."""
    left = Reward.objects.get(pk=reward.pk).stock
    if not left:
        raise Refused("sold_out", "")
    Reward.objects.filter(pk=reward.pk).update(stock=left - 1)


@pytest.mark.race
def test_control_a_stock_that_is_read_before_it_is_counted_down_is_oversold(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewards, "take_one", look_then_take)
    brand = make.make_brand()
    members = [make.make_member(brand=brand, points=500) for _ in range(2)]
    reward = make.make_reward(brand=brand, stock=1)
    deeds = [partial(redeem_reward, one.account, reward, by=None, key=make.unique()) for one in members]
    answers = at_once(*deeds, meet_after='FROM "loyalty_reward"')
    assert [type(answer) for answer in answers] == [Redemption, Redemption]


def a_voucher(brand: Brand) -> Voucher:
    member = make.make_member(brand=brand, points=500)
    return redeem_reward(member.account, make.make_reward(brand=brand), by=None, key=make.unique()).voucher


@pytest.mark.race
def test_of_two_tills_that_take_one_voucher_at_once_one_is_refused(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    for _ in range(5):
        code = a_voucher(brand).code
        answers = at_once(*(partial(use_voucher, code, by=agent, key=make.unique()) for _ in range(3)))
        assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["voucher_used"] * 2


@pytest.mark.race
def test_control_without_the_lock_both_tills_take_it(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    code = a_voucher(brand).code
    answers = at_once(
        *(partial(use_voucher, code, by=agent, key=make.unique()) for _ in range(2)), unlocked=True
    )
    assert [type(answer) for answer in answers] == [Voucher, Voucher]
