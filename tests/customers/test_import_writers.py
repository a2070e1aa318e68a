"""Several writers of one file: what comes of it is what one writer makes of it, line by line and point by point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.models import Brand
from customers.importing import beside
from customers.importing.examples import write_customers, write_orders
from customers.importing.orders import Orders
from customers.importing.people import People
from customers.importing.reading import open_source
from customers.importing.run import Report, Run, Summary
from loyalty.models import Account
from tests import make
from tests.loyalty.test_ledger_property import expect_sound

WRONG = dict.fromkeys(range(40, 48), "no customer") | {90: "no amount"}


def shop(code: str) -> Brand:
    brand = make.make_brand(code=code)
    make.make_programme(brand=brand)
    return brand


def run(file: Path, kind: Any) -> tuple[Summary, str]:
    source = open_source(file, known=kind.columns, required=kind.required)
    report = file.with_suffix(".refused")
    with Report(report) as refused:
        summary = Run(source, kind, refused).go()
    return summary, report.read_text() if report.exists() else ""


def spoil(file: Path) -> None:
    """Some lines that only the database can refuse, and one that nobody can read."""
    lines = file.read_text().split("\n")
    for number, why in WRONG.items():
        cells = lines[number].split(",")
        cells[1 if why == "no customer" else -2] = (
            f"nobody{number}@mail.example" if why == "no customer" else "x"
        )
        lines[number] = ",".join(cells)
    file.write_text("\n".join(lines))


def told(brand: Brand) -> list[Any]:
    """Every member with figures, tier and ledger, but for ids and instants of writing.

    Not the steps to the tier: orders of one batch raise it once, and other batches are other steps.
    """
    found: list[Any] = []
    for account in Account.objects.filter(brand=brand).select_related("customer", "tier"):
        lines = [
            (
                one.seq,
                one.points,
                one.qualifying,
                one.source,
                one.occurred_at if one.source != "import" else "",
            )
            for one in account.entries.order_by("seq")
        ]
        found.append(
            (
                account.customer.contact_points.filter(kind="mail").get().value,
                account.balance, account.version, account.lifetime_earned, account.next_expiry,
                account.tier and account.tier.code, account.tier_valid_until,
                lines,
            )
        )  # fmt: skip
        expect_sound(account)
    return sorted(found)


@pytest.mark.race
def test_several_writers_make_of_a_file_what_one_makes(
    own_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, orders = tmp_path / "people.csv", tmp_path / "orders.csv"
    write_customers(people, 31)
    write_orders(orders, 200, customers=31)
    spoil(orders)
    monkeypatch.setattr("customers.importing.run.BATCH", 25)
    one, several = shop("FF"), shop("AH")
    alone = [run(people, People(one)), run(orders, Orders(one))]
    monkeypatch.setattr(beside, "LONG", 0)
    together = [run(people, People(several)), run(orders, Orders(several))]
    for (here, report), (there, same) in zip(alone, together, strict=True):
        assert same == report
        here.seconds = there.seconds = 0
        assert there == here
    assert alone[1][0].refused == len(WRONG)
    assert told(several) == told(one)
    assert {tier for *_, tier, _until, _lines in told(one)} >= {"silver", "gold"}
