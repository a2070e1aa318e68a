from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account, Adjustment
from loyalty.services import adjust, approve_adjustment, ask_adjustment, decline_adjustment
from tests import make
from tests.loyalty.test_holds import refused

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = {"agents", "callbacks", "contactcenter", "customers", "desk", "goodwill", "loyalty", "tickets"}


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


def admin_of(brand: Brand) -> Agent:
    return make.make_agent(role="administrator", brands=[brand])


def test_above_the_limit_of_the_role_a_second_person_is_needed(
    member: Customer, supervisor: Agent, brand: Brand
) -> None:
    with refused("needs_second_person"):
        adjust(member.account, 10_001, by=supervisor, reason="typo", key="a1")
    adjust(member.account, 10_000, by=supervisor, reason="typo", key="a1")
    adjust(member.account, 100_000, by=admin_of(brand), reason="typo", key="a2")
    with refused("needs_second_person"):
        adjust(member.account, -100_001, by=admin_of(brand), reason="typo", key="a3")
    assert balance(member) == 111_000


def test_many_small_corrections_of_a_day_count_together(
    member: Customer, supervisor: Agent, brand: Brand
) -> None:
    adjust(member.account, 6000, by=supervisor, reason="typo", key="a1")
    adjust(member.account, -3000, by=supervisor, reason="typo", key="a2")
    with refused("needs_second_person"):
        adjust(member.account, 1001, by=supervisor, reason="typo", key="a3")
    other = make.make_agent(role="supervisor", brands=[brand])
    adjust(member.account, 1001, by=other, reason="typo", key="a3")
    with clock.standing_at(clock.now() + timedelta(hours=25)):
        adjust(member.account, 10_000, by=supervisor, reason="typo", key="a4")


def asked(member: Customer, by: Agent, points: int = 50_000) -> Adjustment:
    return ask_adjustment(member.account, points, by=by, reason="move_in", key="ask")


def test_what_one_asks_for_another_approves_once(member: Customer, supervisor: Agent, brand: Brand) -> None:
    request, boss = asked(member, supervisor), admin_of(brand)
    assert (balance(member), asked(member, supervisor)) == (1000, request)
    entries = {approve_adjustment(request, by=boss) for _ in range(2)}
    entry = entries.pop()
    assert not entries
    assert (entry.points, entry.actor, entry.kind, entry.reason) == (50_000, supervisor, "adjust", "move_in")
    request.refresh_from_db()
    assert (request.state, request.approver, request.entry) == ("approved", boss, entry)
    with refused("already_approved"):
        decline_adjustment(request, by=boss)
    adjust(member.account, 10_000, by=supervisor, reason="typo", key="a1")  # the agreed one does not count


def test_nobody_decides_what_they_asked_for_themselves(member: Customer, supervisor: Agent) -> None:
    request = asked(member, supervisor)
    for decide in (approve_adjustment, decline_adjustment):
        with refused("same_person"):
            decide(request, by=supervisor)
    assert balance(member) == 1000


def test_what_was_declined_moves_nothing_and_stays_so(
    member: Customer, supervisor: Agent, brand: Brand
) -> None:
    request, boss = asked(member, supervisor), admin_of(brand)
    for _ in range(2):
        assert decline_adjustment(request, by=boss).state == "declined"
    with refused("already_declined"):
        approve_adjustment(request, by=boss)
    assert balance(member) == 1000


def test_deciding_takes_the_permission_and_the_brand(
    member: Customer, supervisor: Agent, agent: Agent
) -> None:
    request = asked(member, supervisor)
    for somebody in (agent, make.make_agent(role="supervisor")):
        for decide in (approve_adjustment, decline_adjustment):
            with refused("not_allowed"):
                decide(request, by=somebody)


def test_a_taking_is_approved_only_as_far_as_points_are_there(
    member: Customer, supervisor: Agent, brand: Brand
) -> None:
    request = asked(member, supervisor, -50_000)
    with refused("not_enough_points"):
        approve_adjustment(request, by=admin_of(brand))


def test_a_page_asks_a_second_person_and_another_page_lets_them_decide(
    member: Customer, supervisor: Agent, brand: Brand, client: Client
) -> None:
    client.force_login(supervisor)
    form = {"points": "20000", "reason": "move_in", "key": "0b1c9b3e-6f0e-4a58-9c9e-2f6f0f6d2c11"}
    client.post(f"/admin/loyalty/account/{member.account.pk}/adjust/", form)
    request = Adjustment.objects.get()
    page = f"/admin/loyalty/adjustment/{request.pk}/decide/"
    assert client.get(page).status_code == 200
    client.post(page, {"decision": "approve"})
    assert balance(member) == 1000
    client.force_login(admin_of(brand))
    client.post(page, {"decision": "approve"})
    assert balance(member) == 21_000


def test_no_code_outside_the_services_writes_to_the_ledger() -> None:
    """A back door would be a second place that makes entries, lots or balances."""
    pattern = re.compile(
        r"\b(Entry|Lot|LotUse|Hold)(\.objects|\._base_manager)?\.?(create|bulk_create|update)?\((?!\))"
        r"|(balance|held|remaining)=F\("
    )
    guilty = []
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*.py"):
            if not {"services", "migrations"} & set(path.parts):
                lines = path.read_text().splitlines()
                guilty += [f"{path.name}: {line}" for line in lines if pattern.search(line)]
    assert [line for line in guilty if "class " not in line] == []
