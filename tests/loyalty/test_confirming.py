"""Rewards above a limit: held, confirmed by a code that the customer reads out, else let go. And undoing."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Notice
from customers.services import verify_contact_point
from customers.services.notices import send_next_notice
from loyalty.models import Account, Programme, Redemption, Reward
from loyalty.services import (
    confirm,
    lapse_next,
    mark_shipped,
    redeem_reward,
    release_next,
    undo_redemption,
    use_voucher,
    withdraw,
)
from tests import make
from tests.contactcenter.rooms import our_models
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once


def refusal(deed: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(*args, **kwargs)
    return caught.value


def verified(member: Customer, agent: Agent) -> None:
    verify_contact_point(member.contact_points.get(kind="mail"), by=agent)


@pytest.fixture
def reward(brand: Brand, programme: Programme) -> Reward:
    Programme.objects.filter(pk=programme.pk).update(confirm_above=400)
    return make.make_reward(brand=brand, stock=3)


@pytest.fixture
def waiting(member: Customer, agent: Agent, reward: Reward) -> Redemption:
    verified(member, agent)
    return redeem_reward(member.account, reward, by=agent, key="k")


def read_out() -> str:
    """The code in the customer's mail."""
    send_next_notice()
    found = re.search(r"^    (\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def figures(redemption: Redemption) -> tuple[str, int, int, int | None]:
    """State, balance and held points of the account, what is left of the reward."""
    redemption.refresh_from_db()
    account = Account.objects.get(pk=redemption.account_id)
    expect_sound(account)
    return redemption.state, account.balance, account.held, Reward.objects.get(pk=redemption.reward_id).stock


def test_above_the_limit_the_points_are_held_until_the_customer_reads_the_code_out(
    waiting: Redemption, agent: Agent
) -> None:
    assert figures(waiting) == ("waiting", 1000, 500, 2)
    code = read_out()
    assert confirm(waiting, f" {code[:3]} {code[3:]}", by=agent).voucher.code
    assert figures(waiting) == ("posted", 500, 0, 2)
    assert confirm(waiting, code, by=agent) == waiting
    assert figures(waiting) == ("posted", 500, 0, 2)


def test_up_to_the_limit_and_for_who_spends_their_own_no_code_is_asked(
    member: Customer, agent: Agent, reward: Reward, brand: Brand
) -> None:
    small = make.make_reward(brand=brand, points=400)
    assert redeem_reward(member.account, small, by=agent, key="a").state == "posted"
    assert redeem_reward(member.account, reward, by=None, key="b").state == "posted"


def test_without_a_verified_address_it_is_refused_with_what_to_do(
    member: Customer, agent: Agent, reward: Reward
) -> None:
    refused = refusal(redeem_reward, member.account, reward, by=agent, key="k")
    assert refused.code == "no_verified_address"
    assert "Verify one on the customer's page first." in refused.sentence
    reward.refresh_from_db()
    assert (reward.stock, Redemption.objects.count(), Notice.objects.count()) == (3, 0, 0)


def test_the_code_stands_nowhere_in_the_database(waiting: Redemption) -> None:
    code = read_out()
    with connection.cursor() as cursor:
        for model in our_models():
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text LIKE %s",  # noqa: S608  our own names
                [f"%{code}%"],
            )
            assert cursor.fetchone() == (0,), model


def test_the_fifth_wrong_code_is_the_last_and_frees_the_points(waiting: Redemption, agent: Agent) -> None:
    right = read_out()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    told = [refusal(confirm, waiting, wrong, by=agent) for _ in range(5)]
    assert [one.code for one in told] == ["wrong_code"] * 4 + ["too_many_tries"]
    assert [one.details.get("left") for one in told] == [4, 3, 2, 1, None]
    assert figures(waiting) == ("lapsed", 1000, 0, 3)
    assert refusal(confirm, waiting, right, by=agent).code == "not_waiting"


def test_what_is_no_code_is_a_wrong_one(waiting: Redemption, agent: Agent) -> None:
    for text in ("", "١٢٣٤٥٦", "x" * 5000):
        assert refusal(confirm, waiting, text, by=agent).code == "wrong_code"


def test_after_ten_minutes_the_code_is_worth_nothing_and_all_is_free_again(
    waiting: Redemption, agent: Agent
) -> None:
    over = waiting.asked_at + timedelta(minutes=10)
    assert refusal(confirm, waiting, read_out(), by=agent, at=over).code == "code_over"
    assert figures(waiting) == ("lapsed", 1000, 0, 3)


@pytest.mark.parametrize("first", ["hold", "redemption"])
def test_nobody_comes_back_the_clock_lets_it_go_whichever_job_runs_first(
    waiting: Redemption, first: str
) -> None:
    over = waiting.asked_at + timedelta(minutes=10)
    assert not lapse_next(at=over - timedelta(seconds=1))
    for job in (release_next, lapse_next) if first == "hold" else (lapse_next, release_next):
        job(at=over)
    assert figures(waiting) == ("lapsed", 1000, 0, 3)
    assert not lapse_next(at=over)


def test_a_letter_whose_code_is_over_is_not_sent_any_more(waiting: Redemption) -> None:
    send_next_notice(at=waiting.asked_at + timedelta(minutes=10))
    assert mail.outbox == []


def test_it_can_be_withdrawn_before_it_is_confirmed(waiting: Redemption, agent: Agent) -> None:
    withdraw(waiting, by=agent)
    withdraw(waiting, by=agent)
    assert figures(waiting) == ("lapsed", 1000, 0, 3)


def test_held_points_are_spent_by_nobody_else(waiting: Redemption, agent: Agent, brand: Brand) -> None:
    dear = make.make_reward(brand=brand, points=501)
    assert refusal(redeem_reward, waiting.account, dear, by=None, key="x").code == "not_enough_points"


def test_undone_points_and_stock_come_back_and_the_voucher_is_dead(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    taken = redeem_reward(member.account, make.make_reward(brand=brand, stock=1), by=agent, key="k")
    assert figures(taken) == ("posted", 500, 0, 0)
    for _ in range(2):
        undo_redemption(taken, by=agent)
        assert figures(taken) == ("undone", 1000, 0, 1)
    assert refusal(use_voucher, taken.voucher.code, by=agent, key="u").code == "voucher_cancelled"


def test_what_was_used_or_sent_is_not_undone(member: Customer, agent: Agent, brand: Brand) -> None:
    used = redeem_reward(member.account, make.make_reward(brand=brand, points=10), by=agent, key="a")
    use_voucher(used.voucher.code, by=agent, key="u")
    assert refusal(undo_redemption, used, by=agent).code == "voucher_used"
    lamp = make.make_reward(brand=brand, points=10, kind="shipped")
    sent = redeem_reward(member.account, lamp, by=agent, key="b")
    assert refusal(mark_shipped, used, by=agent, key="s").code == "not_to_ship"
    mark_shipped(sent, by=agent, key="s")
    assert refusal(undo_redemption, sent, by=agent).code == "reward_shipped"


def test_a_stranger_confirms_withdraws_and_undoes_nothing(waiting: Redemption) -> None:
    stranger = make.make_agent()
    code = read_out()
    assert refusal(confirm, waiting, code, by=stranger).code == "not_allowed"
    for deed in (withdraw, undo_redemption, partial(mark_shipped, key="s")):
        assert refusal(deed, waiting, by=stranger).code == "not_allowed"
    assert figures(waiting) == ("waiting", 1000, 500, 2)


def a_waiting_one(brand: Brand, agent: Agent) -> Redemption:
    member = make.make_member(brand=brand, points=500)
    Programme.objects.filter(brand=brand).update(confirm_above=1)
    verified(member, agent)
    reward = make.make_reward(brand=brand, stock=1)
    return redeem_reward(Account.objects.get(customer=member), reward, by=agent, key=make.unique())


@pytest.mark.race
def test_wrong_codes_at_once_each_count(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    for _ in range(3):
        one = a_waiting_one(brand, agent)
        at_once(*(partial(confirm, one, "no code", by=agent) for _ in range(3)))
        one.refresh_from_db()
        assert one.tries == 3


@pytest.mark.race
def test_control_without_the_lock_a_wrong_code_is_lost(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    one = a_waiting_one(brand, agent)
    at_once(*(partial(confirm, one, "no code", by=agent) for _ in range(3)), unlocked=True)
    one.refresh_from_db()
    assert one.tries < 3


@pytest.mark.race
def test_confirming_and_lapsing_at_once_do_one_of_both(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    for _ in range(3):
        one = a_waiting_one(brand, agent)
        code = read_out()
        at_once(
            partial(confirm, one, code, by=agent), partial(withdraw, one, by=agent),
            partial(lapse_next, at=clock.now() + timedelta(minutes=11)),
        )  # fmt: skip
        assert figures(one) in {("posted", 0, 0, 0), ("lapsed", 500, 0, 1)}
