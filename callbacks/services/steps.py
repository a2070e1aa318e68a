"""What every deed on a promise is made of: its lock, its line in the log, and when the clock looks at it next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from callbacks.models import Callback, CallbackEvent, CallbackPolicy
from callbacks.services.booking import asked_again
from tickets.models import TicketEvent

KEEP = "callbacks.promise_callback"
DIRECT = "callbacks.direct_callback"  # to move and hand over what others have promised or taken
Event, Actor, State = CallbackEvent.Kind, CallbackEvent.Actor, Callback.State
# What the conversation shows: what was promised, what came of it. Offers and reminders are between us.
TOLD_IN_TICKET = {
    Event.PROMISED,
    Event.MOVED,
    Event.KEPT,
    Event.RETRY,
    Event.CANCELLED,
    Event.MISSED,
    Event.GIVEN_UP,
}


def lock(callback: Callback) -> Callback:
    """The promise as it is now, its ticket locked before it, as the house's order wants."""
    if callback.ticket is not None:
        tickets.services.lock_even_merged(callback.ticket)
    return read(Callback.objects.select_for_update().only("pk").get(pk=callback.pk).pk)


def read(pk: int) -> Callback:
    """A locked promise with those it concerns.

    Read in a statement of its own: the one that waited for the lock joins nobody who came in meanwhile, and an owner
    who accepted it at that moment would be missing.
    """
    joined = Callback.objects.select_related(
        "brand", "customer__brand", "ticket__brand", "owner", "offered_to"
    )
    return joined.get(pk=pk)


def expect_keeper(by: Agent | None, brand_id: int) -> None:
    """Refused: an agent who may not keep promises of this brand. The house and the customer (None) may."""
    if by is not None:
        expect_right(by, KEEP, brand_id)


def instants(window: Iterable[datetime]) -> list[float]:
    """A window as a digest takes it: one instant is one figure, in whatever zone it was given."""
    return [instant.timestamp() for instant in window]


def standing(callback: Callback) -> dict[str, Any]:
    """State and window of a promise, as the log keeps what a deed has changed."""
    start, end = callback.window_from, callback.window_to
    return {"state": str(callback.state), "from": start.isoformat(), "to": end.isoformat()}


def wait(
    callback: Callback, window: tuple[datetime, datetime], *, state: str, policy: CallbackPolicy, at: datetime
) -> list[str]:
    """Let a promise wait for `window`, told in the zone the customer is in now; gives the fields that were set.

    Its owner is reminded before it opens.
    """
    callback.state, callback.due_since, callback.reminded_at = state, None, None
    callback.window_from, callback.window_to = window
    callback.zone = asked_again(callback).place.zone.key
    callback.offered_to = callback.offer_until = callback.escalated_at = None
    callback.look_at = first_look(callback, policy, at)
    return [
        "state", "due_since", "reminded_at", "window_from", "window_to", "zone", "offered_to",
        "offer_until", "escalated_at", "look_at",
    ]  # fmt: skip


def first_look(callback: Callback, policy: CallbackPolicy, at: datetime) -> datetime:
    """When the clock looks at a promise that waits: to remind its owner, else when the window opens."""
    remind = callback.window_from - timedelta(minutes=policy.remind_minutes)
    if policy.remind_minutes and callback.is_call and callback.owner_id and remind > at:
        return remind
    return callback.window_from


def end(callback: Callback, state: str, at: datetime) -> list[str]:
    """The promise is over; gives the fields that were set."""
    callback.state, callback.ended_at, callback.look_at = state, at, None
    callback.offered_to = callback.offer_until = None
    return ["state", "ended_at", "look_at", "offered_to", "offer_until"]


def record(
    callback: Callback,
    kind: str,
    *,
    by: Agent | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    actor: str = "",
    **data: Any,
) -> None:
    """Write the line of a deed on a locked promise; the conversation it was made in shows it as well.

    `actor` (default: the agent `by`, else the house) says who did it when no agent did; `before` is how it stood
    until then, `data` more codes, ids and instants.
    """
    actor = actor or (Actor.AGENT if by else Actor.HOUSE)
    after = standing(callback)
    CallbackEvent.objects.create(
        callback=callback,
        kind=kind,
        actor=actor,
        by=by,
        at=at,
        data=data | {"before": before, "after": after},
    )
    if callback.ticket is None or kind not in TOLD_IN_TICKET:
        return
    told = TicketEvent.Actor.CUSTOMER if actor == Actor.CUSTOMER else ""
    what = data["outcome"] if kind == Event.RETRY else str(kind)
    tickets.services.record(
        callback.ticket, TicketEvent.Kind.CALLBACK, by=by, at=at, actor=told, before=before, after=after,
        callback=callback.pk, what=what, kind=callback.kind, zone=callback.zone,
    )  # fmt: skip
