"""A long file is taken in by several processes: nobody can tell from what comes of it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.importing import beside
from customers.importing.batches import Item, batches
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


def only_look(_number: int) -> beside.Work:
    return list


def work_that(number: int, *, fails: bool) -> beside.Work:
    """The second writer dies or fails with its first share; the first one does its work."""

    def work(share: list[Item]) -> int:
        if number and fails:
            raise Refused("that", "That is it.")
        if number:
            os._exit(9)
        return len(share)

    return work


def read_beside(file: Source, kind: Any) -> list[list[list[Item]]]:
    return list(beside.gathered(file, kind, 1, only_look))


@pytest.mark.parametrize(("kind", "text"), [(People, PEOPLE), (Orders, ORDERS)])
def test_a_file_read_beside_gives_the_items_of_one_read_here_part_by_part(
    tmp_path: Path, kind: Any, text: str
) -> None:
    brand, now = Brand(pk=1, code="FF", currency="EUR", time_zone="Europe/Berlin"), clock.now()
    file = source(tmp_path, text, kind)
    here = list(batches(file, kind(brand, now=now), beside.WRITERS))
    parts = read_beside(file, kind(brand, now=now))
    assert [sorted(one.records[0].line for share in part for one in share) for part in parts] == [
        [item.records[0].line for item in batch] for batch in here
    ]
    found = [item for part in parts for share in part for item in share]
    for item in (item for batch in here for item in batch):  # what came of a record's values is in the item
        assert replace(item, records=[replace(record, values={}) for record in item.records]) in found
    assert sum(len(item.records) for item in found) == text.count("\n") - 1
    assert any(item.refused for item in found)


def test_what_is_of_one_customer_goes_to_one_writer_in_the_order_of_the_file(tmp_path: Path) -> None:
    lines = [f"A-{n},person{n % 7}@mail.example,2026-05-01,S,5.05" for n in range(60)]
    file = source(tmp_path, "\n".join([ORDERS.split("\n")[0], *lines, ""]), Orders)
    parts = read_beside(file, Orders(Brand(pk=1, currency="EUR", time_zone="UTC")))
    writers: list[list[Item]] = [[] for _ in range(beside.WRITERS)]
    for part in parts:
        for writer, share in zip(writers, part, strict=True):
            writer += share
    assert sum(bool(items) for items in writers) > 1
    assert sum(len({item.whose for item in items}) for items in writers) == 7
    for items in writers:
        assert [item.records[0].line for item in items] == sorted(item.records[0].line for item in items)


def test_what_goes_wrong_beside_is_raised_here(tmp_path: Path) -> None:
    file = source(tmp_path, PEOPLE, People)
    file.path.unlink()
    with pytest.raises(RuntimeError, match=r"in _read\n[^$]*FileNotFoundError"):
        read_beside(file, People(Brand(pk=1)))


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [(Refusing, RuntimeError, "Refused: That is it"), (Mistaken, WrongFile, "^That is it")],
)
def test_an_error_that_cannot_be_sent_is_told_and_what_is_wrong_with_the_file_is_said_as_it_is(
    tmp_path: Path, kind: type[People], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_beside(source(tmp_path, PEOPLE, People), kind(Brand(pk=1)))


def test_a_process_that_dies_in_the_middle_of_telling_has_ended_before_the_file() -> None:
    here, there = Pipe(duplex=False)
    os.write(there.fileno(), struct.pack("!i", 100) + b"begun")
    there.close()
    with here, pytest.raises(RuntimeError, match="has ended before the file"):
        beside._received(here)


def test_a_reader_that_dies_does_not_pass_for_the_end_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="has ended before the file"):
        read_beside(source(tmp_path, PEOPLE, People), Dying(Brand(pk=1)))


@pytest.mark.parametrize(("fails", "words"), [(False, "has ended before the file"), (True, "That is it")])
def test_a_writer_that_dies_or_fails_ends_the_run(tmp_path: Path, fails: bool, words: str) -> None:
    lines = [f"Name,person{n}@mail.example" for n in range(30)]
    file = source(tmp_path, "\n".join(["name,mail", *lines, ""]), People)
    with pytest.raises(RuntimeError, match=words):
        list(beside.gathered(file, People(Brand(pk=1, time_zone="UTC")), 5, partial(work_that, fails=fails)))
