"""The clock of the customers. Each task gives how many it saw to; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from customers.services.duplicates import compare_some
from customers.services.notices import send_next_notice


@shared_task(ignore_result=True)
def send_notices(at: datetime | None = None) -> int:
    """Beat runs this every 10 s, whoever writes one nudges it; a missed or doubled run does no harm."""
    return sum(iter(lambda: send_next_notice(at=at), False))


@shared_task(ignore_result=True)
def look_for_duplicates(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    return sum(iter(lambda: compare_some(at=at), 0))
