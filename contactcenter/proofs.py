"""What the proofs of the rooms have in common: when the night's is due, and the command that proves and prints."""

from __future__ import annotations

import json
import sys
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

NIGHT = 2  # o'clock, UTC: what has not been proven since then is due


def last_night(at: datetime) -> datetime:
    """Two o'clock (UTC) of the night before the instant `at`, or of its own day when that is over."""
    night = at.astimezone(UTC).replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return night if night <= at else night - timedelta(days=1)


class ProofCommand(BaseCommand, ABC):
    """Proves all there is, or what its `option` names; prints each finding, ends with 1 when there is one.

    A room says how it proves (`prove`), how a finding reads (`line`) and what the whole was (`whole`). An answer has
    `broken`, how many places are, and `findings`, those that are told.
    """

    option: str
    metavar: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            f"--{self.option}", metavar=self.metavar, help=f"one {self.option} instead of all"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        answer = self.prove(options[self.option])
        answer["seconds"] = round(time.monotonic() - began, 3)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        else:
            self._say(answer)
        if answer["broken"]:
            sys.exit(1)

    @abstractmethod
    def prove(self, named: str | None) -> dict[str, Any]:
        """Prove what is `named`, or all."""

    @abstractmethod
    def line(self, finding: dict[str, Any]) -> str:
        """How a finding reads."""

    @abstractmethod
    def whole(self, answer: dict[str, Any]) -> str:
        """What was proven, in a few words."""

    def _say(self, answer: dict[str, Any]) -> None:
        for finding in answer["findings"]:
            self.stdout.write(self.line(finding))
        if more := answer["broken"] - len(answer["findings"]):
            self.stdout.write(f"… and {more} more")
        said = f"broken in {answer['broken']} places" if answer["broken"] else "all hold"
        self.stdout.write(f"{self.whole(answer)}: {said} ({answer['seconds']} s)")
