"""Proves the audit of tickets: every chain, or the one of one ticket."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from contactcenter.proofs import ProofCommand
from tickets import proof
from tickets.models import Ticket
from tickets.services import prove_tickets


class Command(ProofCommand):
    help = "Proves the audit of tickets. Ends with 1 and names each broken ticket and its first bad line."
    option, metavar = "ticket", "FF-4812"

    def prove(self, named: str | None) -> dict[str, Any]:
        return _of_ticket(named) if named else _of_all()

    def line(self, finding: dict[str, Any]) -> str:
        said = f"expected {finding['expected']}, found {finding['found']}"
        return f"{finding['ticket']}: line {finding['line']}: {finding['check']}: {said}"

    def whole(self, answer: dict[str, Any]) -> str:
        return f"The audit, {answer['lines']} lines"


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
