"""What came of a promise: kept, not reached and tried again, moved, cancelled, given up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from callbacks.models import Attempt, Callback, CallbackPolicy
from callbacks.services import telling
from callbacks.services.again import next_try
from callbacks.services.booking import asked_again
from callbacks.services.promising import expect_open_window
from callbacks.services.steps import (
    DIRECT,
    Actor,
    Event,
    State,
    end,
    expect_keeper,
    instants,
    lock,
    record,
    standing,
    wait,
)
from contactcenter import clock, keys
from contactcenter.errors import Refused

Outcome = Attempt.Outcome
NOT_REACHED = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.VOICEMAIL, Outcome.WRONG_NUMBER)


@transaction.atomic
def done(callback: Callback, *, by: Agent, key: str, note: str = "", at: datetime | None = None) -> Callback:
    """The promise is kept: the customer was reached, or the task is done."""
    at = at or clock.now()
    callback, first = _attempt(callback, Outcome.DONE, by=by, key=key, note=note, at=at)
    if first:
        before = standing(callback)
        callback.save(update_fields=[*_called(callback, at), *end(callback, State.KEPT, at)])
        record(callback, Event.KEPT, by=by, at=at, before=before)
        telling.forget_reminder(callback)
    return callback


def no_answer(
    callback: Callback, *, by: Agent, key: str, note: str = "", at: datetime | None = None
) -> Callback:
    """Nobody picked up: as `not_reached`."""
    return not_reached(callback, Outcome.NO_ANSWER, by=by, key=key, note=note, at=at)


@transaction.atomic
def not_reached(
    callback: Callback, outcome: str, *, by: Agent, key: str, note: str = "", at: datetime | None = None
) -> Callback:
    """The customer was not reached (`outcome`: no_answer, busy, voicemail, wrong_number).

    The brand's rule for that outcome says when it comes back; where it allows no further try it is given up. Refused:
    `no_outcome`, and of a task, which reaches nobody.
    """
    if outcome not in NOT_REACHED or not callback.is_call:
        raise Refused("no_outcome", _("Say how the call ended."))
    at = at or clock.now()
    callback, first = _attempt(callback, outcome, by=by, key=key, note=note, at=at)
    if first:
        before, fields = standing(callback), _called(callback, at)
        policy = CallbackPolicy.objects.of(callback.brand_id)
        window = next_try(callback, outcome, at)
        if window is None:
            callback.save(update_fields=[*fields, *end(callback, State.GIVEN_UP, at)])
            record(callback, Event.GIVEN_UP, by=by, at=at, before=before, outcome=outcome)
            telling.tell_given_up(callback, at=at)
        else:
            fields += wait(callback, window, state=State.NO_ANSWER, policy=policy, at=at)
            callback.save(update_fields=fields)
            record(callback, Event.RETRY, by=by, at=at, before=before, outcome=outcome)
            telling.forget_reminder(callback)
    return callback


@transaction.atomic
def move(
    callback: Callback,
    window: tuple[datetime, datetime],
    *,
    by: Agent | None,
    key: str,
    note: str = "",
    at: datetime | None = None,
) -> Callback:
    """Promise another window instead; what holds for a first promise holds for this one.

    `by` is None where the customer moves it by their link: then it is no try; the same window again changes nothing.
    Refused to the customer: while they are being called.
    """
    at = at or clock.now()
    if by is None:
        callback = lock(callback)
        expect_open(callback)
        _expect_not_in_call(callback)
        first = (callback.window_from, callback.window_to) != tuple(window)
    else:
        callback, first = _attempt(callback, Outcome.MOVED, by=by, key=key, note=note, at=at, window=window)
    if first:
        move_locked(callback, window, by=by, at=at)
    return callback


def move_locked(
    callback: Callback, window: tuple[datetime, datetime], *, by: Agent | None, at: datetime
) -> None:
    """Let a locked, open promise wait for another window, if that can be promised."""
    asked = asked_again(callback, by_customer=by is None)
    expect_open_window(asked, window, kind=callback.kind, at=at)
    before, policy = standing(callback), CallbackPolicy.objects.of(callback.brand_id)
    fields = wait(callback, window, state=State.MOVED, policy=policy, at=at)
    callback.promised_to, callback.called_at = window[1], None
    callback.save(update_fields=[*fields, "promised_to", "called_at"])
    record(callback, Event.MOVED, by=by, at=at, before=before, actor="" if by else Actor.CUSTOMER)
    telling.tell_moved(callback, at=at)


@transaction.atomic
def cancel(callback: Callback, *, by: Agent | None, at: datetime | None = None) -> Callback:
    """Take a promise back that is not needed any more; one that is over stays as it is.

    `by` is None where the customer cancels it by their link. Refused: while they are being called.
    """
    expect_keeper(by, callback.brand_id)
    at = at or clock.now()
    callback = lock(callback)
    if not callback.is_open:
        return callback
    if by is None:
        _expect_not_in_call(callback)
    else:
        expect_theirs(callback, by)
    before = standing(callback)
    _break_off(callback)
    callback.save(update_fields=end(callback, State.CANCELLED, at))
    record(callback, Event.CANCELLED, by=by, at=at, before=before, actor="" if by else Actor.CUSTOMER)
    telling.tell_cancelled(callback, by_customer=by is None, at=at)
    return callback


def give_up_locked(callback: Callback, *, at: datetime, why: str) -> None:
    """The house stops trying a locked, open call (`why`: a code)."""
    before = standing(callback)
    callback.save(update_fields=end(callback, State.GIVEN_UP, at))
    record(callback, Event.GIVEN_UP, by=None, at=at, before=before, outcome=why)
    telling.tell_given_up(callback, at=at)


def _called(callback: Callback, at: datetime) -> list[str]:
    """Count a try; gives the fields that were set."""
    callback.tries += 1
    callback.called_at = callback.called_at or at
    return ["tries", "called_at"]


def expect_open(callback: Callback) -> None:
    if not callback.is_open:
        state = callback.get_state_display()
        raise Refused("callback_over", _("This promise is %s already.") % state)


def _expect_not_in_call(callback: Callback) -> None:
    if callback.state == State.IN_CALL:
        raise Refused("in_call", _("We are calling you at this moment."))


def expect_theirs(callback: Callback, by: Agent) -> None:
    """Refused (`not_yours`): a call that somebody else has taken, but for whoever directs the calls of others."""
    taken = callback.state in (State.ACCEPTED, State.IN_CALL)
    if taken and callback.owner_id != by.pk and not by.has_perm(DIRECT):
        raise Refused("not_yours", _("%s has this call now.") % callback.owner)


def _break_off(callback: Callback) -> None:
    """A call that runs while its promise ends otherwise came to nothing."""
    callback.attempts.running().update(outcome=Outcome.LOST)


def _attempt(
    callback: Callback,
    outcome: str,
    *,
    by: Agent,
    key: str,
    note: str,
    at: datetime,
    window: Iterable[datetime] = (),
) -> tuple[Callback, bool]:
    """Write down what came of a try on a locked, open promise; False when this very word is there already.

    The call that runs is the one it is said of; without one it is a try by hand. `window` is the one it was moved to.
    """
    expect_keeper(by, callback.brand_id)
    callback = lock(callback)
    request = keys.digest(callback.pk, outcome, note, *instants(window))
    keys.claim(Attempt, key)
    if earlier := Attempt.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return callback, False
    expect_open(callback)
    expect_theirs(callback, by)
    running = callback.attempts.running().select_for_update().first()
    if running:
        running.outcome, running.note = outcome, note[:500]
        running.key, running.request_hash = key, request
        running.save(update_fields=["outcome", "note", "key", "request_hash"])
    else:
        Attempt.objects.create(
            callback=callback, outcome=outcome, by=by, key=key, request_hash=request, note=note[:500], at=at
        )
    return callback, True
