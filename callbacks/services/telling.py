"""What the customer is told of a call: promised, coming tomorrow, moved, cancelled, missed, given up.

Each is a letter under a key of its own, written with the deed: what is rolled back was never told, what is repeated is
told once. Who has no mail address is told nothing.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import customers.services
from callbacks.models import Callback, CallbackEvent, CallbackPolicy, QuietHours
from callbacks.services.booking import asked_again
from callbacks.zones import Place
from contactcenter import clock
from customers.models import ContactPoint

PROMISED, REMINDER, MOVED = "callback_promised", "callback_reminder", "callback_moved"
CANCELLED, MISSED, GIVEN_UP = "callback_cancelled", "callback_missed", "callback_given_up"
SENSIBLE = time(17)  # of the day before: late enough to be remembered, early enough to move the call
EARLIEST = timedelta(days=1)  # a reminder of what comes sooner would only repeat the promise
WRITTEN_BY_US = "the call was moved or is over"
Source = Callback.Source


def tell_promised(callback: Callback, *, at: datetime) -> None:
    """That a call is promised, and a reminder the day before; what makes up for a missed one is told with that."""
    if callback.source != Source.MISSED:
        _write(callback, PROMISED, f"callback:{callback.pk}:promised", at=at)
    _plan_reminder(callback, at=at)


def tell_moved(callback: Callback, *, at: datetime) -> None:
    """That a call has another window: the reminder of the old one does not leave any more."""
    if not callback.is_call:
        return
    moves = moves_of(callback)
    _forget(callback, moves - 1)
    _write(callback, MOVED, f"callback:{callback.pk}:moved:{moves}", at=at)
    _plan_reminder(callback, at=at)


def tell_cancelled(callback: Callback, *, by_customer: bool, at: datetime) -> None:
    """That nobody will call; `by_customer` as they asked for themselves."""
    forget_reminder(callback)
    _write(callback, CANCELLED, f"callback:{callback.pk}:cancelled", at=at, by_customer=by_customer)


def tell_missed(callback: Callback, again: Callback | None, *, at: datetime) -> None:
    """That we are sorry, and when we call instead (None: we don't by ourselves)."""
    forget_reminder(callback)
    _write(callback, MISSED, f"callback:{callback.pk}:missed", at=at, again=again.pk if again else None)


def tell_given_up(callback: Callback, *, at: datetime) -> None:
    """That we could not reach them, and how to ask for another call."""
    forget_reminder(callback)
    _write(callback, GIVEN_UP, f"callback:{callback.pk}:given_up", at=at)


def forget_reminder(callback: Callback) -> None:
    """What was to be said the day before is not true any more."""
    if callback.is_call:
        _forget(callback, moves_of(callback))


def moves_of(callback: Callback) -> int:
    """How often a call was moved."""
    return callback.events.filter(kind=CallbackEvent.Kind.MOVED).count()


def _concerns(callback: Callback) -> bool:
    """Whether the customer knows of the call: one that was our idea alone is none of theirs until they move it."""
    if not callback.is_call:
        return False
    first = callback.chain()[-1]
    return first.source not in (Source.LEDGER, Source.FEEDBACK) or moves_of(first) > 0


def _address(callback: Callback) -> ContactPoint | None:
    if callback.contact_point and callback.contact_point.kind == ContactPoint.Kind.MAIL:
        return callback.contact_point if callback.contact_point.removed_at is None else None
    points = ContactPoint.objects.filter(customer=callback.customer_id, kind=ContactPoint.Kind.MAIL)
    found: ContactPoint | None = points.order_by("id").first()
    return found


def _write(
    callback: Callback,
    kind: str,
    key: str,
    *,
    at: datetime,
    due_at: datetime | None = None,
    until: datetime | None = None,
    **more: bool | int | None,
) -> None:
    point = _address(callback) if _concerns(callback) else None
    if point is None:
        return
    start, end = callback.window_from.isoformat(), callback.window_to.isoformat()
    facts = {"callback": callback.pk, "from": start, "to": end, "sequence": sequence_of(callback)} | more
    customers.services.write_notice(point, kind, key=key, context=facts, at=at, due_at=due_at, until=until)


def sequence_of(callback: Callback) -> int:
    """The revision of a call in the customer's calendar: it rises when it is moved, missed or cancelled."""
    chain = callback.chain()
    over = callback.state in (Callback.State.CANCELLED, Callback.State.MISSED, Callback.State.GIVEN_UP)
    return sum(map(moves_of, chain)) + len(chain) - 1 + over


def _plan_reminder(callback: Callback, *, at: datetime) -> None:
    """Write the letter of the day before, where one is wanted and there is a day before."""
    policy = CallbackPolicy.objects.of(callback.brand_id)
    if not callback.is_call or not policy.reminds_customers or callback.window_from - at < EARLIEST:
        return
    due_at = day_before(callback.window_from, asked_again(callback).place, callback.brand_id)
    if due_at > at:
        key = _reminder_key(callback, moves_of(callback))
        _write(callback, REMINDER, key, at=at, due_at=due_at, until=_midnight_before(callback))


def _midnight_before(callback: Callback) -> datetime:
    """When the day of a call begins where the customer is: from then on it is not tomorrow any more."""
    zone = asked_again(callback).place.zone
    return clock.day(callback.window_from.astimezone(zone).date(), zone)[0]


def day_before(start: datetime, place: Place, brand: int) -> datetime:
    """Five in the afternoon of the day before `start` where the customer is; earlier or later if that is quiet."""
    day = start.astimezone(place.zone).date() - timedelta(days=1)
    hours = QuietHours.objects.filter(brand=brand, country__in=[place.country, ""])
    quiet = hours.order_by("-country").first()
    hour = SENSIBLE
    if quiet is not None:
        last = time(quiet.closes.hour - 1, quiet.closes.minute) if quiet.closes.hour else SENSIBLE
        hour = max(quiet.opens, min(SENSIBLE, last))
    return datetime.combine(day, hour, tzinfo=place.zone)


def _forget(callback: Callback, moves: int) -> None:
    customers.services.take_back_notice(_reminder_key(callback, moves), why=WRITTEN_BY_US)


def _reminder_key(callback: Callback, moves: int) -> str:
    return f"callback:{callback.pk}:reminder:{moves}"
