"""The clock of goodwill. Each task gives how much it found to do; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from goodwill import services


@shared_task(ignore_result=True)
def lapse_waiting(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return services.lapse_due(at=at)


@shared_task(ignore_result=True)
def watch_nights(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a night that was missed is made good in the morning."""
    return services.watch_nights(at=at)


@shared_task(ignore_result=True)
def watch_recent(at: datetime | None = None) -> int:
    """Beat runs this every five minutes; a missed or doubled run does no harm."""
    return services.watch_recent(at=at)


@shared_task(ignore_result=True)
def watch_moment() -> int:
    """Whoever has given nudges this; where the nudge gets lost, the next run by the clock finds the same."""
    return services.watch_moment()
