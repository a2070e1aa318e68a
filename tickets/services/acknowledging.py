"""The automatic first answer: a letter written in the transaction that opens the ticket; the letters' clock sends it.

It is no word of the conversation: no clock stops for it, and nobody has answered yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from customers.contact import plain
from customers.models import ContactPoint, Notice
from customers.services import take_back_notice, write_notice
from tickets.channels.email.automatic import reads_nothing
from tickets.models import Clock, Queue, Ticket, TicketEvent
from tickets.services.steps import record

TEMPLATE = "acknowledgement"
SAYS_SOMETHING_FOR = timedelta(hours=1)  # later an agent's own answer comes sooner


@transaction.atomic
def acknowledge(ticket: Ticket, *, sender: str, automatic: str, at: datetime) -> Notice | None:
    """Tell whoever opened `ticket` by mail that it came and until when we answer; None where nobody is told.

    Once a ticket. The caller opened the ticket in this transaction and holds the counter of its brand's tickets, so
    that the fuses count one after the other. `automatic` is why a machine wrote the mail, "" for a person. A letter
    that may not leave is kept as dropped, with the reason.
    """
    if not ticket.queue.acknowledges:
        return None
    point = ticket.customer.contact_points.filter(kind=ContactPoint.Kind.MAIL, value=plain(sender)).first()
    if point is None:  # somebody who wrote in a customer's place
        return None
    key, why_not = f"{TEMPLATE}:{ticket.pk}", _why_not(point, automatic, at)
    first = Clock.objects.filter(ticket=ticket, kind=Clock.Kind.FIRST).select_related("hours").first()
    due = first.due_at if first else None
    zone = first.hours.rules["zone"] if first and first.hours else ticket.brand.time_zone
    context = {"ticket": ticket.pk, "due": due.isoformat() if due else "", "zone": zone}
    notice = write_notice(point, TEMPLATE, key=key, context=context, at=at, until=at + SAYS_SOMETHING_FOR)
    if why_not:
        take_back_notice(key, why=why_not)
        return None
    record(ticket, TicketEvent.Kind.ACKNOWLEDGED, by=None, at=at, due=context["due"])
    return notice


def _why_not(point: ContactPoint, automatic: str, at: datetime) -> str:
    """Why this sender is told nothing, in words for the supervisors' page; "" for who is told."""
    if automatic:
        return f"written by a machine: {automatic}"
    if reads_nothing(point.value):
        return "nobody reads what is sent there"
    if Queue.objects.filter(address=point.value).exists():
        return "our own address"
    told = Notice.objects.filter(template=TEMPLATE, brand=point.brand_id).exclude(state=Notice.State.DROPPED)
    today = told.filter(contact_point__value=point.value, written_at__gt=at - timedelta(days=1))
    if today.count() >= settings.ACKNOWLEDGED_A_DAY:
        return "told enough today"
    if told.filter(written_at__gt=at - timedelta(minutes=1)).count() >= settings.ACKNOWLEDGED_A_MINUTE:
        return "too many in a minute"
    return ""
