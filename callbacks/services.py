"""Deeds on promises: the only writers of this room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import customers.services
import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from callbacks import windows
from callbacks.models import Attempt, Callback
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.models import ContactPoint, Customer
from tickets.models import Ticket, TicketEvent

KEEP = "callbacks.promise_callback"
RETRY_AFTER = timedelta(minutes=20)  # nobody answered: the next try opens so much later
RETRY_WINDOW = timedelta(hours=1)
CLAIM_AT_ONCE = 50
ONE_OPEN_CALL = "callbacks_callback_one_open_call_a_ticket"

WHY_NOT = {
    "past": gettext_lazy("That time is over. Choose a later one."),
    "backwards": gettext_lazy("The window ends before it begins."),
    "too_long": gettext_lazy("A promise may span twelve hours at most."),
    "too_far": gettext_lazy("A promise may lie 90 days ahead at most."),
    "quiet_hours": gettext_lazy(
        "The customer's quiet hours are 21:00 to 8:00 local time. Choose another window."
    ),
}


@transaction.atomic
def promise(
    customer: Customer,
    window: tuple[datetime, datetime],
    *,
    by: Agent,
    reason: str,
    key: str,
    owner: Agent | None = None,
    ticket: Ticket | None = None,
    contact_point: ContactPoint | None = None,
    kind: str = Callback.Kind.CALL,
    at: datetime | None = None,
) -> Callback:
    """Promise `customer` a call (or write down a task) within `window`, two UTC instants [from, to).

    `owner` (default: `by`) is handed it when the window opens. Refused: a window that is past, backwards,
    too long, more than 90 days off or in the customer's quiet hours; a call without a phone number; an owner
    who does not serve the brand; a second open call on one ticket; `key_conflict`.
    """
    expect_right(by, KEEP, customer.brand_id)
    at, owner = at or clock.now(), owner or by
    if ticket is not None:
        ticket = tickets.services.lock(ticket)
    customers.services.expect_in_use(customer)
    request = keys.digest(
        customer.pk, kind, reason, owner.pk, *_pks(ticket, contact_point), *_instants(window)
    )
    if earlier := _earlier(key, request):
        return earlier
    _check(
        customer,
        window,
        owner=owner,
        ticket=ticket,
        contact_point=contact_point,
        kind=kind,
        reason=reason,
        at=at,
    )
    _expect_no_open_call(ticket, kind)
    try:
        with transaction.atomic():
            callback = Callback.objects.create(
                brand_id=customer.brand_id,
                customer=customer,
                ticket=ticket,
                contact_point=contact_point,
                kind=kind,
                reason=reason.strip()[:160],
                owner=owner,
                window_from=window[0],
                window_to=window[1],
                zone=customer.zone,
                promised_by=by,
                promised_at=at,
                key=key,
                request_hash=request,
            )
    except IntegrityError as error:
        if broken(error) != ONE_OPEN_CALL:
            raise
        raise Refused("already_promised", _("A callback is promised on this ticket already.")) from None
    _record(callback, "promised", by=by, at=at)
    return callback


@transaction.atomic
def claim_due(*, at: datetime | None = None) -> list[Callback]:
    """Hand out promises whose window has opened by `at`, at most 50; each goes to exactly one caller."""
    at = at or clock.now()
    waiting = Callback.objects.due(at).order_by("window_from", "id")
    claimed = list(waiting.select_for_update(skip_locked=True)[:CLAIM_AT_ONCE])
    for callback in claimed:
        callback.state, callback.due_since = Callback.State.DUE, at
    Callback.objects.bulk_update(claimed, ["state", "due_since"])
    return claimed


@transaction.atomic
def done(callback: Callback, *, by: Agent, key: str, note: str = "", at: datetime | None = None) -> Callback:
    """The promise is kept: the customer was reached, or the task is done."""
    at = at or clock.now()
    callback, first = _attempt(callback, Attempt.Outcome.DONE, by=by, key=key, note=note, at=at)
    if first:
        before = _standing(callback)
        callback.state, callback.ended_at = Callback.State.KEPT, at
        callback.save(update_fields=["state", "ended_at"])
        _record(callback, "kept", by=by, at=at, before=before)
    return callback


@transaction.atomic
def no_answer(
    callback: Callback, *, by: Agent, key: str, note: str = "", at: datetime | None = None
) -> Callback:
    """Nobody picked up: it comes back in 20 minutes, or the next morning where those fall into quiet hours."""
    at = at or clock.now()
    callback, first = _attempt(callback, Attempt.Outcome.NO_ANSWER, by=by, key=key, note=note, at=at)
    if first:
        before = _standing(callback)
        start = windows.after_quiet(at + RETRY_AFTER, RETRY_WINDOW, ZoneInfo(callback.zone))
        _promise_again(callback, (start, start + RETRY_WINDOW))
        _record(callback, "no_answer", by=by, at=at, before=before)
    return callback


@transaction.atomic
def move(
    callback: Callback,
    window: tuple[datetime, datetime],
    *,
    by: Agent,
    key: str,
    note: str = "",
    at: datetime | None = None,
) -> Callback:
    """Promise another window instead; what holds for a first promise holds for this one."""
    at = at or clock.now()
    callback, first = _attempt(
        callback, Attempt.Outcome.MOVED, by=by, key=key, note=note, at=at, window=window
    )
    if first:
        _expect_open_window(callback.customer, window, call=callback.kind == Callback.Kind.CALL, at=at)
        before = _standing(callback)
        _promise_again(callback, window)
        _record(callback, "moved", by=by, at=at, before=before)
    return callback


@transaction.atomic
def cancel(callback: Callback, *, by: Agent, at: datetime | None = None) -> Callback:
    """Take a promise back that is not needed any more; one that is over stays as it is."""
    expect_right(by, KEEP, callback.brand_id)
    at = at or clock.now()
    callback = _lock(callback)
    if callback.state in Callback.OPEN:
        before = _standing(callback)
        callback.state, callback.ended_at = Callback.State.CANCELLED, at
        callback.save(update_fields=["state", "ended_at"])
        _record(callback, "cancelled", by=by, at=at, before=before)
    return callback


def _earlier(key: str, request: str) -> Callback | None:
    """The promise this key has made already, wherever it was moved since; refused with other content."""
    keys.claim(Callback, key)
    earlier = Callback.objects.filter(key=key).first()
    if earlier and earlier.request_hash != request:
        raise keys.conflict()
    return earlier


def _pks(*rows: Model | None) -> list[int | None]:
    return [row.pk if row else None for row in rows]


def _instants(window: Iterable[datetime]) -> list[float]:
    """A window as a digest takes it: one instant is one figure, in whatever zone it was given."""
    return [instant.timestamp() for instant in window]


def _check(
    customer: Customer,
    window: tuple[datetime, datetime],
    *,
    owner: Agent,
    ticket: Ticket | None,
    contact_point: ContactPoint | None,
    kind: str,
    reason: str,
    at: datetime,
) -> None:
    call = kind == Callback.Kind.CALL
    if not reason.strip():
        raise Refused("reason_missing", _("Say in a few words what the promise is about."))
    if ticket is not None and ticket.customer_id != customer.pk:
        raise Refused("other_customer", _("This ticket belongs to another customer."))
    if contact_point is not None and contact_point.customer_id != customer.pk:
        raise Refused("other_customer", _("This number belongs to another customer."))
    if contact_point is not None and contact_point.removed_at is not None:
        raise Refused("address_gone", _("This number was taken away; choose another."))
    if call and (contact_point is None or contact_point.kind != ContactPoint.Kind.PHONE):
        raise Refused("no_number", _("A callback needs a phone number of the customer."))
    if not Agent.objects.serving(customer.brand).filter(pk=owner.pk).exists():
        raise Refused("not_of_brand", _("%s does not serve this brand.") % owner)
    _expect_open_window(customer, window, call=call, at=at)


def _expect_no_open_call(ticket: Ticket | None, kind: str) -> None:
    """One call at a time is promised on a locked ticket and all that went into it."""
    if ticket is None or kind != Callback.Kind.CALL:
        return
    if Callback.objects.open().filter(ticket__in=ticket.whole()[1:], kind=kind).exists():
        raise Refused("already_promised", _("A callback is promised on this ticket already."))


def _expect_open_window(
    customer: Customer, window: tuple[datetime, datetime], *, call: bool, at: datetime
) -> None:
    rules = windows.rules_for(ZoneInfo(customer.zone)) if call else windows.ANY_TIME
    code = windows.refusal(*window, now=at, rules=rules)
    if code:
        raise Refused(code, str(WHY_NOT[code]))


def follow_number(point: ContactPoint, successor: ContactPoint | None) -> None:
    """Open promises of a call to `point` go to its `successor`; where there is none it is refused (`promised`)."""
    promised = Callback.objects.open().filter(contact_point=point)
    if successor is not None:
        promised.update(contact_point=successor)
    elif promised.exists():
        raise Refused(
            "promised", _("A promised call goes to %s. Move or cancel the call first.") % point.value
        )


def _lock(callback: Callback) -> Callback:
    """The promise as it is now, its ticket locked before it, as the house's order wants."""
    if callback.ticket is not None:
        tickets.services.lock_even_merged(callback.ticket)
    locked = Callback.objects.select_for_update(of=("self",)).select_related(
        "customer__brand", "ticket__brand"
    )
    # As with tickets: who was moved by a merge while we waited is joined by the next statement.
    return locked.filter(pk=callback.pk).first() or locked.get(pk=callback.pk)


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
    """Write down a try on a locked, open promise; False when this very try is there already.

    `window` is the one it was moved to.
    """
    expect_right(by, KEEP, callback.brand_id)
    callback = _lock(callback)
    request = keys.digest(callback.pk, outcome, note, *_instants(window))
    keys.claim(Attempt, key)
    if earlier := Attempt.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return callback, False
    if callback.state not in Callback.OPEN:
        state = callback.get_state_display()
        raise Refused("callback_over", _("This promise is %s already.") % state)
    Attempt.objects.create(
        callback=callback, outcome=outcome, by=by, key=key, request_hash=request, note=note[:500], at=at
    )
    return callback, True


def _promise_again(callback: Callback, window: tuple[datetime, datetime]) -> None:
    callback.state, callback.due_since = Callback.State.PROMISED, None
    callback.window_from, callback.window_to = window
    callback.save(update_fields=["state", "due_since", "window_from", "window_to"])


def _standing(callback: Callback) -> dict[str, Any]:
    """State and window of a promise, as the audit keeps what a deed has changed."""
    start, end = callback.window_from, callback.window_to
    return {"state": str(callback.state), "from": start.isoformat(), "to": end.isoformat()}


def _record(
    callback: Callback, what: str, *, by: Agent, at: datetime, before: dict[str, Any] | None = None
) -> None:
    """The conversation shows what became of a promise made in it; `before` is how it stood until then."""
    if callback.ticket is None:
        return
    tickets.services.record(
        callback.ticket, TicketEvent.Kind.CALLBACK, by=by, at=at, before=before, after=_standing(callback),
        callback=callback.pk, what=what, kind=callback.kind, zone=callback.zone,
    )  # fmt: skip
