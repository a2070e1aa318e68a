"""The clock of the ledger."""

from celery import shared_task

from loyalty import services


@shared_task(ignore_result=True)
def expire_due() -> None:
    """Beat runs this every ten minutes; a missed or doubled run does no harm."""
    while services.expire_next():
        pass
