"""Ringing a customer: the call is written down, placed outside any transaction, and what came of placing it is kept.

A worker that dies in between leaves a call that nobody places again: `following.ask_diallers` finds it and asks for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent
from callbacks.dialling import DIALLERS, DiallerDown, Order, Placed, tel
from callbacks.models import Attempt, Callback, CallbackPolicy, Line
from callbacks.services.booking import is_awake
from callbacks.services.offering import accept
from callbacks.services.steps import Event, State, expect_keeper, lock, record, standing
from callbacks.services.sweeping import UNTOLD
from contactcenter import clock, keys, links
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.models import ContactPoint, Customer

LEASE = timedelta(seconds=15)  # whoever places or asks for a call is done by then, or dead
ONE_CALL = "callbacks_callback_one_call_an_agent"


def dial(callback: Callback, *, by: Agent, key: str, at: datetime | None = None) -> Attempt:
    """Call the customer with the dialler of the brand: the line of `by` rings first, then the customer's number.

    A due call is accepted with it. Where the dialler cannot (`Attempt.fell_back` says why) or is none, `link_of` gives
    what the agent opens. The same key again changes nothing and rings nobody. Refused: what `accept` refuses; `in_call`
    while this or another call of `by` waits for its outcome; `customer_in_call`; a promise that has no number
    (`no_number`); one whose window is over, at night (`quiet_hours`); `key_conflict`. Never inside a transaction: it
    talks to others.
    """
    at = at or clock.now()
    attempt, order = _begin(callback, by=by, key=key, at=at)
    if order is None:
        return attempt
    try:
        placed = DIALLERS[attempt.dialler].place(order)
    except DiallerDown as down:
        return _fall_back(attempt, down, at)
    return _placed(attempt, placed, at)


def hang_up(callback: Callback, *, by: Agent, at: datetime | None = None) -> None:
    """End the call that `by` is in, where a dialler placed it; what came of it is still to be said.

    Refused: `not_yours`, and with its sentence what the dialler could not do. Never inside a transaction.
    """
    expect_keeper(by, callback.brand_id)
    if callback.owner_id != by.pk:
        raise Refused("not_yours", _("This call is not yours."))
    attempt = callback.attempts.filter(hung_up_at=None, fell_back="").exclude(ref="").last()
    if attempt is None:
        return
    try:
        DIALLERS[attempt.dialler].hang_up(attempt.ref)
    except DiallerDown as down:
        raise Refused(down.code, down.sentence) from None
    Attempt.objects.filter(pk=attempt.pk, hung_up_at=None).update(ask_at=at or clock.now())


def link_of(attempt: Attempt) -> str:
    """The `tel:` address the agent opens where no dialler rings; "" where one does, or the call has no number."""
    point = attempt.callback.contact_point
    if (
        point is None
        or point.kind != ContactPoint.Kind.PHONE
        or (DIALLERS[attempt.dialler or "tel"].EVERY and not attempt.fell_back)
    ):
        return ""
    try:
        return tel.link(point.value)
    except DiallerDown:
        return ""


@transaction.atomic
def _begin(callback: Callback, *, by: Agent, key: str, at: datetime) -> tuple[Attempt, Order | None]:
    """The try as it is written down, and the call to place for it: None for a repeat, or where none is placed."""
    expect_keeper(by, callback.brand_id)
    callback = lock(callback)
    _expect_customer_free(callback)
    keys.claim(Attempt, key)
    if earlier := Attempt.objects.filter(dial_key=key).first():
        if (earlier.callback_id, earlier.by_id) != (callback.pk, by.pk):
            raise keys.conflict()
        return earlier, None
    number, before = _number_of(callback), standing(callback)
    _expect_time(callback, at)
    callback = accept(callback, by=by, at=at)
    _let_go(callback)
    _into_call(callback, at)
    attempt = Attempt(callback=callback, by=by, at=at, dial_key=key)
    if number:  # who meets by video is rung by nobody
        attempt.dialler = CallbackPolicy.objects.of(callback.brand_id).dialler
    order = _order(attempt, number) if number and DIALLERS[attempt.dialler].EVERY else None
    attempt.save()
    record(callback, Event.CALLED, by=by, at=at, before=before, dialler=attempt.dialler)
    return attempt, order and replace(order, hook=links.url(reverse("call_heard", args=[attempt.pk])))


def _order(attempt: Attempt, number: str) -> Order | None:
    """The call to place for a try that is about to be written down; None where we know no line of the agent."""
    line = Line.objects.filter(agent=attempt.by).first()
    if line is None:
        attempt.fell_back = _("The telephone system does not know your line. Please dial yourself.")
        return None
    order = Order(line.address, number)
    attempt.ref, attempt.ask_at = order.ref, attempt.at + LEASE
    return order


def _expect_customer_free(callback: Callback) -> None:
    """Two agents never ring one customer at once, whatever was promised; others stand in line until we are done."""
    keys.claim(Customer, f"rung:{callback.customer_id}")
    others = Callback.objects.filter(customer=callback.customer_id, state=State.IN_CALL).exclude(
        pk=callback.pk
    )
    if other := others.select_related("owner").first():
        raise Refused(
            "customer_in_call",
            _("%s is talking to this customer at this moment.") % (other.owner or _("Somebody")),
        )


def _expect_time(callback: Callback, at: datetime) -> None:
    """A promise whose window is over is kept all the same, but not at night: `quiet_hours`."""
    if at >= callback.window_to and not is_awake(callback, at):
        raise Refused("quiet_hours", _("It is quiet where the customer is. Move the call to another time."))


def _number_of(callback: Callback) -> str:
    """The number to ring, "" for a video call."""
    point = callback.contact_point
    if callback.is_call and callback.channel == Callback.Channel.VIDEO:
        return ""
    if not callback.is_call or point is None:
        raise Refused("no_number", _("There is no number to call."))
    if point.removed_at is not None:
        raise Refused("address_gone", _("This number was taken away; choose another."))
    return point.value


def _let_go(callback: Callback) -> None:
    """A try in which the customer was not rung makes way for the next one. Refused: `in_call` for any other."""
    running = callback.attempts.running().select_for_update(of=("self",)).first()
    if running is None:
        return
    if not running.fell_back:
        raise Refused("in_call", _("You are calling already. Say what came of it first."))
    running.outcome = Attempt.Outcome.LOST
    running.save(update_fields=["outcome"])


def _into_call(callback: Callback, at: datetime) -> None:
    callback.state, callback.look_at = State.IN_CALL, at + UNTOLD
    callback.called_at = callback.called_at or at
    try:
        with transaction.atomic():
            callback.save(update_fields=["state", "look_at", "called_at"])
    except IntegrityError as error:
        if broken(error) != ONE_CALL:
            raise
        raise Refused("in_call", _("You are in another call. Say what came of it first.")) from None


@transaction.atomic
def _placed(attempt: Attempt, placed: Placed, at: datetime) -> Attempt:
    row = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    every = DIALLERS[row.dialler].EVERY
    row.ref, row.fell_back = placed.ref, ""
    row.ask_at = at + every if every and row.hung_up_at is None else None
    row.save(update_fields=["ref", "fell_back", "ask_at"])
    return row


@transaction.atomic
def _fall_back(attempt: Attempt, down: DiallerDown, at: datetime) -> Attempt:
    """The agent dials; where the call may have been placed all the same, the next sweep looks for it."""
    row = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    row.fell_back = _("%s Please dial yourself.") % down.sentence
    row.ask_at = at if down.unsure else None
    row.save(update_fields=["fell_back", "ask_at"])
    return row
