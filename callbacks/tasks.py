"""The clock of the promises. The tasks give how many rows they saw to; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from callbacks import services


@shared_task(ignore_result=True)
def hand_out_due(at: datetime | None = None) -> int:
    """Beat runs this every 5 s; a missed or doubled run does no harm."""
    return sum(len(claimed) for claimed in iter(lambda: services.claim_due(at=at), []))


@shared_task(ignore_result=True)
def look_after(at: datetime | None = None) -> int:
    """Beat runs this every 10 s: reminders, offers nobody answered, calls nobody takes, promises missed."""
    return sum(iter(lambda: services.look_at_next(at=at), 0))


@shared_task(ignore_result=True)
def offer_due(at: datetime | None = None) -> int:
    """Beat runs this every 5 s: due calls go to whoever is free, those of agents who have left among them."""
    return services.take_back_some(at=at) + services.offer_some(at=at)


@shared_task(ignore_result=True)
def save_members(at: datetime | None = None) -> int:
    """Beat runs this every hour: calls to members about to lose points or a tier, so many a day."""
    return services.save_members(at=at)


@shared_task(ignore_result=True)
def ask_diallers(at: datetime | None = None) -> int:
    """Beat runs this every 5 s: what has become of the calls that run."""
    return services.ask_diallers(at=at)
