"""A long file is read by a process beside the one that writes: nobody can tell from what comes of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.models import Brand
from contactcenter import clock
from customers.importing.batches import Item, batches
from customers.importing.orders import Orders
from customers.importing.people import People
from customers.importing.reading import Record, Source, open_source

PEOPLE = """name,mail,phone,country,member,opening_points
Maria,maria@mail.example,030 1234567,DE,yes,250
Jonas,no address,,,,
Aiko,aiko@mail.example,,JP,maybe,
"Lena, a line that is too long",lena@mail.example,,,,,,,,
João,maria@mail.example,,PT,yes,
"""
ORDERS = """number,customer,placed_at,sku,amount
A-1,maria@mail.example,2026-05-01,S,5.05
A-1,,,T,1.00
A-2,+49301234567,2026-05-02,S,5.05
A-1,maria@mail.example,2026-05-01,S,5.05
"""


class Dying(People):
    """Its process is killed in the middle of the file."""

    def items(self, records: Iterable[Record]) -> Iterator[Item]:
        yield from super().items(list(records)[:2])
        os._exit(9)


def source(tmp_path: Path, text: str, kind: Any) -> Source:
    file = tmp_path / "file.csv"
    file.write_text(text)
    return open_source(file, known=kind.columns, required=kind.required)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customers.importing.batches.LONG", 0)


@pytest.mark.parametrize(("kind", "text"), [(People, PEOPLE), (Orders, ORDERS)])
def test_a_file_read_beside_gives_the_batches_of_one_read_here(
    tmp_path: Path, kind: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand, now = Brand(pk=1, code="FF", currency="EUR", time_zone="Europe/Berlin"), clock.now()
    file = source(tmp_path, text, kind)
    here = list(batches(file, kind(brand, now=now), 2))
    monkeypatch.setattr("customers.importing.batches.LONG", 0)
    assert list(batches(file, kind(brand, now=now), 2)) == here
    assert sum(len(item.records) for batch in here for item in batch) == text.count("\n") - 1
    assert any(item.refused for batch in here for item in batch)


def test_what_goes_wrong_beside_is_raised_here(tmp_path: Path, beside: None) -> None:
    file = source(tmp_path, PEOPLE, People)
    file.path.unlink()
    with pytest.raises(FileNotFoundError):
        list(batches(file, People(Brand(pk=1)), 2))


def test_a_reader_that_dies_does_not_pass_for_the_end_of_the_file(tmp_path: Path, beside: None) -> None:
    read = batches(source(tmp_path, PEOPLE, People), Dying(Brand(pk=1)), 2)
    assert len(next(read)) == 2
    with pytest.raises(RuntimeError, match="has ended before the file"):
        next(read)
