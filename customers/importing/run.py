"""An import from its first line to its report: batches, each one transaction, that can be repeated."""

from __future__ import annotations

import csv
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TextIO

from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from contactcenter import bulk
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.importing.batches import Item, Kind, Outcome, batches
from customers.importing.reading import Record, Source, WrongFile

BATCH = 1000  # customers or orders written in one transaction: well under two seconds
TRIES = 3  # somebody else may be quicker, or stand in the way
HEADER = ["line", "reason", "text"]  # of a report
log = logging.getLogger(__name__)


@dataclass
class Summary:
    """What became of a file: counts of items and of refused lines, seconds, and where the report lies."""

    taken: int = 0
    known: int = 0
    refused: int = 0
    refused_lines: int = 0
    lines: int = 0
    seconds: float = 0.0
    report: str = ""


class Report:
    """The refused lines as a file: the line's number, the reason, the text as it came. Made with its first line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Report:
        try:
            if self.path.exists():
                self._expect_report()
            self.path.unlink(missing_ok=True)  # one of an earlier run would be believed
        except OSError as error:
            raise WrongFile(f"{self.path} cannot be written: {error.strerror}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, record: Record, reason: str) -> None:
        if self._file is None:
            self._open()
        self._rows.writerow([record.line, reason, record.raw.rstrip("\r\n")])
        self.written += 1

    def _expect_report(self) -> None:
        """Refuse to replace a file that is no report of ours."""
        ours = False
        if self.path.is_file():
            with self.path.open("rb") as file:
                ours = file.readline(100).strip() == ",".join(HEADER).encode()
        if not ours:
            raise WrongFile(f"{self.path} is no report of an import; it is left as it is.")

    def _open(self) -> None:
        try:
            self._file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise WrongFile(f"{self.path} cannot be written: {error.strerror}.") from error
        self._rows = csv.writer(self._file)
        self._rows.writerow(HEADER)
        self._file.flush()  # a run that is killed leaves a file that the next one knows as its own


@dataclass
class Run:
    """One run over a file. `advance` is told how many lines of it are done."""

    source: Source
    kind: Kind
    report: Report
    advance: Callable[[int], object] = lambda _lines: None
    dry: bool = False
    summary: Summary = field(default_factory=Summary)
    _done: int = 0

    def go(self) -> Summary:
        """Take in the whole file. What a killed run had written is known to the next one."""
        start = time.monotonic()
        for batch in batches(self.source, self.kind, BATCH):
            self._take(batch)
            self._tell(batch)
            if len(batch) == BATCH and not self.dry:
                bulk.look_again()
        self.summary.seconds = round(time.monotonic() - start, 2)
        self.summary.report = str(self.report.path) if self.report.written else ""
        return self.summary

    def _tell(self, batch: Sequence[Item]) -> None:
        last = batch[-1].records[-1].line
        self.summary.lines += sum(len(item.records) for item in batch)
        self.advance(last - self._done)
        self._done = last

    def _take(self, batch: list[Item]) -> None:
        sound = [item for item in batch if not item.refused]
        outcomes = iter(self._stored(sound) if sound else ())
        for item in batch:
            outcome = Refused("no_sense", item.refused) if item.refused else next(outcomes)
            if isinstance(outcome, Refused):
                self._refuse(item, outcome.sentence)
            elif outcome == "taken":
                self.summary.taken += 1
            else:
                self.summary.known += 1

    def _stored(self, batch: Sequence[Item]) -> list[Outcome]:
        """What became of a batch; where it cannot be written as a whole, each item is tried alone."""
        for _ in range(TRIES):
            try:
                return self._store(batch)
            except (IntegrityError, OperationalError) as error:
                problem: Exception = error  # somebody was quicker: look again
            except (Refused, DatabaseError) as error:
                problem = error
                break
        if len(batch) > 1:
            return [outcome for item in batch for outcome in self._stored([item])]
        if isinstance(problem, OperationalError):
            raise problem  # the database itself: not the line's fault
        line = batch[0].records[0].line
        log.warning("Line %d could not be stored: %s", line, _without_values(problem))
        return [problem if isinstance(problem, Refused) else Refused("not_stored", "It could not be stored.")]

    def _store(self, batch: Sequence[Item]) -> list[Outcome]:
        with transaction.atomic():
            outcomes = self.kind.store(batch)
            if self.dry:
                transaction.set_rollback(True)
        return outcomes

    def _refuse(self, item: Item, reason: str) -> None:
        self.summary.refused += 1
        self.summary.refused_lines += len(item.records)
        for record in item.records:
            self.report.add(record, reason)


def _without_values(problem: Exception) -> str:
    """What a log may say of a failure: its kind, and its code or constraint; the message holds people's data."""
    told = problem.code if isinstance(problem, Refused) else broken(problem)
    return f"{type(problem).__name__} {told}".strip()
