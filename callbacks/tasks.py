"""The clock of the promises."""

from celery import shared_task

from callbacks import services


@shared_task(ignore_result=True)
def hand_out_due() -> None:
    """Beat runs this every 10 s; a missed or doubled run does no harm."""
    while services.claim_due():
        pass
