from __future__ import annotations

import pytest

from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account
from loyalty.services import adjust
from tests import make


def balance(member: Customer) -> int:
    return Account.objects.get(pk=member.account.pk).balance


def test_a_supervisor_corrects_a_balance_up_and_down(member: Customer, supervisor: Agent) -> None:
    more = adjust(member.account, 50, by=supervisor, reason="import-error", key="a1")
    less = adjust(member.account, -80, by=supervisor, reason="import-error", key="a2")
    assert (more.points, more.qualifying, more.reason, more.actor) == (50, 0, "import-error", supervisor)
    assert (less.points, less.balance_after) == (-80, 970)
    assert balance(member) == 970
    assert sum(member.account.lots.values_list("remaining", flat=True)) == 970


def test_an_agent_without_the_permission_adjusts_nothing(member: Customer, agent: Agent) -> None:
    with pytest.raises(Refused) as refusal:
        adjust(member.account, 50, by=agent, reason="import-error", key="a1")
    assert refusal.value.code == "not_allowed"
    assert balance(member) == 1000


def test_a_supervisor_who_has_left_adjusts_nothing(member: Customer, brand: object) -> None:
    gone = make.make_agent(role="supervisor", brands=[brand], is_active=False)
    with pytest.raises(Refused) as refusal:
        adjust(member.account, 50, by=gone, reason="import-error", key="a1")
    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("points", "reason", "code"),
    [(50, "", "reason_missing"), (0, "typo", "nothing_to_adjust"), (-1001, "typo", "not_enough_points")],
)
def test_what_is_no_correction_is_refused(
    member: Customer, supervisor: Agent, points: int, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        adjust(member.account, points, by=supervisor, reason=reason, key="a1")
    assert refusal.value.code == code
    assert balance(member) == 1000


def test_the_same_correction_twice_is_one_and_another_under_its_key_is_refused(
    member: Customer, supervisor: Agent
) -> None:
    entries = {adjust(member.account, 50, by=supervisor, reason="typo", key="a1").pk for _ in range(2)}
    assert len(entries) == 1
    with pytest.raises(Refused) as refusal:
        adjust(member.account, 51, by=supervisor, reason="typo", key="a1")
    assert refusal.value.code == "key_conflict"


def test_a_correction_never_touches_a_frozen_account(member: Customer, supervisor: Agent) -> None:
    Account.objects.filter(pk=member.account.pk).update(status="frozen")
    with pytest.raises(Refused) as refusal:
        adjust(member.account, 50, by=supervisor, reason="typo", key="a1")
    assert refusal.value.code == "account_not_active"


def test_a_correction_does_not_raise_the_tier(member: Customer, supervisor: Agent) -> None:
    adjust(member.account, 9000, by=supervisor, reason="typo", key="a1")
    assert Account.objects.get(pk=member.account.pk).tier.code == "bronze"
