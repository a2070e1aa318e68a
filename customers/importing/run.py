"""An import from its first line to its report: batches, each one transaction, that can be repeated."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TextIO

from contactcenter import bulk
from customers.importing import beside
from customers.importing.batches import Item, Kind, batches
from customers.importing.reading import Record, Source, WrongFile
from customers.importing.writing import Told, take

BATCH = 1000  # customers or orders written in one transaction: well under two seconds
HEADER = ["line", "reason", "text"]  # of a report


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
        for told in self._beside() if self.source.lines > beside.LONG else self._here():
            self._note(told)
        self.summary.seconds = round(time.monotonic() - start, 2)
        self.summary.report = str(self.report.path) if self.report.written else ""
        return self.summary

    def _here(self) -> Iterator[Told]:
        work = begin(self.kind, self.dry, 0)
        return map(work, batches(self.source, self.kind, BATCH))

    def _beside(self) -> Iterator[Told]:
        """The same by several processes, one of which reads."""
        parts = beside.gathered(self.source, self.kind, BATCH, partial(begin, self.kind, self.dry))
        return map(Told.together, parts)

    def _note(self, told: Told) -> None:
        self.summary.taken += told.taken
        self.summary.known += told.known
        self.summary.refused += len(told.refused)
        self.summary.lines += told.lines
        for records, reason in told.refused:
            self.summary.refused_lines += len(records)
            for record in records:
                self.report.add(record, reason)
        self.advance(told.last - self._done)
        self._done = told.last


def begin(kind: Kind, dry: bool, number: int) -> Callable[[list[Item]], Told]:
    """What the writer of this `number` does with its batches; the first one also lets the planner look again."""

    def work(batch: list[Item]) -> Told:
        told = take(kind, batch, dry=dry)
        if number == 0 and told.taken >= BATCH // 2 and not dry:
            bulk.look_again()
        return told

    return work
