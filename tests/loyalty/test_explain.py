"""Why a line of the ledger is what it is, and what an account had at any point in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from customers.services import Line, Refund, refund_order
from loyalty.explain import balance_at, explain, last_line_by
from loyalty.models import Account, Entry, LotUse
from loyalty.services import earn, redeem
from tests import make

START = make.instant("2026-01-05T10:00+01:00")


@pytest.fixture
def account(brand: Brand, programme: object) -> Account:
    return make.make_member(brand=brand).account


def behind(entry: Entry) -> Entry:
    return Entry.objects.select_related("account__programme__brand").get(pk=entry.pk)


def test_a_line_of_an_order_names_its_articles_and_what_is_left_of_it(account: Account) -> None:
    lines = [Line("SKU-1", "Rain jacket", 5000), Line("SKU-2", "Socks", 1200, quantity=3)]
    order = make.make_order(customer=account.customer, number="A-7", lines=lines)
    redeem(account, 100, by=None, key="r")
    told = explain(behind(Entry.objects.get(source=f"order:{order.number}")))
    assert told.order == "A-7"
    named = [(one.name, one.quantity, one.amount_minor) for one in told.articles]
    assert named == [("Rain jacket", 1, 5000), ("Socks", 3, 1200)]
    (lot,) = told.opened
    assert (lot.granted - lot.remaining, told.moved) == (100, [])


def test_a_refund_names_what_came_back_by_article(account: Account) -> None:
    lines = [Line("SKU-1", "Rain jacket", 5000), Line("SKU-2", "Socks", 1200)]
    order = make.make_order(customer=account.customer, lines=lines)
    refund_order(order, [Refund(order.lines.get(sku="SKU-2"), 600)], key="one")
    refund_order(order, [Refund(order.lines.get(sku="SKU-1"), 1000)], key="two")
    backs = Entry.objects.filter(kind="reverse").order_by("pk")
    told = [[(one.name, one.amount_minor) for one in explain(behind(back)).articles] for back in backs]
    assert told == [[("Socks", 600)], [("Rain jacket", 1000)]]


def test_a_spend_names_the_lots_it_used_and_the_orders_they_came_with(account: Account) -> None:
    for days, number in enumerate(("A-1", "A-2")):
        make.make_order(
            customer=account.customer,
            number=number,
            amount_minor=2000,
            placed_at=START + timedelta(days=days),
        )
    told = explain(behind(redeem(account, 150, by=None, key="r")))
    assert [(one.points, one.order, one.restored) for one in told.moved] == [
        (100, "A-1", False),
        (50, "A-2", False),
    ]
    assert (told.balance_before, told.entry.balance_after) == (200, 50)


def test_points_that_went_back_to_a_lot_are_told_as_restored(account: Account) -> None:
    given = earn(account, 100, contra="issue.order", by=None, key="e", source="order:A-9")
    back = earn(account, 5, contra="issue.order", by=None, key="b")
    LotUse.objects.create(entry=back, lot_id=_lot(given), points=-5)
    (one,) = explain(behind(back)).moved
    assert (one.points, one.restored, one.order) == (5, True, "A-9")
    assert not explain(behind(back)).pays_debt


def _lot(entry: Entry) -> int:
    return entry.account.lots.get(entry=entry).pk


def test_the_rules_that_gave_are_told_as_they_were_then(account: Account) -> None:
    part = {"rule": "base", "version": 3, "points_per_unit": 5, "amount_minor": 2000, "points": 100}
    given = earn(account, 100, contra="issue.order", by=None, key="e", breakdown={"rules": [part]})
    assert explain(behind(given)).rules == [part]


def told_at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@pytest.mark.parametrize("lines", [0, 1, 2, 7, 8, 9])
def test_the_balance_at_any_time_is_what_had_been_posted_by_then(account: Account, lines: int) -> None:
    for hour in range(lines):
        with clock.standing_at(told_at(2 * hour)):
            earn(account, 10 + hour, contra="issue.order", by=None, key=f"e{hour}")
    account.refresh_from_db()
    for hour in range(-1, 2 * lines + 1):
        posted = [10 + one for one in range(lines) if 2 * one <= hour]
        assert balance_at(account, told_at(hour)) == sum(posted)
        assert last_line_by(account, told_at(hour)) == len(posted)


def test_a_line_told_late_was_not_in_the_books_before_it_was_posted(account: Account) -> None:
    earn(account, 10, contra="issue.order", by=None, key="late", at=START)
    assert balance_at(account, START + timedelta(days=1)) == 0
    assert balance_at(account, clock.now()) == 10


def test_the_desk_tells_it_in_place(client: Client, agent: Agent, account: Account) -> None:
    client.force_login(agent)
    lines = [Line("SKU-1", "Rain jacket", 5000), Line("SKU-2", "Socks", 1200, quantity=3)]
    make.make_order(customer=account.customer, number="A-7", lines=lines, placed_at=START)
    spend = redeem(account, 100, by=None, key="r")
    said = client.get(f"/entries/{account.entries.get(seq=1).pk}/why/").text
    assert "Articles: Rain jacket €50.00; 3 × Socks €12.00." in said
    assert "210 of 310 are left" in said
    assert "balance 0 before it, 310 after it" in said
    assert "100 earned on 5 Jan 2026 with order A-7." in client.get(f"/entries/{spend.pk}/why/").text


def test_a_stranger_is_told_nothing(client: Client, account: Account, other_brand: Brand) -> None:
    given = earn(account, 10, contra="issue.order", by=None, key="e")
    client.force_login(make.make_agent(brands=[other_brand]))
    assert client.get(f"/entries/{given.pk}/why/").status_code == 404


def test_both_halves_of_a_move_name_each_other(brand: Brand, account: Account, member: Customer) -> None:
    fields = {
        "kind": "transfer", "contra": "transfer", "group": "move:1", "request_hash": "h", "occurred_at": START,
        "posted_at": START, "counts_at": START,
    }  # fmt: skip
    left = Entry.objects.create(
        account=member.account, seq=99, points=-5, balance_after=0, key="out", **fields
    )
    came = Entry.objects.create(account=account, seq=99, points=5, balance_after=5, key="in", **fields)
    for one, other in ((left, came), (came, left)):
        assert list(explain(behind(one)).partners) == [other]
