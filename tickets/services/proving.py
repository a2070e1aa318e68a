"""Proving the audit of tickets, and writing down what came of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from contactcenter import clock
from tickets import proof
from tickets.models import TicketProof

NIGHT = 2  # o'clock, UTC: what has not been proven since then is due


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
    night = at.astimezone(UTC).replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    if night > at:
        night -= timedelta(days=1)
    if TicketProof.objects.filter(at__gte=night, at__lte=at).exists():
        return 0
    return len(prove_tickets(at=at))
