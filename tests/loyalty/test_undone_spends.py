"""A spend that is undone brings its points back where they came from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contactcenter import clock
from customers.models import Customer
from loyalty.models import Entry
from loyalty.services import earn, redeem, reverse
from tests import make
from tests.loyalty.test_holds import now_of, refused

NOON = make.instant("2026-05-01T12:00+02:00")


@pytest.fixture
def spender(programme: object, brand: object) -> Customer:
    """Somebody with three lots of 100 that end after 1, 6 and 12 months."""
    spender = make.make_member(brand=brand)
    for months in (6, 12, 1):
        earn(spender.account, 100, contra="issue.order", by=None, key=f"e{months}", at=NOON, months=months)
    return spender


def spent(spender: Customer, points: int = 250) -> Entry:
    return redeem(spender.account, points, by=None, key="r1", at=NOON)


def left(spender: Customer) -> dict[str, int]:
    return dict(spender.account.lots.order_by("id").values_list("entry__key", "remaining"))


def test_the_points_come_back_into_their_lots_the_latest_expiring_first(spender: Customer) -> None:
    entry = spent(spender)
    reverse(spender.account, entry, 60, by=None, key="u1", at=NOON)
    assert left(spender) == {"e6": 10, "e12": 100, "e1": 0}
    undone = reverse(spender.account, entry, 190, by=None, key="u2", at=NOON)
    assert left(spender) == {"e6": 100, "e12": 100, "e1": 100}
    assert (undone.kind, undone.points, undone.reverses, undone.qualifying) == ("reverse", 190, entry, 0)
    assert now_of(spender).available == 300


def test_no_more_comes_back_than_was_spent_and_a_repeat_brings_nothing(spender: Customer) -> None:
    entry = spent(spender)
    for _ in range(2):
        reverse(spender.account, entry, 200, by=None, key="u1", at=NOON)
    assert now_of(spender).balance == 250
    with refused("more_than_given"):
        reverse(spender.account, entry, 51, by=None, key="u2", at=NOON)


def test_what_has_ended_meanwhile_comes_back_for_the_days_of_grace(spender: Customer) -> None:
    entry = spent(spender, 100)
    later = make.instant("2026-06-20T12:00+02:00")
    with clock.standing_at(later):
        undone = reverse(spender.account, entry, 100, by=None, key="u1")
        assert (undone.lot.granted, undone.lot.origin.entry.key) == (100, "e1")
        assert undone.lot.expires_at == make.instant("2026-07-21T00:00+02:00")
        assert now_of(spender).available == 300


def test_a_debt_is_paid_first_by_what_comes_back(spender: Customer) -> None:
    entry = spent(spender, 300)
    for gift in spender.account.entries.filter(kind="earn"):
        reverse(spender.account, gift, 50, by=None, key=f"back{gift.pk}", at=NOON)
    assert now_of(spender).balance == -150
    reverse(spender.account, entry, 200, by=None, key="u1", at=NOON)
    assert now_of(spender).available == 50


def test_only_gifts_and_spends_can_be_undone(spender: Customer) -> None:
    undone = reverse(spender.account, spent(spender), 10, by=None, key="u1", at=NOON)
    with refused("not_reversible"):
        reverse(spender.account, undone, 5, by=None, key="u2", at=NOON)
    with refused("more_than_given"):
        reverse(spender.account, undone.reverses, 5, by=None, key="u3", at=NOON, qualifying=1)


def test_what_was_spent_undone_and_given_back_is_charged_once(spender: Customer) -> None:
    entry = spent(spender, 100)
    reverse(spender.account, entry, 100, by=None, key="u1", at=NOON + timedelta(days=1))
    gift = spender.account.entries.get(key="e1")
    reverse(spender.account, gift, 100, by=None, key="back", at=NOON + timedelta(days=2))
    assert (now_of(spender).balance, left(spender)["e1"]) == (200, 0)
