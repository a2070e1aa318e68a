"""Promising: a call or a task within a window that may be promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

import customers.services
import tickets.services
from agents.models import Agent, Team
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import telling
from callbacks.services.booking import Asked, expect_time, expect_window
from callbacks.services.steps import Actor, Event, expect_keeper, first_look, instants, record
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.models import ContactPoint, Customer
from loyalty.models import Account
from tickets.models import Ticket

ONE_OPEN_CALL = "callbacks_callback_one_open_call_a_ticket"
Kind, Channel, Source = Callback.Kind, Callback.Channel, Callback.Source


@dataclass(frozen=True)
class More:
    """What a promise may say besides whom, when and why: all of it may be left out.

    `team` calls where the owner cannot, or where there is no owner; `source` says how it came about; `follows` is the
    missed promise it makes up for.
    """

    notes: str = ""
    channel: str = Channel.VOICE
    team: Team | None = None
    source: str = Source.DESK
    follows: Callback | None = None


@transaction.atomic
def promise(
    customer: Customer,
    window: tuple[datetime, datetime],
    *,
    by: Agent | None,
    reason: str,
    key: str,
    owner: Agent | None = None,
    ticket: Ticket | None = None,
    contact_point: ContactPoint | None = None,
    kind: str = Kind.CALL,
    more: More | None = None,
    at: datetime | None = None,
) -> Callback:
    """Promise `customer` a call (or write down a task) within `window`, two UTC instants [from, to).

    `owner` (default: `by`, unless a team is named in `more`) is handed it when the window opens; `by` is None where the
    customer chose it or the house promises. Refused: a window that is past, backwards, too long, more than 90 days off,
    outside the hours that are allowed, or full; a call to who wants none, or without a phone number (a video call:
    without a mail address); an owner who does not serve the brand; a second open call on one ticket; `key_conflict`.
    """
    expect_keeper(by, customer.brand_id)
    at, more = at or clock.now(), more or More()
    owner = owner or (None if more.team else by)
    if ticket is not None:
        ticket = tickets.services.lock(ticket)
    customers.services.expect_in_use(customer)
    request = keys.digest(
        customer.pk, kind, reason, *_pks(owner, ticket, contact_point, more.team), *instants(window),
        more.channel, more.notes,
    )  # fmt: skip
    if earlier := _earlier(key, request):
        return earlier
    policy = CallbackPolicy.objects.of(customer.brand_id)
    _check(customer, owner, ticket, contact_point, kind=kind, reason=reason, more=more)
    if more.channel == Channel.VIDEO and not policy.video_url:
        raise Refused("no_video", _("This brand has no place where video calls meet."))
    asked = Asked(customer, owner, more.team, contact_point, by_customer=_is_wished(more))
    expect_open_window(asked, window, kind=kind, at=at)
    _expect_no_open_call(ticket, kind)
    callback = Callback(
        brand_id=customer.brand_id,
        customer=customer,
        ticket=ticket,
        contact_point=contact_point,
        kind=kind,
        channel=more.channel,
        source=more.source,
        reason=reason.strip()[:160],
        notes=more.notes.strip()[:2000],
        topic=ticket.reason if ticket else None,
        priority=_rank(customer),
        owner=owner,
        team=more.team,
        window_from=window[0],
        window_to=window[1],
        promised_to=window[1],
        zone=asked.place.zone.key,
        follows=more.follows,
        promised_by=by,
        promised_at=at,
        key=key,
        request_hash=request,
    )
    callback.look_at = first_look(callback, policy, at)
    _save(callback)
    actor = Actor.CUSTOMER if by is None and more.source == Source.PAGE else ""
    record(callback, Event.PROMISED, by=by, at=at, actor=actor, source=more.source)
    telling.tell_promised(callback, at=at)
    return callback


def _save(callback: Callback) -> None:
    try:
        with transaction.atomic():
            callback.save(force_insert=True)
    except IntegrityError as error:
        if broken(error) != ONE_OPEN_CALL:
            raise
        raise Refused("already_promised", _("A callback is promised on this ticket already.")) from None


def _earlier(key: str, request: str) -> Callback | None:
    """The promise this key has made already, wherever it was moved since; refused with other content."""
    keys.claim(Callback, key)
    earlier = Callback.objects.filter(key=key).first()
    if earlier and earlier.request_hash != request:
        raise keys.conflict()
    return earlier


def _is_wished(more: More) -> bool:
    """Whether the customer asked for the call, or for the first of those that were missed."""
    first = more.follows.chain()[-1].source if more.follows else ""
    return Source.PAGE in (more.source, first)


def _pks(*rows: Model | None) -> list[int | None]:
    return [row.pk if row else None for row in rows]


def _rank(customer: Customer) -> int:
    """How high the customer's tier stands: whoever has none comes last."""
    rank = Account.objects.filter(customer=customer).values_list("tier__rank", flat=True).first()
    return rank or 0


def _check(
    customer: Customer,
    owner: Agent | None,
    ticket: Ticket | None,
    contact_point: ContactPoint | None,
    *,
    kind: str,
    reason: str,
    more: More,
) -> None:
    if not reason.strip():
        raise Refused("reason_missing", _("Say in a few words what the promise is about."))
    if ticket is not None and ticket.customer_id != customer.pk:
        raise Refused("other_customer", _("This ticket belongs to another customer."))
    _check_point(customer, contact_point, kind=kind, channel=more.channel)
    if owner is None and more.team is None:
        raise Refused("nobodys", _("Say who is to call: an agent, or a team."))
    if owner is not None and not Agent.objects.serving(customer.brand).filter(pk=owner.pk).exists():
        raise Refused("not_of_brand", _("%s does not serve this brand.") % owner)
    if more.team is not None and more.team.brand_id != customer.brand_id:
        raise Refused("not_of_brand", _("%s does not serve this brand.") % more.team)


def _check_point(customer: Customer, point: ContactPoint | None, *, kind: str, channel: str) -> None:
    if point is not None and point.customer_id != customer.pk:
        raise Refused("other_customer", _("This number belongs to another customer."))
    if point is not None and point.removed_at is not None:
        raise Refused("address_gone", _("This number was taken away; choose another."))
    if kind != Kind.CALL:
        return
    if channel == Channel.VIDEO and (point is None or point.kind != ContactPoint.Kind.MAIL):
        raise Refused("no_number", _("A video call needs a mail address of the customer, for the link."))
    if channel == Channel.VOICE and (point is None or point.kind != ContactPoint.Kind.PHONE):
        raise Refused("no_number", _("A callback needs a phone number of the customer."))


def _expect_no_open_call(ticket: Ticket | None, kind: str) -> None:
    """One call at a time is promised on a locked ticket and all that went into it."""
    if ticket is None or kind != Kind.CALL:
        return
    if Callback.objects.open().filter(ticket__in=ticket.whole()[1:], kind=kind).exists():
        raise Refused("already_promised", _("A callback is promised on this ticket already."))


def expect_open_window(asked: Asked, window: tuple[datetime, datetime], *, kind: str, at: datetime) -> None:
    """Refuse a window in which a call or a task of this `kind` cannot be promised; see `booking`."""
    if kind == Kind.CALL:
        expect_window(asked, window, at=at)
    else:
        expect_time(window, at=at)
