"""Calls on their way, for the tests of the clock: promised for ten of a Monday in Berlin, and agents who are there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from agents.models import Agent, Brand, Notification
from agents.presence.services import set_state
from callbacks.models import Callback
from callbacks.services import claim_due, dial, look_at_next
from tests import make
from tickets.models import Ticket

BEFORE = make.instant("2026-05-04T08:00+02:00")
TEN = make.instant("2026-05-04T10:00+02:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def call_of(brand: Brand, *, start: datetime = TEN, length: timedelta = HOUR, **fields: Any) -> Callback:
    """A promise of `brand` for one of its customers in Berlin, made at eight."""
    customer = fields.pop("customer", None) or make.make_customer(brand=brand, time_zone="Europe/Berlin")
    fields.setdefault("at", BEFORE)
    return make.make_callback(customer=customer, window=(start, start + length), **fields)


def due_call(brand: Brand, *, at: datetime = TEN, **fields: Any) -> Callback:
    """The same, handed out at the beginning of its window."""
    callback = call_of(brand, **fields)
    claim_due(at=at)
    return now(callback)


def now(callback: Callback) -> Callback:
    return Callback.objects.get(pk=callback.pk)


def begin(callback: Callback, *, at: datetime) -> None:
    """Whoever owns it calls."""
    dial(callback, by=callback.owner, key=f"dial:{callback.pk}", at=at)


def look(at: datetime) -> None:
    """See to all that has come, as the beat's job does."""
    while look_at_next(at=at):
        pass


def leave(*agents: Agent, kind: str = "offline", at: datetime = TEN) -> None:
    for agent in agents:
        set_state(agent, kind, by=agent, at=at)


def told(agent: Agent, kind: str) -> int:
    """How often `agent` was told something of this kind."""
    return Notification.objects.filter(agent=agent, kind=kind).count()


def log(callback: Callback) -> list[str]:
    return list(callback.events.values_list("kind", flat=True))


def of_ticket(ticket: Ticket, **fields: Any) -> Callback:
    """A promise of tomorrow on this ticket, due at ten."""
    return call_of(ticket.brand, customer=ticket.customer, ticket=ticket, **fields)
