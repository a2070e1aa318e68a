"""A promise that nobody kept: the supervisors hear of it, and the customer is promised the next free window."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from agents.telling import notify, supervisors_of
from callbacks import retries, windows
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import telling
from callbacks.services.ending import give_up_locked
from callbacks.services.offering import subject_of
from callbacks.services.promising import More, promise
from callbacks.services.steps import Event, State, end, record, standing, wait
from contactcenter.errors import Refused

MAKES_UP = 3  # so many times in a row we promise again by ourselves
SOON = timedelta(minutes=30)  # the customer reads of the new window before it opens
TRIED_FOR = timedelta(days=14)  # retries that nobody makes come to an end


def miss(callback: Callback, at: datetime) -> Callback | None:
    """End a locked call as missed at `at`, tell the supervisors, promise again; gives the new promise, if any."""
    before = standing(callback)
    callback.save(update_fields=end(callback, State.MISSED, at))
    record(callback, Event.MISSED, by=None, at=at, before=before)
    again = _promise_again(callback, at)
    telling.tell_missed(callback, again, at=at)
    told = [callback.owner] if callback.owner else []
    notify(
        [*told, *supervisors_of(callback.brand)], brand_id=callback.brand_id, kind="callback_missed",
        subject=subject_of(callback), key=f"callback:{callback.pk}:missed", at=at, callback=callback.pk,
        again=again.pk if again else None,
    )  # fmt: skip
    return again


def _promise_again(callback: Callback, at: datetime) -> Callback | None:
    """The call that makes up for a missed one; None where we have done so too often, or may not call."""
    if _missed_in_a_row(callback) >= MAKES_UP:
        return None
    start = windows.after_quiet(at + SOON, retries.LENGTH, ZoneInfo(callback.zone))
    try:
        with transaction.atomic():
            return promise(
                callback.customer, (start, start + retries.LENGTH), by=None, reason=callback.reason,
                key=f"missed:{callback.pk}", owner=callback.owner, ticket=callback.ticket,
                contact_point=callback.contact_point, at=at,
                more=More(
                    notes=callback.notes, channel=callback.channel, team=callback.team, source=Callback.Source.MISSED,
                    follows=callback,
                ),
            )  # fmt: skip
    except Refused:
        return None


def _missed_in_a_row(callback: Callback) -> int:
    count, one = 1, callback
    while one.follows is not None:
        count, one = count + 1, one.follows
    return count


def skip_retry(callback: Callback, at: datetime) -> None:
    """Nobody made a further try in its window: another one is planned, and the supervisors hear of it."""
    if callback.promised_to + TRIED_FOR <= at:
        give_up_locked(callback, at=at, why="not_tried")
        return
    start = windows.after_quiet(
        at + retries.SHIPPED["no_answer"].after, retries.LENGTH, ZoneInfo(callback.zone)
    )
    before, policy = standing(callback), CallbackPolicy.objects.of(callback.brand_id)
    callback.save(
        update_fields=wait(
            callback, (start, start + retries.LENGTH), state=State.NO_ANSWER, policy=policy, at=at
        )
    )
    record(callback, Event.RETRY, by=None, at=at, before=before, outcome="not_tried")
    notify(
        supervisors_of(callback.brand), brand_id=callback.brand_id, kind="callback_nobody",
        subject=subject_of(callback), key=f"callback:{callback.pk}:skipped:{at.isoformat()}", at=at,
        callback=callback.pk,
    )  # fmt: skip
