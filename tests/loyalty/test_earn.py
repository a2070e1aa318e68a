from __future__ import annotations

import pytest
from django.db import DataError, transaction

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account, Entry, Programme
from loyalty.services import earn, enrol
from tests import make


def test_earned_points_are_owned_and_lie_in_a_lot_of_their_own(member: Customer) -> None:
    entry = earn(member.account, 250, contra="issue.order", by=None, key="e1", source="order:A-1")
    account = Account.objects.get(pk=member.account.pk)
    assert (account.balance, account.available, account.lifetime_earned) == (1250, 1250, 1250)
    assert (entry.points, entry.balance_after, entry.seq, entry.kind) == (250, 1250, 2, Entry.Kind.EARN)
    assert (entry.lot.granted, entry.lot.remaining, entry.lot.is_open) == (250, 250, True)


def test_the_same_gift_with_the_same_key_is_given_once(member: Customer) -> None:
    entries = {earn(member.account, 250, contra="issue.order", by=None, key="e1").pk for _ in range(3)}
    assert len(entries) == 1
    assert Account.objects.get(pk=member.account.pk).balance == 1250


@pytest.mark.parametrize(
    "other",
    [{"points": 251}, {"contra": "issue.campaign"}, {"source": "order:B"}, {"qualifying": 5}, {"months": 3}],
)
def test_the_same_key_with_other_content_is_refused(member: Customer, other: dict[str, object]) -> None:
    asked = {"points": 250, "contra": "issue.order", "by": None, "key": "e1"}
    earn(member.account, **asked)
    with pytest.raises(Refused) as refusal:
        earn(member.account, **(asked | other))
    assert refusal.value.code == "key_conflict"


def test_a_key_of_one_account_does_not_answer_for_another(member: Customer) -> None:
    somebody = make.make_member(brand=member.brand)
    earn(member.account, 250, contra="issue.order", by=None, key="e1")
    with pytest.raises(Refused) as refusal:
        earn(somebody.account, 250, contra="issue.order", by=None, key="e1")
    assert refusal.value.code == "key_conflict"


@pytest.mark.parametrize("points", [0, -5])
def test_only_a_number_above_zero_can_be_earned(member: Customer, points: int) -> None:
    with pytest.raises(Refused) as refusal:
        earn(member.account, points, contra="issue.order", by=None, key="e1")
    assert refusal.value.code == "not_positive"


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_no_points_move_on_an_account_that_is_not_active(member: Customer, status: str) -> None:
    Account.objects.filter(pk=member.account.pk).update(status=status)
    with pytest.raises(Refused) as refusal:
        earn(member.account, 5, contra="issue.order", by=None, key="e1")
    assert refusal.value.code == "account_not_active"


def test_a_repeat_is_answered_even_when_the_account_is_frozen_by_now(member: Customer) -> None:
    entry = earn(member.account, 5, contra="issue.order", by=None, key="e1")
    Account.objects.filter(pk=member.account.pk).update(status="frozen")
    assert earn(member.account, 5, contra="issue.order", by=None, key="e1") == entry


def test_who_becomes_a_member_twice_has_one_account(customer: Customer, programme: object) -> None:
    assert enrol(customer) == enrol(customer)
    account = Account.objects.get(customer=customer)
    assert (account.tier.code, account.balance, account.brand) == ("bronze", 0, customer.brand)
    assert account.number.startswith("FF-")


def test_the_longest_code_of_a_programme_fits_into_the_number_of_an_account(brand: Brand) -> None:
    make.make_programme(brand=brand, code="c" * 12)
    account = make.make_member(brand=brand).account
    assert account.number == f"{'C' * 12}-{account.customer_id:07d}"
    assert len("C" * 12 + "-9999999") <= 20  # what the field holds
    with pytest.raises(DataError), transaction.atomic():
        Programme.objects.update(code="c" * 13)


def test_points_are_worth_what_the_programme_says(member: Customer) -> None:
    assert member.account.worth() == 1000
    assert member.account.worth(30) == 30
    member.account.programme.point_value_minor = 3
    assert member.account.worth(30) == 90


def test_an_entry_says_when_it_happened_and_when_it_was_written(member: Customer) -> None:
    before = clock.now()
    happened = make.instant("2026-01-05T10:00+01:00")
    entry = earn(member.account, 5, contra="issue.order", by=None, key="e1", at=happened)
    assert entry.occurred_at == happened
    assert before <= entry.posted_at <= clock.now()
