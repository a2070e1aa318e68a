"""Proving the audit of tickets, and writing down what came of it."""

from __future__ import annotations

import time
from datetime import datetime

from contactcenter import clock
from contactcenter.proofs import last_night
from tickets import proof
from tickets.models import TicketProof


def prove_tickets(*, at: datetime | None = None) -> list[TicketProof]:
    """Prove the audit of all tickets as things stand now, and keep a row for each brand that has any.

    `at` (default: now) is what is written down as the time. Nothing is locked. Safe to repeat.
    """
    began = time.monotonic()
    answers = proof.prove()
    seconds = time.monotonic() - began
    proofs = [
        TicketProof(
            brand_id=brand, at=at or clock.now(), seconds=seconds, lines=answer.lines, newest=answer.newest,
            broken=answer.broken, findings=answer.findings,
        )
        for brand, answer in answers.items()
    ]  # fmt: skip
    return TicketProof.objects.bulk_create(proofs)


def prove_nightly(*, at: datetime | None = None) -> int:
    """Prove the audit unless that was done since two o'clock (UTC) of the last night; gives how many brands."""
    at = at or clock.now()
    if TicketProof.objects.filter(at__gte=last_night(at), at__lte=at).exists():
        return 0
    return len(prove_tickets(at=at))
