"""A long file is read by a process beside the one that writes: nobody can tell from what comes of it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.importing.batches import Item, _received, batches
from customers.importing.orders import Orders
from customers.importing.people import People
from customers.importing.reading import Record, Source, WrongFile, open_source

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


class Refusing(People):
    """Meets an error that cannot be made again from what it was told."""

    def look_over(self, records: Iterable[Record]) -> None:
        raise Refused("that", "That is it.")


class Mistaken(People):
    """Finds that the file is not what it should be."""

    def look_over(self, records: Iterable[Record]) -> None:
        raise WrongFile("That is it.")


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
    with pytest.raises(RuntimeError, match=r"in _read\n[^$]*FileNotFoundError"):
        list(batches(file, People(Brand(pk=1)), 2))


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [(Refusing, RuntimeError, "Refused: That is it"), (Mistaken, WrongFile, "^That is it")],
)
def test_an_error_that_cannot_be_sent_is_told_and_what_is_wrong_with_the_file_is_said_as_it_is(
    tmp_path: Path, beside: None, kind: type[People], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        list(batches(source(tmp_path, PEOPLE, People), kind(Brand(pk=1)), 2))


def test_a_reader_that_dies_in_the_middle_of_a_batch_has_ended_before_the_file() -> None:
    here, there = Pipe(duplex=False)
    os.write(there.fileno(), struct.pack("!i", 100) + b"begun")
    there.close()
    with here, pytest.raises(RuntimeError, match="has ended before the file"):
        _received(here)


def test_a_reader_that_dies_does_not_pass_for_the_end_of_the_file(tmp_path: Path, beside: None) -> None:
    read = batches(source(tmp_path, PEOPLE, People), Dying(Brand(pk=1)), 2)
    assert len(next(read)) == 2
    with pytest.raises(RuntimeError, match="has ended before the file"):
        next(read)
