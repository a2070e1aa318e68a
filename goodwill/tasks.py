"""The clock of goodwill. Each task gives how many it ended or gave; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from goodwill import services


@shared_task(ignore_result=True)
def lapse_waiting(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return services.lapse_due(at=at)


@shared_task(ignore_result=True)
def give_defaults(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return services.default_due(at=at)
