"""The clock of goodwill. Each task gives how much it found to do; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from celery import shared_task

from goodwill import services

AT_MOST = 500  # clocks that one run looks at


@shared_task(ignore_result=True)
def lapse_waiting(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return services.lapse_due(at=at)


@shared_task(ignore_result=True)
def pass_on_urgent(at: datetime | None = None) -> int:
    """Beat runs this every 15 seconds; a missed or doubled run does no harm."""
    return services.pass_on_due(at=at)


@shared_task(ignore_result=True)
def give_for_incidents(at: datetime | None = None) -> int:
    """Beat runs this every ten seconds, who agrees nudges it; a missed, doubled or killed run does no harm."""
    return services.incidents.lapse_due(at=at) + services.give_out(at=at)


@shared_task(ignore_result=True)
def give_defaults(at: datetime | None = None) -> int:
    """Beat runs this every minute; a missed or doubled run does no harm."""
    return services.default_due(at=at)


@shared_task(ignore_result=True)
def keep_pledges(at: datetime | None = None) -> int:
    """Beat runs this every 10 s: what was promised and broken is paid; a missed or doubled run does no harm."""
    return sum(islice(iter(lambda: services.keep_next_pledge(at=at), False), AT_MOST))


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
