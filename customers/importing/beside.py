"""A long file taken in by several processes: one reads it, some write; this one shares out and gathers.

Nothing is shared but pipes: when a process is killed, the others notice and end. What goes wrong in one is raised here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any
from zlib import crc32

from customers.importing.batches import Item, Kind, batches
from customers.importing.reading import Source, WrongFile

LONG = 5000  # lines from which on processes of its own, a second or two to start, are worth it
WRITERS = max(2, min(4, os.cpu_count() or 1))  # each with a connection to the database
AHEAD = 2  # shares that lie ready for each writer

Work = Callable[[list[Item]], Any]  # what a writer does with its share; it comes to the writer as it is


def gathered(source: Source, kind: Kind, size: int, begin: Callable[[int], Work]) -> Iterator[list[Any]]:
    """What the work on each part of a file gave, in the order of the file: of a part one answer of every writer.

    `begin` is asked in every writer, told its number, for what it shall do with its shares; each is about `size`
    items. Items of the same `whose` go to the same writer. `kind` and `begin` must be picklable.
    """
    crew = [_started(_read, source, kind, size)]
    try:
        crew += [_started(_write, begin, number, _database()) for number in range(WRITERS)]
        reader, *writers = (pipe for _process, pipe in crew)
        yield from _shared_out(reader, writers)
    finally:
        for process, pipe in crew:
            pipe.close()
            process.terminate()
        for process, _pipe in crew:
            process.join()


def _shared_out(reader: Connection, writers: Sequence[Connection]) -> Iterator[list[Any]]:
    """Hand every writer its next share when it has done the one before, never while it may be telling something."""
    waiting: dict[Connection, deque[bytes]] = {writer: deque() for writer in writers}
    answers: dict[Connection, deque[Any]] = {writer: deque() for writer in writers}
    busy: set[Connection] = set()
    ended = False
    while not ended or busy or any(waiting.values()):
        for writer in writers:
            if waiting[writer] and writer not in busy:
                _send(writer, waiting[writer].popleft())
                busy.add(writer)
        full = any(len(shares) >= AHEAD for shares in waiting.values())
        ready: list[Any] = wait([*busy] if ended or full else [*busy, reader])
        for pipe in ready:
            told = _received(pipe)
            if pipe is not reader:
                answers[pipe].append(told)
                busy.discard(pipe)
            elif told:
                for writer, share in zip(writers, told, strict=True):
                    waiting[writer].append(share)
            else:
                ended = True
        while all(answers.values()):
            yield [given.popleft() for given in answers.values()]


def _started(target: Callable[..., None], *args: object) -> tuple[BaseProcess, Connection]:
    """A process that gets one end of a pipe and `args`, and the other end of the pipe."""
    context = get_context("spawn")  # a fork would take the connection to the database with it
    here, there = context.Pipe()
    process = context.Process(target=_apart, args=(there, target, pickle.dumps(args)), daemon=True)
    process.start()
    there.close()
    return process, here


def _apart(there: Connection, target: Callable[..., None], args: bytes) -> None:
    """What every process beside does: its work, and tell what went wrong as far as somebody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us; that one ends us
    import django

    django.setup()
    gc.freeze()
    gc.set_threshold(100_000)  # rows by the thousand, none in a circle: looking for rubbish finds none
    try:
        target(there, *pickle.loads(args))  # noqa: S301  from the process that started this one
    except (BrokenPipeError, EOFError):
        return  # nobody asks for more
    except WrongFile as wrong:  # raised where the import runs
        there.send(wrong)
    except Exception:  # as it is told here: not every error survives the way
        there.send(traceback.format_exc())


def _read(there: Connection, source: Source, kind: Kind, size: int) -> None:
    """Send part by part as one share for each writer, and nothing after the last."""
    for batch in batches(source, kind, size * WRITERS):
        shares: list[list[Item]] = [[] for _ in range(WRITERS)]
        for item in batch:
            item.records = [replace(record, values={}) for record in item.records]  # they are in the item
            shares[crc32(item.whose.encode()) % WRITERS].append(item)
        there.send([pickle.dumps(share) for share in shares])
    there.send([])


def _write(there: Connection, begin: Callable[[int], Work], number: int, database: str) -> None:
    from django.db import connection

    connection.settings_dict["NAME"] = database
    work = begin(number)
    while True:
        there.send(work(there.recv()))


def _database() -> str:
    """The one that this process writes to, whatever the settings say."""
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def _send(writer: Connection, share: bytes) -> None:
    try:
        writer.send_bytes(share)
    except OSError:
        raise RuntimeError("A process that writes has ended before the file.") from None


def _received(pipe: Connection) -> Any:
    """What a process beside has told; what went wrong there is raised."""
    try:
        told = pipe.recv()
    except (EOFError, OSError):  # the second in the middle of something
        raise RuntimeError("A process beside has ended before the file.") from None
    if isinstance(told, WrongFile):
        raise told
    if isinstance(told, str):
        raise RuntimeError(f"A process beside has failed.\n{told}")
    return told
