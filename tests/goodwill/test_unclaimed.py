"""Goodwill that was never spent: what the report counts, and that whoever can be told is told before it ends, once."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import loyalty.services
from agents.models import Agent, Brand
from contactcenter import clock
from customers.letters import words_of
from customers.models import Customer, Notice
from customers.services import merge, record_consent
from goodwill.models import Policy, Reason, Request
from goodwill.services import grant, reverse
from goodwill.unclaimed import Row, total, unclaimed
from loyalty.models import Account, Lot
from loyalty.services import expire, redeem, transfer, warnings, write_warnings
from tests import make

APRIL = make.instant("2026-04-10T12:00+02:00")


@pytest.fixture(autouse=True)
def free(agent: Agent, own: Policy) -> None:
    """The agent gives as often as these tests like, and from long ago on."""
    Policy.objects.filter(pk=own.pk).update(starts_at=make.instant("2020-01-01T00:00+00:00"))


def given(member: Customer, points: int, *, by: Agent, reason: Reason, at: datetime = APRIL) -> Request:
    ticket = make.make_ticket(customer=member, at=at)
    return grant(ticket, points, by=by, reason=reason, key=make.unique(), at=at)


def account_of(member: Customer) -> Account:
    return Account.objects.select_related("programme", "customer__brand").get(customer=member)


def report(brand: Brand) -> list[Row]:
    return unclaimed(brand, since=APRIL - timedelta(days=60), until=APRIL + timedelta(days=400))


def figures(row: Row) -> tuple[int, int, int, int, int]:
    return row.granted, row.spent, row.expired, row.open, row.gone


def test_each_point_is_spent_ended_taken_back_or_open_wherever_it_went(
    brand: Brand, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    later = APRIL + timedelta(days=1)

    def one() -> Customer:
        member = make.make_member(brand=brand)
        given(member, 100, by=agent, reason=generous)
        return member

    spender, sleeper, giver, merged, back, undone = (one() for _ in range(6))
    redeem(account_of(spender), 30, by=agent, key="spend", at=later)
    lot = Lot.objects.get(account=account_of(sleeper))
    assert lot.expires_at
    expire(account_of(sleeper), at=lot.expires_at)
    taker = make.make_member(brand=brand)
    transfer(account_of(giver), account_of(taker), 60, by=None, key="move", at=later)
    redeem(account_of(taker), 50, by=agent, key="spend2", at=later)
    kept = make.make_member(brand=brand)
    merge(kept, merged, by=supervisor, reason="twice", key="m", at=later)
    redeem(account_of(kept), 10, by=agent, key="spend3", at=later)
    reverse(Request.objects.get(ticket__customer=back), by=supervisor, reason="mistake", at=later)
    spend = redeem(account_of(undone), 100, by=agent, key="spend4", at=later)
    late = lot.expires_at + timedelta(days=1)
    loyalty.services.reverse(account_of(undone), spend, 40, by=supervisor, key="undo", at=late)
    (row,) = report(brand)
    assert (row.grants, row.month.isoformat(), row.reason) == (6, "2026-04-01", generous.label)
    #        spender    sleeper   giver                merged    back  undone
    spent = 30 + 0 + 50 + 10 + 0 + 60
    opens = 70 + 0 + (40 + 10) + 90 + 0 + 40
    assert figures(row) == (600, spent, 100, opens, 100)
    assert (row.unclaimed, row.percent) == (opens + 100, (opens + 100) * 100 // 500)


def test_points_of_other_kinds_other_brands_and_other_times_are_not_counted(
    brand: Brand, agent: Agent, generous: Reason, other_brand: Brand
) -> None:
    member = make.make_member(brand=brand, points=500)
    given(member, 100, by=agent, reason=generous)
    redeem(account_of(member), 500, by=agent, key="all", at=APRIL + timedelta(days=1))
    given(member, 50, by=agent, reason=generous, at=APRIL + timedelta(days=30))
    assert [(row.month.month, row.granted) for row in report(brand)] == [(4, 100), (5, 50)]
    assert sum(row.spent for row in report(brand)) <= 150
    assert total(report(brand)).granted == 150
    assert report(other_brand) == []
    assert unclaimed(brand, since=APRIL + timedelta(days=60), until=APRIL + timedelta(days=90)) == []


def test_the_report_is_one_question_and_reads_nothing_but_what_was_given(
    brand: Brand, agent: Agent, generous: Reason
) -> None:
    for _ in range(5):
        given(make.make_member(brand=brand, points=100), 100, by=agent, reason=generous)
    with CaptureQueriesContext(connection) as asked:
        report(brand)
    assert len(asked) == 1


def test_supervisors_read_it_and_take_it_out_as_a_file(
    client: Client, brand: Brand, agent: Agent, supervisor: Agent, generous: Reason, other_brand: Brand
) -> None:
    given(make.make_member(brand=brand), 100, by=agent, reason=generous, at=clock.now())
    client.force_login(supervisor)
    shown = client.get("/admin/goodwill/request/unclaimed/").content.decode()
    assert generous.label in shown
    assert "100 %" in shown
    file = client.get("/admin/goodwill/request/unclaimed/?as=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [(row["month"][-2:], row["granted"], row["open"]) for row in rows] == [
        ("01", "100", "100"), ("ll", "100", "100")
    ]  # fmt: skip
    assert LogEntry.objects.get().change_message == "exported: 1 row"
    assert client.get(f"/admin/goodwill/request/unclaimed/?brand={other_brand.pk}").status_code == 404
    client.force_login(agent)
    assert client.get("/admin/goodwill/request/unclaimed/").status_code == 302


@pytest.fixture
def gifted(brand: Brand, agent: Agent, generous: Reason) -> Customer:
    """A member with points of an order that end in fourteen days, and goodwill that ends in twenty."""
    member = make.make_member(brand=brand, points=300)
    make.make_mail(customer=member)
    given(member, 100, by=agent, reason=generous, at=clock.now())
    zone = account_of(member).programme.zone
    for contra, days in (("issue.order", 14), ("issue.goodwill", 20)):
        ends = clock.day((clock.now() + timedelta(days=days)).date(), zone)[0]
        Lot.objects.filter(account__customer=member, contra=contra).update(expires_at=ends)
    first = Lot.objects.get(account__customer=member, contra="issue.order").expires_at
    Account.objects.filter(customer=member).update(next_expiry=first)
    return member


def letters() -> list[tuple[int, int]]:
    return [
        (one.context["points"], one.context.get("gift", 0)) for one in Notice.objects.order_by("until", "pk")
    ]


def test_goodwill_is_told_of_on_its_own_day_though_other_points_end_first(gifted: Customer) -> None:
    assert write_warnings() == 2
    assert letters() == [(300, 0), (100, 100)]
    assert write_warnings() == 0


def run_down(member: Customer) -> None:
    """Day by day to the end of the goodwill, the points that end first ending on their day."""
    begun = clock.now()
    for day in range(22):
        at = begun + timedelta(days=day)
        expire(account_of(member), at=at)
        write_warnings(at=at)
        write_warnings(at=at)


def told_of_goodwill() -> list[str]:
    return sorted(one.key.rsplit(":", 1)[-1] for one in Notice.objects.all() if "gift" in one.context)


def test_the_same_points_are_told_of_once_at_each_warning_though_they_come_to_end_next(
    gifted: Customer,
) -> None:
    run_down(gifted)
    assert told_of_goodwill() == ["1", "30", "7"]


def test_control_without_the_key_of_account_day_and_warning_they_are_told_of_again(
    gifted: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, key = count(), warnings._key
    monkeypatch.setattr(warnings, "_key", lambda *of: f"{next(numbers)}:{key(*of)}")
    run_down(gifted)
    assert len(told_of_goodwill()) > 3


def test_control_who_looks_at_what_ends_next_alone_tells_of_it_late(
    gifted: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "_gifts_ending", lambda *_: [])
    run_down(gifted)
    assert told_of_goodwill() == ["1", "7"]


def test_the_letter_says_what_was_a_gift_in_the_language_of_the_customer(gifted: Customer) -> None:
    write_warnings()
    gift, plain = Notice.objects.get(context__gift=100), Notice.objects.get(context__points=300)
    assert "They were a gift from us" in words_of(gift).text
    assert "gift" not in words_of(plain).text
    Customer.objects.filter(pk=gifted.pk).update(language="de")
    assert "ein Geschenk von uns" in words_of(Notice.objects.get(pk=gift.pk)).text


def test_who_left_the_programme_or_is_frozen_or_has_no_address_is_not_told(
    gifted: Customer, supervisor: Agent, brand: Brand
) -> None:
    record_consent(gifted, "programme", given=False, source="call", by=supervisor)
    assert write_warnings() == 0
    record_consent(gifted, "programme", given=True, source="call", by=supervisor)
    make.freeze(gifted, by=supervisor)
    assert write_warnings() == 0


def test_what_was_spent_is_told_of_no_more(gifted: Customer, agent: Agent) -> None:
    redeem(account_of(gifted), 400, by=agent, key="all")
    assert write_warnings() == 0


def test_whose_goodwill_ends_is_one_question_for_all_accounts_of_a_batch(
    gifted: Customer, brand: Brand
) -> None:
    for _ in range(3):
        make.make_member(brand=brand, points=10)
    Account.objects.filter(brand=brand).update(next_expiry=clock.now() + timedelta(days=14))
    with CaptureQueriesContext(connection) as asked:
        write_warnings()
    assert len([query for query in asked if "SELECT DISTINCT" in query["sql"]]) == 1
