"""The clock of API and presence. Each task gives how many it dealt with; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from agents import services
from agents.presence.services import lose_some


@shared_task(ignore_result=True)
def forget_answers(at: datetime | None = None) -> int:
    """Beat runs this every hour; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.forget_answers(at=at), 0))


@shared_task(ignore_result=True)
def lose_silent(at: datetime | None = None) -> int:
    """Beat runs this every 15 s: whose desk fell silent is offline."""
    return sum(iter(lambda: lose_some(at=at), 0))
