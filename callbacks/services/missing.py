"""A promise that nobody kept: the supervisors hear of it, and the customer is promised the next free window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

import tickets.services
from agents.models import Agent, Team
from agents.telling import notify, supervisors_of
from callbacks.models import Attempt, Callback, CallbackPolicy
from callbacks.services import telling
from callbacks.services.again import rule_of, window_after
from callbacks.services.booking import asked_again
from callbacks.services.ending import give_up_locked
from callbacks.services.offering import subject_of, team_of
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
    owner, team = _who_calls(callback)
    if len(callback.chain()) > MAKES_UP or not (owner or team):
        return None
    window = window_after(replace(asked_again(callback), owner=owner, team=team), at + SOON, at=at)
    if window is None:
        return None
    ticket = tickets.services.lock_where_it_goes_on(callback.ticket) if callback.ticket else None
    try:
        with transaction.atomic():
            return promise(
                callback.customer, window, by=None, reason=callback.reason, key=f"missed:{callback.pk}", owner=owner,
                ticket=ticket, contact_point=callback.contact_point, at=at,
                more=More(
                    notes=callback.notes, channel=callback.channel, team=team, source=Callback.Source.MISSED,
                    follows=callback,
                ),
            )  # fmt: skip
    except Refused:
        return None


def _who_calls(callback: Callback) -> tuple[Agent | None, Team | None]:
    """Its owner and team; where the owner has left the brand, the team that calls instead."""
    owner = callback.owner
    if owner is None or Agent.objects.serving(callback.brand).filter(pk=owner.pk).exists():
        return owner, callback.team
    instead = team_of(callback, CallbackPolicy.objects.of(callback.brand_id))
    return None, Team.objects.filter(pk=instead).first() if instead else None


def skip_retry(callback: Callback, at: datetime) -> None:
    """Nobody made a further try in its window: another one is planned, and the supervisors hear of it."""
    soon = at + rule_of(callback.brand_id, Attempt.Outcome.NO_ANSWER).after
    goes_on = callback.promised_to + TRIED_FOR > at
    window = window_after(asked_again(callback), soon, at=at) if goes_on else None
    tell(supervisors_of(callback.brand), callback, "callback_nobody", at)
    if window is None:
        give_up_locked(callback, at=at, why="not_tried")
        return
    before, policy = standing(callback), CallbackPolicy.objects.of(callback.brand_id)
    callback.save(update_fields=wait(callback, window, state=State.NO_ANSWER, policy=policy, at=at))
    record(callback, Event.RETRY, by=None, at=at, before=before, outcome="not_tried")


def tell(agents: Iterable[Agent], callback: Callback, kind: str, at: datetime, *, turn: str = "") -> None:
    """Tell each of `agents` of a call or task once a window, or once a `turn` of it."""
    notify(
        agents, brand_id=callback.brand_id, kind=kind, subject=subject_of(callback),
        key=f"callback:{callback.pk}:{kind}:{turn or callback.window_from.isoformat()}", at=at, callback=callback.pk,
    )  # fmt: skip
