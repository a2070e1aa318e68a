"""A file as batches of items, read here or, where it is long, by a process beside this one."""

from __future__ import annotations

import pickle
import signal
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Protocol

from contactcenter.errors import Refused
from customers.importing.reading import Record, Source, WrongFile, records

LONG = 5000  # lines from which on a second process, a second or two to start, is worth it

Outcome = str | Refused


@dataclass
class Item:
    """What one or several records ask for: a customer, an order. `refused` when they do not make sense."""

    records: list[Record]
    what: Any = None
    refused: str = ""


class Kind(Protocol):
    """What is imported: how records become items, and how a batch of them is written.

    `look_over` and `items` may be asked in another process than `store`: they know no database, and what they
    remember of the file stays with them.
    """

    def look_over(self, records: Iterable[Record]) -> None:
        """See what only the whole file can tell, before the first item is asked for."""

    def items(self, records: Iterable[Record]) -> Iterable[Item]:
        """Items in the order of the file; those that make no sense say why."""

    def store(self, items: Sequence[Item]) -> list[Outcome]:
        """Write items in one transaction; for each `taken`, `known` or its refusal."""


def batches(source: Source, kind: Kind, size: int) -> Iterator[list[Item]]:
    """The items of a file in its order, `size` at a time, each record in one of them."""
    return _from_beside(source, kind, size) if source.lines > LONG else _from_here(source, kind, size)


def _from_here(source: Source, kind: Kind, size: int) -> Iterator[list[Item]]:
    kind.look_over(records(source))
    items = iter(kind.items(records(source)))
    while batch := list(islice(items, size)):
        yield batch


def _from_beside(source: Source, kind: Kind, size: int) -> Iterator[list[Item]]:
    """The same by a process of its own, a batch or two ahead. What goes wrong there is raised here.

    Nothing is shared but the pipe: when either side is killed, the other one notices, and ends.
    """
    context = get_context("spawn")  # a fork would take the connection to the database with it
    here, there = context.Pipe(duplex=False)
    reader = context.Process(target=_read, args=(there, pickle.dumps((source, kind, size))), daemon=True)
    reader.start()
    there.close()
    try:
        while batch := _received(here):
            yield batch
    finally:
        here.close()
        reader.terminate()
        reader.join()


def _received(here: Connection) -> list[Item]:
    """The next batch, empty after the last."""
    try:
        told = here.recv()
    except (EOFError, OSError):  # the second in the middle of a batch
        raise RuntimeError("The process that reads the file has ended before the file.") from None
    if isinstance(told, WrongFile):
        raise told
    if isinstance(told, str):
        raise RuntimeError(f"The process that reads the file has failed.\n{told}")
    return told


def _read(there: Connection, asked: bytes) -> None:
    """What the process beside does: it sends batch by batch, an empty one last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who writes; that one ends us
    import django

    django.setup()
    source, kind, size = pickle.loads(asked)  # noqa: S301  from the process that started this one
    try:
        for batch in _from_here(source, kind, size):
            there.send(batch)
        there.send([])
    except BrokenPipeError:
        return  # nobody asks for more
    except WrongFile as wrong:  # raised where the import runs
        there.send(wrong)
    except Exception:  # as it is told here: not every error survives the way
        there.send(traceback.format_exc())
