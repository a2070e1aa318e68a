"""Proves the points ledger: every invariant, over every account or over one."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loyalty import proof
from loyalty.models import Account
from loyalty.services import prove_ledger


class Command(BaseCommand):
    help = "Proves the invariants of the points ledger. Ends with 1 and names what is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="NUMBER", help="one account instead of all")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        answer = _of_account(options["account"]) if options["account"] else _of_all()
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
                f"{one['account']}: {one['check']}: expected {one['expected']}, found {one['found']}"
            )
        if more := answer["broken"] - len(answer["findings"]):
            self.stdout.write(f"… and {more} more")
        count = len(answer["checks"])
        said = f"broken in {answer['broken']} places" if answer["broken"] else "all hold"
        self.stdout.write(
            f"{count} invariants over {answer['entries']} entries: {said} ({answer['seconds']} s)"
        )


def _of_all() -> dict[str, Any]:
    """The whole house; the result is kept as that of the night is."""
    proofs = prove_ledger()
    return {
        "entries": sum(one.entries for one in proofs),
        "checks": {check.name: check.holds for check in proof.CHECKS},
        "broken": sum(one.broken for one in proofs),
        "findings": [finding for one in proofs for finding in one.findings],
        "outstanding": proof.outstanding(),
    }


def _of_account(number: str) -> dict[str, Any]:
    account = Account.objects.filter(number=number.upper()).values_list("pk", flat=True).first()
    if account is None:
        raise CommandError(f"There is no account {number}.", returncode=2)
    answers = [proof.broken(check, account=account) for check in proof.CHECKS]
    return {
        "entries": sum(proof.entries_by_brand(account=account).values()),
        "checks": {check.name: check.holds for check in proof.CHECKS},
        "broken": sum(sum(answer.totals.values()) for answer in answers),
        "findings": [one.told() for answer in answers for one in answer.findings],
        "outstanding": proof.outstanding(account=account),
    }
