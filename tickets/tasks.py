"""The clock of the tickets. Each task gives how much it found to do; `at` (default: now) is for `run_due`."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from tickets import services
from tickets.channels.email.consults import send_next_consult
from tickets.channels.email.receive import work_off_next
from tickets.channels.email.send import send_next


@shared_task(ignore_result=True)
def send_due(at: datetime | None = None) -> int:
    """Beat runs this every 10 s, a reply nudges it; a missed or doubled run does no harm."""
    return sum(iter(lambda: send_next(at=at), False))


@shared_task(ignore_result=True)
def send_held(at: datetime | None = None) -> int:
    """Beat runs this every 2 s: replies that were held until now go out, or back to their authors."""
    return sum(iter(lambda: services.send_next_held(at=at), False))


@shared_task(ignore_result=True)
def forget_drafts(at: datetime | None = None) -> int:
    """Beat runs this every hour: what nobody has gone on with for 30 days is dropped."""
    return sum(iter(lambda: services.forget_drafts(at=at), 0))


@shared_task(ignore_result=True)
def receive_waiting(at: datetime | None = None) -> int:
    """Beat runs this every 30 s: mail that was stored and whose working off was cut short is taken up again."""
    return sum(iter(lambda: work_off_next(at=at), False))


@shared_task(ignore_result=True)
def tell_of_late(at: datetime | None = None) -> int:
    """Beat runs this every 10 s: promises that are about to be broken, or are, are told of."""
    return sum(iter(lambda: services.tell_late(at=at), 0))


@shared_task(ignore_result=True)
def follow_tiers(at: datetime | None = None) -> int:
    """Beat runs this every minute: the promises of waiting tickets follow the tiers of their customers."""
    return sum(iter(lambda: services.follow_tiers(at=at), 0))


@shared_task(ignore_result=True)
def make_good(at: datetime | None = None) -> int:
    """Beat runs this every minute: what ran out while a ticket waited on us is kept for as long as it waited."""
    return sum(iter(lambda: services.make_good_next(at=at), False))


@shared_task(ignore_result=True)
def tell_of_shop_tasks(at: datetime | None = None) -> int:
    """Beat runs this every minute: supervisors are told of tasks that the shop has not taken, or not answered."""
    return sum(iter(lambda: services.tell_untaken(at=at), 0))


@shared_task(ignore_result=True)
def wake_due(at: datetime | None = None) -> int:
    """Beat runs this every 10 s: tickets that were put off until now are back in the queues."""
    return sum(iter(lambda: services.wake_some(at=at), 0))


@shared_task(ignore_result=True)
def close_resolved(at: datetime | None = None) -> int:
    """Beat runs this every 10 minutes: what was resolved long enough ago is closed for good."""
    return sum(iter(lambda: services.close_some(at=at), 0))


@shared_task(ignore_result=True)
def run_rules(at: datetime | None = None) -> int:
    """Beat runs this every 5 s, a deed nudges it: rules look at what has happened."""
    return sum(iter(lambda: services.run_next(at=at), 0))


@shared_task(ignore_result=True)
def sweep_rules(at: datetime | None = None) -> int:
    """Beat runs this every minute: rules of time look at the open tickets."""
    return services.sweep_rules(at=at)


@shared_task(ignore_result=True)
def send_consults(at: datetime | None = None) -> int:
    """Beat runs this every 10 s, whoever asks an expert nudges it."""
    return sum(iter(lambda: send_next_consult(at=at), False))


@shared_task(ignore_result=True)
def expire_consults(at: datetime | None = None) -> int:
    """Beat runs this every 10 minutes: questions that no expert answered in time are closed."""
    return sum(iter(lambda: services.expire_consults(at=at), 0))


@shared_task(ignore_result=True)
def ask_for_feedback(at: datetime | None = None) -> int:
    """Beat runs this every minute: customers are asked about what was solved some hours ago."""
    return sum(iter(lambda: services.ask_some(at=at), 0))


@shared_task(ignore_result=True)
def prove_tickets(at: datetime | None = None) -> int:
    """Beat runs this every half hour; it proves once a night, whenever the house is next awake."""
    return services.prove_nightly(at=at)


@shared_task(ignore_result=True)
def route_waiting(at: datetime | None = None) -> int:
    """Beat runs this every 10 s, who comes, frees something or waits nudges it: tickets find their agents."""
    return sum(iter(lambda: services.route(at=at), 0))


@shared_task(ignore_result=True)
def return_left(at: datetime | None = None) -> int:
    """Beat runs this every 30 s: what agents who are offline have left open is back in its queue."""
    return sum(iter(lambda: services.return_left(at=at), 0))
