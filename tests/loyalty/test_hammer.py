"""Six processes on three accounts with small lots: nothing breaks, nothing is lost, nobody is left waiting."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from django.db.models import Sum

from loyalty.models import Account, Entry
from tests import make
from tests.loyalty.hammering import START, Told, hammer
from tests.loyalty.test_ledger_property import expect_sound

pytestmark = pytest.mark.race
SECONDS = 10 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 3


def three_accounts() -> list[int]:
    brand = make.make_brand()
    members = [make.make_member(brand=brand).account for _ in range(3)]
    for account in members:
        for _ in range(10):
            make.give(account, 10, at=START, months=1)
    return [account.pk for account in members]


def broken(accounts: list[int], told: list[Told]) -> list[str]:
    """Everything that is wrong after the hammer, in words."""
    wrong = [error for each in told for error in each.errors]
    for pk in accounts:
        try:
            expect_sound(Account.objects.get(pk=pk))
        except AssertionError as error:
            wrong.append(f"account {pk} is not sound: {str(error).splitlines()[:1]}")
    kept = dict(Entry.objects.values_list("key", "pk"))
    given = {key: pk for each in told for key, pk in each.given.items()}
    wrong += [f"{key} was given and is lost" for key, pk in given.items() if kept.get(key) != pk]
    made = {key for key in kept if key.startswith("p") and not key.endswith(":in")}
    wrong += [f"{key} is there and nobody was given it" for key in made - set(given)]
    moved = Entry.objects.filter(kind="transfer").aggregate(sum=Sum("points"))["sum"] or 0
    return wrong + ([f"transfers leave {moved} points"] if moved else [])


def test_six_processes_break_nothing_and_lose_nothing(own_db: str) -> None:
    accounts = three_accounts()
    told = hammer(accounts, processes=6, seconds=SECONDS)
    assert broken(accounts, told) == []
    kinds = Counter(Entry.objects.values_list("kind", flat=True))
    assert set(kinds) == {"earn", "redeem", "expire", "reverse", "transfer"}, kinds
    refused = {code for each in told for code in each.refused}
    assert refused <= {"not_enough_points", "more_than_given", "hold_is_over"}, refused
    assert sum(len(each.given) for each in told) > 100


def test_control_without_the_locks_the_same_hammer_breaks_the_ledger(own_db: str) -> None:
    accounts = three_accounts()
    told = hammer(accounts, processes=6, seconds=SECONDS, unlocked=True)
    assert broken(accounts, told) != []
