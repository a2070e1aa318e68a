"""The clock of the ledger. The task gives how many accounts it worked on; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from loyalty import services


@shared_task(ignore_result=True)
def expire_due(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.expire_next(at=at), False))


@shared_task(ignore_result=True)
def mature_due(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.mature_next(at=at), 0))


@shared_task(ignore_result=True)
def expire_holds(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.release_next(at=at), False))


@shared_task(ignore_result=True)
def lapse_redemptions(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.lapse_next(at=at), False))


@shared_task(ignore_result=True)
def prove_ledger(at: datetime | None = None) -> int:
    """Beat runs this every half hour; it proves once a night, whenever the house is next awake."""
    return services.prove_nightly(at=at)
