"""The till of a shop: a voucher is used once, and nobody learns which codes there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from goodwill.models import Reason
from goodwill.services import grant_gift
from loyalty.models import Voucher
from loyalty.services import redeem_reward, undo_redemption
from tests import make
from tests.api.client import Machine, expect_problem

USE = "vouchers/use/"


@pytest.fixture
def voucher(member: Customer, agent: Agent, brand: Brand) -> Voucher:
    reward = make.make_reward(brand=brand, code="tote", name="Tote bag")
    taken: Voucher = redeem_reward(member.account, reward, by=agent, key="k").voucher
    return taken


def test_a_till_uses_a_voucher_and_a_repeat_is_told_the_same(shop: Machine, voucher: Voucher) -> None:
    spoken = voucher.code.lower().replace("-", " ")
    answers = [shop.post(USE, {"code": spoken}, key="till-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotency-Replayed"] == "true"
    told = answers[0].json()
    assert (told["code"], told["reward"], told["name"], told["brand"]) == (
        voucher.code, "tote", "Tote bag", "FF",
    )  # fmt: skip
    voucher.refresh_from_db()
    assert (voucher.used_by, voucher.used_at is not None) == (shop.agent, True)


def test_the_voucher_of_somebody_who_is_no_member_names_no_account(
    shop: Machine, customer: Customer, agent: Agent, brand: Brand, late_parcel: Reason
) -> None:
    reward, ticket = make.make_reward(brand=brand, points=400), make.make_ticket(customer=customer)
    grant_gift(ticket, reward, by=agent, reason=late_parcel, key="k")
    answer = shop.post(USE, {"code": Voucher.objects.get().code})
    assert (answer.status_code, answer.json()["account"]) == (201, None)
    account = shop.get("schema/").json()["components"]["schemas"]["VoucherOut"]["properties"]["account"]
    assert (account["type"], account["nullable"]) == ("string", True)


def test_each_reason_has_a_code_of_its_own(shop: Machine, voucher: Voucher, agent: Agent) -> None:
    Voucher.objects.update(valid_until=clock.now())
    expect_problem(shop.post(USE, {"code": voucher.code}), 409, "voucher_over")
    undo_redemption(voucher.redemption, by=agent)
    expect_problem(shop.post(USE, {"code": voucher.code}), 409, "voucher_cancelled")
    Voucher.objects.update(used_at=clock.now(), cancelled_at=None)
    expect_problem(shop.post(USE, {"code": voucher.code}), 409, "voucher_used")


def test_a_code_of_another_brand_and_one_that_is_none_are_answered_alike(
    shop: Machine, other_shop: Machine, voucher: Voucher
) -> None:
    foreign = expect_problem(other_shop.post(USE, {"code": voucher.code}), 422, "no_voucher")
    unknown = expect_problem(other_shop.post(USE, {"code": "AAAA-BBBB-CCCC"}), 422, "no_voucher")
    nonsense = expect_problem(other_shop.post(USE, {"code": "?"}), 422, "no_voucher")
    assert foreign == unknown == nonsense
    voucher.refresh_from_db()
    assert voucher.used_at is None
    assert shop.post(USE, {"code": voucher.code}).status_code == 201


def test_a_refused_use_leaves_the_key_free(shop: Machine, voucher: Voucher) -> None:
    expect_problem(shop.post(USE, {"code": "AAAA-BBBB-CCCC"}, key="till-1"), 422, "no_voucher")
    assert shop.post(USE, {"code": voucher.code}, key="till-1").status_code == 201


def test_codes_cannot_be_tried_out_in_a_row(shop: Machine, voucher: Voucher, settings: Any) -> None:
    caches["throttle"].clear()
    settings.VOUCHER_RATE = "3/min"
    tried = [shop.post(USE, {"code": f"AAAA-BBBB-CCC{sign}"}).status_code for sign in "ABCD"]
    assert tried == [422, 422, 422, 429]
    answer = shop.post(USE, {"code": voucher.code})
    expect_problem(answer, 429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 61
    assert shop.get("customers/").status_code == 200  # the rest of the API goes by its own rate


def test_it_wants_the_scope_and_the_right_and_lists_nothing(
    shop: Machine, voucher: Voucher, brand: Brand
) -> None:
    without = Machine(shop.agent, scopes=["customers:read", "orders:write"])
    expect_problem(without.post(USE, {"code": voucher.code}), 403, "permission_denied")
    shop.agent.groups.get().permissions.remove(
        *shop.agent.groups.get().permissions.filter(codename="use_voucher")
    )
    refused = [shop.post(USE, {"code": code}) for code in (voucher.code, "AAAA-BBBB-CCCC")]
    known, unknown = (expect_problem(one, 403, "not_allowed") for one in refused)
    assert known == unknown
    assert shop.get("vouchers/").status_code == shop.get(f"vouchers/{voucher.pk}/").status_code == 404
    expect_problem(shop.get(USE), 405, "method_not_allowed")
