"""The clock of the ledger. The task gives how many accounts it worked on; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from loyalty import services


@shared_task(ignore_result=True)
def expire_due(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    return sum(iter(lambda: services.expire_some(at=at), 0))


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
def expire_sleepers(at: datetime | None = None) -> int:
    """Beat runs this every hour; a missed or doubled run does no harm."""
    return services.expire_sleepers(at=at)


@shared_task(ignore_result=True)
def warn_of_expiry(at: datetime | None = None) -> int:
    """Beat runs this every hour; a missed or doubled run does no harm."""
    return services.write_warnings(at=at)


@shared_task(ignore_result=True)
def write_statements(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    services.begin_statements(at=at)
    return sum(iter(lambda: services.write_some_statements(at=at), None))


@shared_task(ignore_result=True)
def prove_ledger(at: datetime | None = None) -> int:
    """Beat runs this every half hour; it proves once a night, whenever the house is next awake."""
    return services.prove_nightly(at=at)


@shared_task(ignore_result=True)
def review_tiers(at: datetime | None = None) -> int:
    """Beat runs this every ten minutes: members follow a new version, then tiers that ended are reviewed."""
    while services.follow_some(at=at):
        pass
    return sum(iter(lambda: services.review_some(at=at), 0))


@shared_task(ignore_result=True)
def wish_birthdays(at: datetime | None = None) -> int:
    """Beat runs this every hour; a missed or doubled run does no harm."""
    return services.give_birthday_points(at=at)
