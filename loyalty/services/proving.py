"""Proving the ledger, and writing down what came of it."""

from __future__ import annotations

import time
from datetime import datetime

from contactcenter import clock
from contactcenter.proofs import last_night
from loyalty import proof
from loyalty.models import LedgerProof


def prove_ledger(*, at: datetime | None = None) -> list[LedgerProof]:
    """Prove every invariant for every brand with a programme, as things stand now, and keep a row a brand.

    `at` (default: now) is what is written down as the time. Nothing is locked. Safe to repeat.
    """
    began = time.monotonic()
    lines = proof.entries_by_brand()
    answers = [proof.broken(check) for check in proof.CHECKS]
    seconds = time.monotonic() - began
    proofs = [
        LedgerProof(
            brand_id=brand,
            at=at or clock.now(),
            seconds=seconds,
            entries=entries,
            broken=sum(answer.totals.get(brand, 0) for answer in answers),
            findings=[one.told() for answer in answers for one in answer.findings if one.brand == brand],
        )
        for brand, entries in sorted(lines.items())
    ]
    return LedgerProof.objects.bulk_create(proofs)


def prove_nightly(*, at: datetime | None = None) -> int:
    """Prove the ledger unless that was done since two o'clock (UTC) of the last night; gives how many brands."""
    at = at or clock.now()
    if LedgerProof.objects.filter(at__gte=last_night(at), at__lte=at).exists():
        return 0
    return len(prove_ledger(at=at))
