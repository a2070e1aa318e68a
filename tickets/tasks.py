"""The clock of the tickets."""

from celery import shared_task

from tickets.channels.email.receive import work_off_next
from tickets.channels.email.send import send_next


@shared_task(ignore_result=True)
def send_due() -> None:
    """Beat runs this every 10 s, a reply nudges it; a missed or doubled run does no harm."""
    while send_next():
        pass


@shared_task(ignore_result=True)
def receive_waiting() -> None:
    """Beat runs this every 30 s: mail that was stored and whose working off was cut short is taken up again."""
    while work_off_next():
        pass
