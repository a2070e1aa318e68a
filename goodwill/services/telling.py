"""What the customer is told of goodwill: the message that waited for an answer, and whether they know already."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

import tickets.services
from contactcenter.errors import Refused
from goodwill.models import Request
from goodwill.services.posting import note
from tickets.models import Message, Ticket


def send_what_waited(request: Request, *, at: datetime, on: Ticket) -> None:
    """Send the message that waited for the answer, in the name of who asked.

    Where the customer wrote since, or there is nowhere to send it, it comes back: the conversation says so, and the
    desk offers it for the reply. The ticket is locked.
    """
    if not request.message:
        return
    heard = _said_in(on).filter(kind=Message.Kind.INBOUND, created_at__gt=request.asked_at)
    if heard.exists():
        note(request, "not_sent", by=None, at=at, on=on)
        return
    try:
        with transaction.atomic():
            key = f"gw:{request.key}"
            request.said = tickets.services.reply(on, request.message, by=request.by, key=key, at=at)
    except Refused:
        note(request, "not_sent", by=None, at=at, on=on)
    else:
        request.save(update_fields=["said"])


def was_told(given: Request, on: Ticket) -> bool:
    """Whether we wrote to the customer since the points were given."""
    since = given.decided_at or given.asked_at
    return _said_in(on).filter(kind=Message.Kind.OUTBOUND, created_at__gte=since).exists()


def _said_in(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk))
