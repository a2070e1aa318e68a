"""The clock of the customers. The task gives how many letters it saw to; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from customers.services.notices import send_next_notice


@shared_task(ignore_result=True)
def send_notices(at: datetime | None = None) -> int:
    """Beat runs this every 10 s, whoever writes one nudges it; a missed or doubled run does no harm."""
    return sum(iter(lambda: send_next_notice(at=at), False))
