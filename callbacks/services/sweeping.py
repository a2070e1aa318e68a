"""What the clock does for a promise: remind, take back an offer, tell the supervisors, find what was missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

import tickets.services
from agents.telling import supervisors_of
from callbacks.models import Callback, CallbackPolicy
from callbacks.models.promises import CallbackQuerySet
from callbacks.services.missing import miss, skip_retry, tell
from callbacks.services.offering import back_to_due, next_look
from callbacks.services.steps import Event, State, read, record
from contactcenter import clock
from contactcenter.sweeping import each
from customers.models import Customer
from tickets.models import Ticket

AT_ONCE = 200
AFTER_AN_ERROR = timedelta(minutes=5)  # a row we cannot see to stands aside for so long, for those behind it
UNTOLD = timedelta(hours=1)  # a call without an outcome is asked about so often


def look_at_next(*, at: datetime | None = None) -> int:
    """See to the promises whose moment has come by `at`, at most 200, each in a transaction of its own; how many.

    What becomes due is `claim_due`'s. Two sweeps at once share the rows: each is seen to once.
    """
    at = at or clock.now()
    due = _rows(at).values_list("pk", "ticket", "customer")[:AT_ONCE]
    return each(_look, [(*row, at) for row in due])


def _rows(at: datetime) -> CallbackQuerySet:
    return Callback.objects.to_look_at(at).exclude(state__in=Callback.WAITING, window_from__lte=at)


def _look(pk: int, ticket: int | None, customer: int, at: datetime) -> int:
    try:
        with transaction.atomic():
            return _see_to(pk, ticket, customer, at)
    except Exception:
        Callback.objects.filter(pk=pk, look_at__lte=at).update(look_at=at + AFTER_AN_ERROR)
        raise


def _see_to(pk: int, ticket: int | None, customer: int, at: datetime) -> int:
    """Ticket, customer, then the promise are locked: a merge takes them in the same order."""
    if ticket is not None and not _claimed(ticket):
        return 0  # somebody works on it now: the next sweep comes soon
    people = Customer.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    if not people.filter(pk=customer).only("pk"):
        return 0
    if (
        not _rows(at)
        .filter(pk=pk, ticket=ticket, customer=customer)
        .select_for_update(skip_locked=True)
        .only("pk")
    ):
        return 0
    callback = read(pk)
    if callback.state in Callback.WAITING:
        _remind(callback, at)
    else:
        DEEDS[callback.state](callback, at)
    return 1


def _claimed(ticket: int) -> bool:
    """Lock the ticket, or the one it went into, unless somebody else is at it: then False."""
    free = Ticket.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk=ticket)
    if not free.first():
        return False
    tickets.services.lock_where_it_goes_on(Ticket(pk=ticket))
    return True


def _remind(callback: Callback, at: datetime) -> None:
    callback.reminded_at, callback.look_at = at, callback.window_from
    callback.save(update_fields=["reminded_at", "look_at"])
    record(callback, Event.REMINDED, by=None, at=at)
    if callback.owner:
        tell([callback.owner], callback, "callback_soon", at)


def _due(callback: Callback, at: datetime) -> None:
    if callback.window_to <= at:
        _window_over(callback, at)
    else:
        policy = CallbackPolicy.objects.of(callback.brand_id)
        if callback.due_since and next_look(callback, policy) <= at:
            callback.escalated_at = at
            record(callback, Event.ESCALATED, by=None, at=at)
            tell(supervisors_of(callback.brand), callback, "callback_nobody", at)
        callback.look_at = next_look(callback, policy)
        callback.save(update_fields=["escalated_at", "look_at"])


def _window_over(callback: Callback, at: datetime) -> None:
    """Nobody called in the window; a task is only late."""
    if not callback.is_call:
        callback.look_at = None
        callback.save(update_fields=["look_at"])
        owner = [callback.owner] if callback.owner else []
        tell([*owner, *supervisors_of(callback.brand)], callback, "task_late", at)
    elif callback.called_at is None:
        miss(callback, at)
    else:
        skip_retry(callback, at)


def _offered(callback: Callback, at: datetime) -> None:
    agent = callback.offered_to_id
    if agent is not None:
        back_to_due(callback, Event.LAPSED, agent, by=None, at=at)


def _accepted(callback: Callback, at: datetime) -> None:
    _window_over(callback, at)


def _in_call(callback: Callback, at: datetime) -> None:
    """Whoever called has not said what came of it: they are asked each time, the supervisors told once."""
    callback.look_at = at + UNTOLD
    callback.save(update_fields=["look_at"])
    tell(supervisors_of(callback.brand), callback, "callback_untold", at)
    if callback.owner:
        tell([callback.owner], callback, "callback_untold", at, turn=at.isoformat())


DEEDS: dict[str, Callable[[Callback, datetime], None]] = {
    State.DUE: _due,
    State.OFFERED: _offered,
    State.ACCEPTED: _accepted,
    State.IN_CALL: _in_call,
}
