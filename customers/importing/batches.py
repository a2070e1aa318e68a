"""A file as batches of items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from contactcenter.errors import Refused
from customers.importing.reading import Record, Source, records

Outcome = str | Refused


@dataclass
class Item:
    """What one or several records ask for: a customer, an order. `refused` when they do not make sense.

    Items of the same `whose` are written in the order of the file; those of others maybe at the same time.
    """

    records: list[Record]
    what: Any = None
    refused: str = ""
    whose: str = ""


class Kind(Protocol):
    """What is imported: how records become items, and how a batch of them is written.

    `look_over` and `items` may be asked in another process than `store`: they know no database, and what they
    remember of the file stays with them.
    """

    def look_over(self, records: Iterable[Record]) -> None:
        """See what only the whole file can tell, before the first item is asked for."""

    def items(self, records: Iterable[Record]) -> Iterator[Item]:
        """Items in the order of the file; those that make no sense say why."""

    def store(self, items: Sequence[Item]) -> list[Outcome]:
        """Write items in one transaction; for each `taken`, `known` or its refusal."""


def batches(source: Source, kind: Kind, size: int) -> Iterator[list[Item]]:
    """The items of a file in its order, `size` at a time, each record in one of them."""
    kind.look_over(records(source))
    items = iter(kind.items(records(source)))
    while batch := list(islice(items, size)):
        yield batch
