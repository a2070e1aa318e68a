"""What outstanding points are worth: the standard's own figures, and curves read from a ledger that is known."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
from django.test import Client

from agents.models import Agent, Brand
from contactcenter import clock
from loyalty.liability import Vintage, allocated, curve, liability_of, recognised, still_to_come, with_tail
from loyalty.models import Account, Programme
from loyalty.services import earn, expire, redeem, reverse
from loyalty.vintages import liability, vintages_of
from tests import make


def test_the_published_example_comes_out() -> None:
    """9,000 put off for 10,000 points of which 9,700 are expected; then more are, or fewer."""
    first = recognised(9_000, 4_500, 9_700)
    assert round(first) == 4_175
    assert round(recognised(9_000, 8_500, 9_900) - first) == 3_552
    assert round(recognised(9_000, 8_500, 9_200) - first) == 4_140


def test_the_example_of_the_standard_itself_comes_out() -> None:
    """IFRS 15, example 52: 100,000 paid for goods of 100,000 and 10,000 points of 1, spent with 95 % likelihood."""
    put_off = allocated(100_000, 100_000, 9_500)
    assert (round(put_off), round(100_000 - put_off)) == (8_676, 91_324)
    first = recognised(put_off, 4_500, 9_500)
    assert (round(first), round(recognised(put_off, 8_500, 9_700) - first)) == (4_110, 3_493)


@pytest.mark.parametrize(
    ("redeemed", "expected", "revenue"), [(0, 100, 0), (100, 100, 90), (120, 100, 90), (0, 0, 90)]
)
def test_revenue_is_never_more_than_was_put_off(redeemed: int, expected: int, revenue: int) -> None:
    assert recognised(90, redeemed, expected) == revenue


def vintage(month: int, *, issued: int = 1000, outstanding: int = 1000, age: int, **redeemed: int) -> Vintage:
    shares = {int(name[1:]): points for name, points in redeemed.items()}
    return Vintage(date(2026, month, 1), issued, outstanding, age, shares)


def test_a_curve_is_told_by_the_vintages_old_enough() -> None:
    old = vintage(1, age=3, m0=100, m1=200, m2=100)
    young = vintage(3, issued=3000, age=1, m0=500)
    assert curve([old, young]) == [Fraction(600, 4000), Fraction(35, 100), Fraction(45, 100)]
    assert curve([]) == []


@pytest.mark.parametrize(
    ("age", "outstanding", "expected"),
    [(0, 1000, 400), (1, 900, 300), (2, 700, 100), (3, 600, 0), (9, 600, 0), (0, 150, 150)],
)
def test_what_is_to_come_is_what_the_curve_still_rises(age: int, outstanding: int, expected: int) -> None:
    shares = [Fraction(10, 100), Fraction(30, 100), Fraction(40, 100)]
    assert still_to_come(vintage(5, age=age, outstanding=outstanding), shares) == expected


def test_without_history_every_point_is_owed() -> None:
    owed = liability_of([vintage(5, age=0)], point_value_minor=2)
    assert (owed.outstanding, owed.expected, owed.value_minor, owed.ultimate) == (1000, 1000, 2000, 100)


def test_a_part_of_a_point_is_owed_as_a_whole_one() -> None:
    assert still_to_come(vintage(5, issued=10, outstanding=10, age=0), [Fraction(1, 3)]) == 4


def halving(known: int, first: Fraction = Fraction(1, 4)) -> list[Fraction]:
    """The curve of points of which each month half as many are spent as in the one before."""
    return [2 * first * (1 - Fraction(1, 2**month)) for month in range(1, known + 1)]


def test_a_curve_that_halves_each_month_goes_on_to_where_it_ends() -> None:
    """By hand: r = 1/2; m is the mean of the last 6 of 8 months, 63 times the last by 6."""
    shares = halving(8)
    last, m = Fraction(1, 4 * 2**7), Fraction(63, 6) * Fraction(1, 4 * 2**7)
    assert shares[-1] - shares[-2] == last
    assert with_tail(shares, months=None) == [*shares, shares[-1] + m]
    assert with_tail(shares, months=10)[-1] == shares[-1] + m * Fraction(3, 4)
    assert with_tail(shares, months=None)[-1] >= Fraction(1, 2)  # what is spent in the end, in truth


def test_what_is_over_has_no_tail_and_what_nobody_knows_is_owed() -> None:
    assert with_tail(halving(8), months=8) == halving(8)
    assert with_tail(halving(5), months=24)[-1] == 1
    rising = [Fraction(month * month, 1000) for month in range(1, 9)]
    assert with_tail(rising, months=24)[-1] == 1
    still = [Fraction(1, 10)] * 12
    assert with_tail(still, months=24) == still


@pytest.mark.parametrize("steps", [[0] * 6 + [1], [1] + [0] * 7 + [1]])
def test_what_is_spent_late_after_nothing_at_all_leaves_all_owed(steps: list[int]) -> None:
    shares = [Fraction(sum(steps[: month + 1]), 10) for month in range(len(steps))]
    for months in (None, 24):
        assert with_tail(shares, months=months) == [*shares, 1]


def test_spends_undone_late_make_nothing_smaller() -> None:
    shares = [Fraction(tenths, 10) for tenths in (2, 3, 3, 3, 3, 3, 3, 1)]
    for months in (None, 24):
        assert with_tail(shares, months=months) == shares
    assert with_tail([Fraction(5, 10), *[Fraction(4, 10)] * 6, Fraction(5, 10)], months=24)[-1] == 1


@pytest.mark.parametrize("known", [3, 8, 16])
def test_a_young_programme_is_not_told_too_small(known: int) -> None:
    """A programme whose points live 24 months and are spent by a curve that is known here, seen after some of them."""
    spent = [Fraction(3, 100) * Fraction(9, 10) ** month for month in range(24)]
    young = [
        Vintage(
            date(2026, 1, 1), 10_000, int(10_000 * (1 - sum(spent[:age]))), age,
            {month: round(10_000 * spent[month]) for month in range(age)},
        )
        for age in range(1, known + 1)
    ]  # fmt: skip
    truly = sum(10_000 * sum(spent[one.age :]) for one in young)
    with_its_tail = liability_of(young, point_value_minor=1, months=24)
    cut_off = sum(still_to_come(one, curve(young)) for one in young)
    assert cut_off < truly <= with_its_tail.expected


def at(text: str) -> object:
    return make.instant(f"{text}T12:00+01:00")


@pytest.fixture
def account(brand: Brand, programme: object) -> Account:
    """1,000 of January: 100 taken back, 300 spent in January and 150 in March; 500 of February, untouched."""
    account = make.make_member(brand=brand).account
    given = earn(account, 1000, contra="issue.order", by=None, key="jan", at=at("2026-01-10"), months=9)
    reverse(account, given, 100, by=None, key="back", at=at("2026-01-12"))
    redeem(account, 300, by=None, key="one", at=at("2026-01-20"))
    earn(account, 500, contra="issue.order", by=None, key="feb", at=at("2026-02-10"), months=24)
    redeem(account, 150, by=None, key="two", at=at("2026-03-05"))
    return account


def test_vintages_are_read_from_lots_and_their_uses(account: Account) -> None:
    january, february = vintages_of(account.programme, at=at("2026-04-15"))
    assert (january.issued, january.outstanding, january.age) == (900, 450, 3)
    assert january.redeemed == {0: 300, 2: 150}
    assert (february.issued, february.outstanding, february.age, february.redeemed) == (500, 500, 2, {})


def test_what_has_ended_is_neither_spent_nor_owed(account: Account) -> None:
    expire(account, at=at("2026-11-01"))
    january, _february = vintages_of(account.programme, at=at("2026-11-15"))
    assert (january.issued, january.outstanding, january.redeemed_so_far) == (900, 0, 450)


def test_what_is_outstanding_is_what_members_have(account: Account, brand: Brand) -> None:
    other = make.make_member(brand=brand, points=77).account
    owed = liability(account.programme, at=at("2026-04-15"))
    balances = sum(Account.objects.filter(pk__in=[account.pk, other.pk]).values_list("balance", flat=True))
    assert owed.outstanding == owed.expected + owed.breakage == balances


def test_a_supervisor_reads_it_as_a_table_and_takes_it_along(
    client: Client, account: Account, supervisor: Agent, other_brand: Brand
) -> None:
    address = f"/admin/loyalty/programme/{account.programme_id}/liability/"
    client.force_login(supervisor)
    assert address in client.get(f"/admin/loyalty/programme/{account.programme_id}/change/").text
    page = client.get(address).text
    assert "January 2026" in page
    assert "Outstanding are 950" in page
    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}?as=csv").content.decode("utf-8-sig"))))
    assert [row["month"] for row in rows] == ["2026-01-01", "2026-02-01", "all"]
    assert int(rows[-1]["outstanding"]) == 950
    client.force_login(make.make_agent(role="supervisor", brands=[other_brand]))
    assert client.get(address).status_code == 404


def test_each_programme_has_its_own(account: Account, other_brand: Brand) -> None:
    make.make_member(brand=other_brand, points=5)
    theirs = Programme.objects.get(brand=other_brand)
    assert liability(theirs, at=clock.now()).outstanding == 5
