"""The sign of life of clock and worker."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from contactcenter import clock, health, live


@shared_task(ignore_result=True)
def show_life(at: datetime | None = None) -> int:
    """Beat runs this every 10 s; what `run_due` does by hand (it gives `at`) is no sign of the clock's life."""
    return 0 if at else health.note_life()


@shared_task(ignore_result=True)
def forget_events(at: datetime | None = None) -> int:
    """Beat runs this every 10 min: what every screen has heard of long ago."""
    return live.forget_old(at or clock.now())
