"""Statements: what they say, that they add up, who may take them along, and that a long account costs no more."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from bench import ledger_rows
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import proof
from loyalty.explain import balance_at
from loyalty.models import Account
from loyalty.services import adjust, earn, redeem
from loyalty.statement_files import csv_of, file_of, pdf_of
from loyalty.statements import PAGE, Period, statement_of
from tests import make
from tests.desk.test_plans import plan, rows_of

MARCH = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def account(brand: Brand, programme: object) -> Account:
    """300 in February, +200 and −350 in March, +50 in April; the programme keeps Berlin's days."""
    account = make.make_member(brand=brand, name="Mara Mond").account
    told = [
        ("2026-02-10T12:00+01:00", 300), ("2026-03-01T00:00+01:00", 200), ("2026-03-31T23:59+02:00", -350),
        ("2026-04-01T00:00+02:00", 50),
    ]  # fmt: skip
    for number, (at, points) in enumerate(told):
        with clock.standing_at(make.instant(at)):
            if points > 0:
                earn(
                    account,
                    points,
                    contra="issue.order",
                    by=None,
                    key=f"e{number}",
                    source=f"order:A-{number}",
                )
            else:
                redeem(account, -points, by=None, key=f"r{number}")
    return Account.objects.select_related("programme", "customer").get(pk=account.pk)


def of_march(account: Account) -> Any:
    return statement_of(account, Period.of_days(*MARCH, account.programme))


def test_a_statement_adds_up_over_the_days_of_the_programmes_zone(account: Account) -> None:
    statement = of_march(account)
    moved = [line.points for line in statement.page().rows]
    assert (statement.opening, moved, statement.closing) == (300, [200, -350], 150)
    assert statement.opening + sum(moved) == statement.closing


def test_what_is_left_then_is_told_by_the_day_it_ends(account: Account) -> None:
    """In March the 300 of February were spent first; of the 200 of March 150 were left."""
    told = [(one.points, one.last_day) for one in of_march(account).endings()]
    assert told == [(150, date(2028, 3, 1))]
    assert sum(points for points, _day in told) == of_march(account).closing
    february = statement_of(account, Period.of_month(date(2026, 2, 28), account.programme))
    assert [(one.points, one.last_day) for one in february.endings()] == [(300, date(2028, 2, 10))]
    now = statement_of(account, Period.of_month(date(2026, 4, 2), account.programme))
    assert [one.points for one in now.endings()] == [150, 50]


def test_a_statement_once_given_never_changes(account: Account) -> None:
    before = csv_of(of_march(account))
    earn(account, 77, contra="issue.order", by=None, key="late", at=make.instant("2026-03-15T12:00+01:00"))
    redeem(account, 120, by=None, key="later")
    assert csv_of(of_march(Account.objects.select_related("programme").get(pk=account.pk))) == before


def test_months_follow_without_a_gap(account: Account) -> None:
    months = [
        statement_of(account, Period.of_month(date(2026, month, 5), account.programme))
        for month in range(1, 6)
    ]
    for one, following in itertools.pairwise(months):
        assert (one.closing, one.last, one.period.end) == (
            following.opening, following.before, following.period.start,
        )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [{}, {"from": "2026-03-01"}, {"from": "2026-03-31", "to": "2026-03-01"}, {"from": "x", "to": "\0"},
     {"from": "0001-01-01", "to": "0001-01-02"}, {"from": "9999-12-30", "to": "9999-12-31"}],
)  # fmt: skip
def test_days_that_make_no_sense_mean_this_month(account: Account, words: dict[str, str]) -> None:
    today = clock.now().astimezone(account.programme.zone).date()
    assert Period.asked(words, account) == Period.of_month(today, account.programme)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_csv_says_the_same_as_the_page(account: Account) -> None:
    kinds = [(row[3], row[7], row[8]) for row in rows(csv_of(of_march(account)))[1:]]
    assert kinds == [
        ("opening", "", "300"), ("earn", "200", "500"), ("redeem", "-350", "150"), ("closing", "", "150"),
        ("expires", "150", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("formula", ["=1+1", "+49", "-1", "@name", "\tx"])
def test_no_word_in_the_csv_is_a_formula(account: Account, supervisor: Agent, formula: str) -> None:
    with clock.standing_at(make.instant("2026-04-03T12:00+02:00")):
        earn(account, 5, contra="issue.order", by=None, key="x", source=formula)
        adjust(account, 5, by=supervisor, reason=formula, key="y")
    account.refresh_from_db()
    april = statement_of(account, Period.of_month(date(2026, 4, 2), account.programme))
    words = [cell for row in rows(csv_of(april)) for cell in row[3:7]]
    assert f"'{formula}" in words
    assert formula not in words


def test_the_pdf_is_one_and_holds_any_letters(account: Account, brand: Brand) -> None:
    account.customer.name = "<b>Łucja & Ωmega 顧客"
    assert pdf_of(of_march(account)).startswith(b"%PDF-")


def test_a_file_takes_the_right_to_export_and_stands_in_the_log(
    account: Account, agent: Agent, supervisor: Agent, other_brand: Brand
) -> None:
    stranger = make.make_agent(role="supervisor", brands=[other_brand])
    for nobody in (agent, stranger):
        with pytest.raises(Refused) as refusal:
            file_of(of_march(account), "csv", by=nobody)
        assert refusal.value.code == "not_allowed"
    assert not LogEntry.objects.exists()
    _content, headers = file_of(of_march(account), "pdf", by=supervisor)
    assert headers["Content-Disposition"].endswith('2026-03-01-2026-03-31.pdf"')
    assert LogEntry.objects.get().change_message == "exported: 2 rows"


def test_a_file_too_long_is_refused(
    account: Account, supervisor: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(file_of.__globals__["KINDS"], "pdf", (pdf_of, 1, "application/pdf"))
    with pytest.raises(Refused) as refusal:
        file_of(of_march(account), "pdf", by=supervisor)
    assert refusal.value.code == "too_long"


WORDS = "?from=2026-03-01&to=2026-03-31"


def test_the_desk_shows_it_and_who_may_export_takes_it_along(
    client: Client, account: Account, agent: Agent, supervisor: Agent
) -> None:
    address = f"/customers/{account.customer_id}/statement/{WORDS}"
    client.force_login(agent)
    page = client.get(address).text
    assert "Opening balance" in page
    assert "Closing balance" in page
    assert 'value="csv"' not in page
    assert client.get(f"{address}&as=csv").status_code == 409
    client.force_login(supervisor)
    assert 'value="csv"' in client.get(address).text
    assert client.get(f"{address}&as=pdf")["Content-Type"] == "application/pdf"


def test_the_admin_shows_it_from_the_page_of_the_account(
    client: Client, account: Account, supervisor: Agent
) -> None:
    client.force_login(supervisor)
    address = f"/admin/loyalty/account/{account.pk}/statement/"
    assert address in client.get(f"/admin/loyalty/account/{account.pk}/change/").text
    assert "Closing balance" in client.get(address + WORDS).text
    assert rows(client.get(f"{address}{WORDS}&as=csv").content)[1][8] == "300"


def test_who_is_no_member_or_of_another_brand_has_no_statement(
    client: Client, account: Account, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    client.force_login(agent)
    nobody = make.make_customer(brand=brand)
    assert client.get(f"/customers/{nobody.pk}/statement/").status_code == 404
    client.force_login(make.make_agent(brands=[other_brand]))
    assert client.get(f"/customers/{account.customer_id}/statement/{WORDS}").status_code == 404


LONG = 100_000
FEW = {"agents_agent", "loyalty_account"}  # a page of rows here, whatever the planner does with it


@pytest.fixture
def long(brand: Brand, programme: object) -> Account:
    """An account of 100,000 lines, among others."""
    (pk,) = ledger_rows.accounts(brand, 1)
    ledger_rows.lines([pk], LONG, open_lots=50)
    ledger_rows.lines(ledger_rows.accounts(brand, 50), 20)
    return Account.objects.select_related("programme", "customer").get(pk=pk)


def statements_of(deed: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        deed()
    return [query["sql"] for query in queries.captured_queries]


def test_a_page_of_an_account_of_100_000_lines_reads_its_lines_and_no_more(long: Account) -> None:
    assert all(not proof.broken(check).findings for check in proof.CHECKS)
    first = long.entries.get(seq=1).posted_at.date() - timedelta(days=1)
    period = Period.of_days(first, datetime.now(UTC).date() + timedelta(days=1), long.programme)
    statement = statement_of(long, period)
    assert (statement.before, statement.last, statement.closing) == (0, LONG, 500)
    cursor = ""
    for _ in range(3):
        cursor = statement.page(cursor).cursor
    (page,) = statements_of(lambda: statement.page(cursor))
    read = [node for node in plan(page) if node.get("Relation Name") == "loyalty_entry"]
    assert [node["Node Type"] for node in read] == ["Index Scan"]
    assert sum(rows_of(node) for node in read) <= PAGE + 1
    whole = statements_of(lambda: (statement_of(long, period), statement.page(cursor), statement.endings()))
    for one in whole:
        for node in plan(one):
            assert node["Node Type"] != "Seq Scan" or node["Relation Name"] in FEW, one


def test_control_by_offset_a_deep_page_reads_all_before_it(long: Account) -> None:
    (page,) = statements_of(lambda: list(long.entries.order_by("seq")[50_000 : 50_000 + PAGE]))
    assert max(rows_of(node) for node in plan(page)) > 50_000


def test_the_balance_of_any_time_is_found_in_seventeen_steps(long: Account) -> None:
    at = long.entries.get(seq=70_001).posted_at
    (halving, _balance) = statements_of(lambda: balance_at(long, at))
    assert balance_at(long, at) == 10
    read = [node for node in plan(halving) if node.get("Relation Name") == "loyalty_entry"]
    assert sum(rows_of(node) for node in read) <= 20
