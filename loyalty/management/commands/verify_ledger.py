"""Proves the points ledger: every invariant, over every account or over one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from contactcenter.proofs import ProofCommand
from loyalty import proof
from loyalty.models import Account
from loyalty.services import prove_ledger


class Command(ProofCommand):
    help = "Proves the invariants of the points ledger. Ends with 1 and names what is broken."
    option, metavar = "account", "NUMBER"

    def prove(self, named: str | None) -> dict[str, Any]:
        return _of_account(named) if named else _of_all()

    def line(self, finding: dict[str, Any]) -> str:
        return f"{finding['account']}: {finding['check']}: expected {finding['expected']}, found {finding['found']}"

    def whole(self, answer: dict[str, Any]) -> str:
        return f"{len(answer['checks'])} invariants over {answer['entries']} entries"


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
