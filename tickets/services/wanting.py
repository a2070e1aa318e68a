"""A customer who wants to hear from us though they wrote nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets.models import Ticket, TicketEvent
from tickets.services.clocks import Clocks
from tickets.services.opening import follow_up
from tickets.services.steps import keep, lock, move, take_up, wake

Actor, Status = TicketEvent.Actor, Ticket.Status


@transaction.atomic
def want_answer(ticket: Ticket, *, key: str, at: datetime) -> Ticket:
    """The ticket is open, comes back from a snooze and wants an answer; it is given back.

    Instead of one that is closed for good a new one that names it does; `key` makes a repeat give the same.
    """
    ticket = lock(ticket)
    if ticket.status == Status.CLOSED:
        ticket = lock(follow_up(ticket, subject="", channel=ticket.channel, key=key, at=at))
    wake(ticket, None, at, actor=Actor.CUSTOMER)
    if ticket.status == Status.RESOLVED:
        take_up(ticket, None, at)
    elif ticket.status != Status.NEW:
        move(ticket, Status.OPEN, None, at, actor=Actor.CUSTOMER)
    clocks = Clocks(ticket, at)
    clocks.heard()
    clocks.keep()
    keep(ticket)
    return ticket
