"""Proves the audit of tickets: every chain, or the one of one ticket."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets import proof
from tickets.models import Ticket
from tickets.services import prove_tickets


class Command(BaseCommand):
    help = "Proves the audit of tickets. Ends with 1 and names each broken ticket and its first bad line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ticket", metavar="FF-4812", help="one ticket instead of all")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        answer = _of_ticket(options["ticket"]) if options["ticket"] else _of_all()
        answer["seconds"] = round(time.monotonic() - began, 3)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        else:
            self._say(answer)
        if answer["broken"]:
            sys.exit(1)

    def _say(self, answer: dict[str, Any]) -> None:
        for one in answer["findings"]:
            self.stdout.write(
                f"{one['ticket']}: line {one['line']}: {one['check']}: expected {one['expected']}, found {one['found']}"
            )
        if more := answer["broken"] - len(answer["findings"]):
            self.stdout.write(f"… and {more} more")
        said = f"broken in {answer['broken']} places" if answer["broken"] else "all hold"
        self.stdout.write(f"The audit, {answer['lines']} lines: {said} ({answer['seconds']} s)")


def _of_all() -> dict[str, Any]:
    """The whole house; the result is kept as that of the night is."""
    proofs = prove_tickets()
    return {
        "lines": sum(one.lines for one in proofs),
        "broken": sum(one.broken for one in proofs),
        "findings": [finding for one in proofs for finding in one.findings],
    }


def _of_ticket(reference: str) -> dict[str, Any]:
    ticket = Ticket.objects.all().referred_to_by(reference).first()
    if ticket is None:
        raise CommandError(f"There is no ticket {reference}.", returncode=2)
    answers = proof.prove(ticket=ticket.pk).values()
    return {
        "lines": ticket.events.count(),
        "broken": sum(answer.broken for answer in answers),
        "findings": [finding for answer in answers for finding in answer.findings],
    }
