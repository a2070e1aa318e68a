"""Points reserved while somebody decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account, Hold
from loyalty.services import capture, earn, freeze, hold, redeem, release, release_next, reverse
from loyalty.tasks import expire_holds
from tests import make
from tests.loyalty.test_ledger_property import expect_sound

HOUR = timedelta(hours=1)


def now_of(member: Customer) -> Account:
    expect_sound(member.account)
    return Account.objects.get(pk=member.account.pk)


def held(member: Customer, points: int = 300, **fields: object) -> Hold:
    fields = {"by": None, "key": make.unique("hold"), "until": clock.now() + HOUR} | fields
    return hold(member.account, points, **fields)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda refusal: refusal.code == code)


def test_what_is_held_is_still_owned_and_cannot_be_spent_elsewhere(member: Customer) -> None:
    held(member)
    account = now_of(member)
    assert (account.balance, account.held, account.available) == (1000, 300, 700)
    with refused("not_enough_points"):
        redeem(member.account, 701, by=None, key="r")
    with refused("not_enough_points"):
        held(member, 701)


def test_a_capture_spends_what_was_held_once(member: Customer, agent: Agent) -> None:
    kept = held(member, source="reward:mug")
    entries = [capture(kept, by=agent, key="c1") for _ in range(2)]
    assert entries[0] == entries[1]
    assert (entries[0].kind, entries[0].points, entries[0].contra, entries[0].source) == (
        "redeem", -300, "redeem.reward", "reward:mug",
    )  # fmt: skip
    account = now_of(member)
    assert (account.balance, account.held, account.lifetime_redeemed) == (700, 0, 300)
    kept.refresh_from_db()
    assert (kept.state, kept.entry, kept.ended_by) == ("captured", entries[0], agent)


def test_a_hold_that_was_captured_can_be_neither_captured_anew_nor_released(member: Customer) -> None:
    kept = held(member)
    capture(kept, by=None, key="c1")
    with refused("hold_is_over"):
        capture(kept, by=None, key="c2")
    with refused("hold_is_over"):
        release(kept, by=None)
    assert now_of(member).balance == 700


def test_what_is_released_can_be_spent_again_and_releasing_twice_releases_once(member: Customer) -> None:
    kept, other = held(member), held(member)
    for _ in range(2):
        assert release(kept, by=None).state == "released"
    assert now_of(member).held == 300
    capture(other, by=None, key="c1")
    assert now_of(member).available == 700


def test_the_same_hold_asked_for_twice_is_one_and_another_under_its_key_is_refused(member: Customer) -> None:
    assert held(member, key="h1") == held(member, key="h1")
    assert now_of(member).held == 300
    with refused("key_conflict"):
        held(member, 301, key="h1")


def test_a_hold_ends_by_itself_when_its_time_is_over(member: Customer) -> None:
    kept = held(member)
    assert release_next(at=kept.expires_at - timedelta(microseconds=1)) is False
    with refused("hold_is_over"):
        capture(kept, by=None, key="c1", at=kept.expires_at)
    assert [release_next(at=kept.expires_at) for _ in range(2)] == [True, False]
    kept.refresh_from_db()
    assert (kept.state, kept.ended_at, now_of(member).held) == ("expired", kept.expires_at, 0)
    assert release(kept, by=None).state == "expired"


def test_the_clocks_task_ends_the_holds_of_every_account(member: Customer) -> None:
    other = make.make_member(brand=member.brand, points=100)
    ends = clock.now() + HOUR
    for somebody, points in ((member, 300), (member, 200), (other, 100)):
        held(somebody, points, until=ends)
    assert expire_holds(at=ends) == 2
    assert not Hold.objects.filter(state="open").exists()
    assert (now_of(member).held, now_of(other).held) == (0, 0)


def test_held_points_that_ended_meanwhile_can_be_captured_and_expire_when_the_hold_ends(
    member: Customer,
) -> None:
    end = now_of(member).next_expiry
    first, second = (held(member, 300, until=end + 2 * HOUR) for _ in range(2))
    with clock.standing_at(end + HOUR):
        capture(first, by=None, key="c1")
        assert [entry.points for entry in member.account.entries.order_by("seq")] == [1000, -400, -300]
        assert now_of(member).balance == 300
    with clock.standing_at(end + 2 * HOUR):
        assert release_next()
        assert (now_of(member).balance, now_of(member).lifetime_expired) == (0, 700)
    second.refresh_from_db()
    assert second.state == "expired"


def test_what_a_refund_has_taken_cannot_be_captured(member: Customer) -> None:
    kept = held(member, 800)
    gift = member.account.entries.get()
    reverse(member.account, gift, 500, by=None, key="back")
    with refused("not_enough_points"):
        capture(kept, by=None, key="c1")
    release(kept, by=None)
    assert now_of(member).available == 500


@pytest.mark.parametrize("points", [0, -1])
def test_only_a_number_above_zero_is_held(member: Customer, points: int) -> None:
    with refused("not_positive"):
        held(member, points)


def test_nothing_is_held_into_the_past(member: Customer) -> None:
    with refused("hold_is_over"):
        held(member, until=clock.now() - HOUR)


def test_nothing_is_held_or_captured_on_a_frozen_account(member: Customer, supervisor: Agent) -> None:
    kept = held(member)
    freeze(member.account, by=supervisor, reason="fraud")
    with refused("account_not_active"):
        held(member)
    with refused("account_not_active"):
        capture(kept, by=None, key="c1")
    assert release(kept, by=None).state == "released"


def test_who_does_not_serve_the_brand_holds_captures_and_releases_nothing(member: Customer) -> None:
    stranger, kept = make.make_agent(), held(member)
    with refused("not_allowed"):
        held(member, by=stranger)
    with refused("not_allowed"):
        capture(kept, by=stranger, key="c1")
    with refused("not_allowed"):
        release(kept, by=stranger)


def test_points_due_are_not_held(member: Customer) -> None:
    end = now_of(member).next_expiry
    earn(member.account, 50, contra="issue.order", by=None, key="e1", months=60)
    with clock.standing_at(end + timedelta(seconds=1)), refused("not_enough_points"):
        held(member, 51)
