from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from agents.models import Brand
from customers.importing.examples import write_customers, write_orders
from customers.importing.orders import Orders
from customers.importing.people import People
from customers.importing.reading import open_source
from customers.importing.run import Report, Run, Summary
from customers.models import Customer, Order, OrderLine
from loyalty.models import Account, Entry
from loyalty.services import earn, redeem
from tests import databases, make
from tests.loyalty.test_ledger_property import expect_sound
from tests.together import at_once

HEADER = "number,customer,placed_at,status,currency,sku,name,category,quantity,amount\n"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def maria(brand: Brand, programme: object) -> Customer:
    return make.make_member(brand=brand, mail="maria@mail.example", phone="+49301234567")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


def take_in(file: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    code = 0
    try:
        call_command("import_orders", str(file), brand="FF", json=True, **options)
    except SystemExit as end:
        code = int(str(end.code))
    return json.loads(capsys.readouterr().out) | {"code": code}


def reasons(file: Path) -> dict[int, str]:
    with file.with_name(f"{file.name}.refused.csv").open(newline="") as report:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(report)}


def figures(summary: dict[str, Any]) -> tuple[int, int, int, int]:
    return summary["taken"], summary["known"], summary["refused"], summary["code"]


def test_an_order_of_several_lines_comes_with_its_points(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        HEADER
        + 'A-1,maria@mail.example,2026-05-01T12:00+02:00,delivered,EUR,S1,"Jacket, blue",jackets,1,49.90\n'
        + "A-1,,,,,S2,Hat,,2,10.10\n"
        + "A-2,+49 30 1234567,2026-05-02,,,S3,,,,5\n"
    )
    assert figures(take_in(file, capsys)) == (2, 0, 0, 0)
    first, second = Order.objects.order_by("number")
    assert (first.customer, first.total_minor, first.status, first.currency) == (
        maria,
        6000,
        "delivered",
        "EUR",
    )
    assert list(first.lines.values_list("sku", "name", "category", "quantity", "amount_minor")) == [
        ("S1", "Jacket, blue", "jackets", 1, 4990),
        ("S2", "Hat", "", 2, 1010),
    ]
    assert (second.status, second.placed_at) == ("placed", make.instant("2026-05-02T00:00+02:00"))
    account = Account.objects.get(customer=maria)
    assert (account.balance, account.version) == (325, 2)
    expect_sound(account)


def test_a_customer_is_named_by_loyalty_number_too(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(f"{HEADER}A-1,{maria.account.number.lower()},2026-05-01,,,S1,,,,5\n")
    assert figures(take_in(file, capsys)) == (1, 0, 0, 0)
    assert Order.objects.get().customer == maria


def test_a_second_run_changes_nothing_and_says_so(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"A-{n},maria@mail.example,2026-05-01,,,S,,,,{n}.00\n" for n in range(1, 40))
    file.write_text(HEADER + rows)
    assert figures(take_in(file, capsys)) == (39, 0, 0, 0)
    before = Account.objects.values().get()
    assert figures(take_in(file, capsys)) == (0, 39, 0, 0)
    assert Account.objects.values().get() == before
    assert OrderLine.objects.count() == 39


def test_customers_of_another_brand_are_unknown(
    file: Path, maria: Customer, other_brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = make.make_member(brand=other_brand, mail="theirs@mail.example")
    file.write_text(
        f"{HEADER}A-1,theirs@mail.example,2026-05-01,,,S,,,,5\nA-2,{theirs.account.number},2026-05-01,,,S,,,,5\n"
    )
    assert figures(take_in(file, capsys)) == (0, 0, 2, 1)
    assert reasons(file) == {
        2: "No customer of this brand is theirs@mail.example.",
        3: f"No customer of this brand is {theirs.account.number}.",
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["X,maria@mail.example,2026-05-01,,,S,,,,12.345"], {3: "amount is “12.345”"}),
        (["X,maria@mail.example,2026-05-01,,,S,,,,-5"], {3: "write an amount like 49.90"}),
        (["X,maria@mail.example,2026-05-01,,,S,,,0,5"], {3: "quantity is “0”"}),
        (["X,maria@mail.example,yesterday,,,S,,,,5"], {3: "placed_at is “yesterday”"}),
        (["X,maria@mail.example,2026-05-01,eaten,,S,,,,5"], {3: "status is “eaten”"}),
        (["X,maria@mail.example,2026-05-01,,USD,S,,,,5"], {3: "this brand sells in EUR"}),
        (["X,,2026-05-01,,,S,,,,5"], {3: "It names no customer"}),
        ([f"{'X' * 41},maria@mail.example,2026-05-01,,,S,,,,5"], {3: "has 1 to 40 characters"}),
        (
            ["X,maria@mail.example,2026-05-01,,,S,,,,5", "X,,,,,S,,,,bad"],
            {3: "Line 4: amount is “bad”", 4: "Line 4: amount is “bad”"},
        ),
        (
            ["X,maria@mail.example,2026-05-01,,,S,,,,5", "X,else@mail.example,,,,S,,,,5"],
            {3: "Line 4 gives this order another customer", 4: "Line 4 gives this order another customer"},
        ),
        (
            ["X,maria@mail.example,2026-05-01,,,S,,,,5", "X,too,few"],
            {3: "Line 4: It has 3 fields", 4: "Line 4: It has 3 fields"},
        ),
    ],
)
def test_one_wrong_line_refuses_its_order_and_no_other(
    file: Path, maria: Customer, lines: list[str], said: dict[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    good = ["A-1,maria@mail.example,2026-05-01,,,S,,,,5", "A-2,maria@mail.example,2026-05-01,,,S,,,,5"]
    file.write_text(HEADER + "\n".join([good[0], *lines, good[1]]) + "\n")
    summary = take_in(file, capsys)
    found = reasons(file)
    assert found.keys() == said.keys()
    assert all(said[line] in found[line] for line in said)
    assert figures(summary) == (2, 0, 1, 1)


def test_an_order_whose_lines_stand_apart_is_refused_as_a_whole(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    row = "maria@mail.example,2026-05-01,,,S,,,,5"
    file.write_text(f"{HEADER}A-1,{row}\nA-2,{row}\nA-1,{row}\n")
    assert figures(take_in(file, capsys)) == (1, 0, 2, 1)
    assert Order.objects.get().number == "A-2"
    assert reasons(file) == dict.fromkeys((2, 4), "Its lines stand apart: it began on line 2.")


@pytest.mark.parametrize(
    "broken", ['A-2,"maria"x,2026-05-01,,,S,,,,5', ",maria@mail.example,2026-05-01,,,S,,,,5"]
)
def test_orders_beside_a_line_that_may_be_theirs_are_not_recorded_in_part(
    file: Path, broken: str, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    row = "maria@mail.example,2026-05-01,,,S,,,,5"
    file.write_text(f"{HEADER}A-1,{row}\nA-2,{row}\n{broken}\nA-3,{row}\nA-4,{row}\n")
    assert figures(take_in(file, capsys)) == (2, 0, 3, 1)
    assert set(Order.objects.values_list("number", flat=True)) == {"A-1", "A-4"}
    assert set(reasons(file)) == {3, 4, 5}


def test_a_known_number_with_another_total_is_refused_and_the_order_stays(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    make.make_order(customer=maria, number="A-1", amount_minor=500)
    file.write_text(f"{HEADER}A-1,maria@mail.example,2026-05-01,,,S,,,,6\n")
    assert figures(take_in(file, capsys)) == (0, 0, 1, 1)
    assert reasons(file) == {2: "Order A-1 is already recorded with other content."}
    assert Order.objects.get().total_minor == 500


def test_an_order_whose_points_cannot_be_written_is_refused_alone(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    key = f"order:{maria.brand_id}:A-1:earn"
    earn(maria.account, 1, contra="issue.campaign", by=None, key=key)
    rows = "".join(f"A-{n},maria@mail.example,2026-05-01,,,S,,,,5\n" for n in (1, 2))
    file.write_text(HEADER + rows)
    assert figures(take_in(file, capsys)) == (1, 0, 1, 1)
    assert Order.objects.get().number == "A-2"
    expect_sound(maria.account)


def run(file: Path, kind: Any) -> Summary:
    source = open_source(file, known=kind.columns, required=kind.required)
    with Report(file.with_suffix(".refused")) as report:
        return Run(source, kind, report).go()


@pytest.mark.race
def test_two_imports_of_one_file_beside_live_deeds_take_every_order_once(own_db: str, tmp_path: Path) -> None:
    people, orders = tmp_path / "people.csv", tmp_path / "orders.csv"
    write_customers(people, 20)
    write_orders(orders, 300, customers=20, lines=2)
    brand = make.make_brand(code="FF")
    make.make_programme(brand=brand)
    run(people, People(brand))
    members = list(Account.objects.order_by("pk"))
    for account in members:
        make.give(account, 100)
    live = [partial(redeem, account, 10, by=None, key=make.unique()) for account in members[:3]]
    again = tmp_path / "again.csv"
    again.write_text(orders.read_text())
    first, second, *_ = answers = at_once(
        partial(run, orders, Orders(brand)), partial(run, again, Orders(brand)), *live
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert (first.taken + second.taken, first.known + second.known) == (150, 150)
    assert Order.objects.count() == 150
    for account in members:
        expect_sound(account)


def import_orders(file: Path, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "import_orders", str(file), "--brand", "FF", "--json"]
    env = os.environ | {"DATABASE_URL": databases.url_of(name)}
    return subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for_the_end_of(name: str) -> None:
    """Until PostgreSQL has noticed that nobody else is connected to the database any more."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    end = time.monotonic() + 30
    with connection.cursor() as cursor:
        while cursor.execute(others, [name]).fetchone() != (0,):
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.mark.race
def test_a_run_that_is_killed_goes_on_where_it_ended(own_db: str, tmp_path: Path) -> None:
    people, orders = tmp_path / "people.csv", tmp_path / "orders.csv"
    write_customers(people, 200)
    write_orders(orders, 8000, customers=200)
    brand = make.make_brand(code="FF")
    make.make_programme(brand=brand)
    run(people, People(brand))
    killed = import_orders(orders, own_db)
    end = time.monotonic() + 120
    while not Order.objects.exists():
        assert killed.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    wait_for_the_end_of(own_db)
    written = Order.objects.count()
    assert 0 < written < 8000
    assert OrderLine.objects.count() == written  # whole batches, with lines and points
    bought = Order.objects.filter(customer__account__isnull=False).count()
    assert 0 < Entry.objects.filter(contra="issue.order").count() == bought
    said, _errors = import_orders(orders, own_db).communicate()
    summary = json.loads(said)
    assert (summary["taken"], summary["known"], summary["refused"]) == (8000 - written, written, 0)
    assert (Order.objects.count(), OrderLine.objects.count()) == (8000, 8000)
    for account in Account.objects.all()[:10]:
        expect_sound(account)


def test_no_bar_is_drawn_where_nobody_looks(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(f"{HEADER}A-1,maria@mail.example,2026-05-01,,,S,,,,5\n")
    call_command("import_orders", str(file), brand="FF")
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("1 orders taken, 0 known already, 0 refused; 1 lines in ")


def test_the_channel_of_an_order_comes_along(
    file: Path, maria: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        "number,customer,placed_at,amount,channel\n"
        "A-1,maria@mail.example,2026-05-01,10.00,app\nA-1,,,5.00,\nA-2,maria@mail.example,2026-05-01,10.00,\n"
    )
    assert take_in(file, capsys)["taken"] == 2
    assert dict(Order.objects.values_list("number", "channel")) == {"A-1": "app", "A-2": ""}
