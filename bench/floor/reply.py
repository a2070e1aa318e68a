"""The bare statements of a reply: what is locked, looked at and written, without a rule, a right or a refusal."""

from __future__ import annotations

from django.db import transaction

from agents.models import Agent
from bench.floor.rows import Row, ticket_named
from contactcenter import clock
from customers.models import ContactPoint
from tickets.models import Clock, ClockFact, Message, Ticket, TicketEvent


def reply(agent: Agent, brands: dict[int, Row], reference: str, *, text: str, key: str) -> tuple[int, str]:
    """Lock the ticket, look for the key and the address, write message, audit line, clocks and ticket.

    Gives the number of the message and the address it goes to.
    """
    at, pk = clock.now(), ticket_named(brands, reference)["id"]
    with transaction.atomic():
        locked = Ticket.objects.select_for_update().filter(pk=pk)
        ticket = locked.values("customer_id", "message_seq", "status").get()
        Message.objects.filter(key=key).exists()
        points = ContactPoint.objects.select_for_update(no_key=True)
        theirs = points.filter(customer=ticket["customer_id"], kind="mail").order_by("id")
        point = theirs.values("id", "value")[0]
        message = Message(
            ticket_id=pk, seq=ticket["message_seq"] + 1, kind="outbound", channel="mail", author=agent, text=text,
            recipient_id=point["id"], key=key, created_at=at, state="queued", due_at=at,
        )  # fmt: skip
        message.save(force_insert=True)
        data = {"before": ticket["status"], "after": "pending"}
        TicketEvent(ticket_id=pk, kind="status", actor="agent", by=agent, at=at, data=data).save(
            force_insert=True
        )
        running = Clock.objects.filter(ticket=pk, ended_at=None).values("id", "seq", "target")
        for one in running:
            Clock.objects.filter(pk=one["id"]).update(
                due_at=None, next_at=None, ended_at=at, seq=one["seq"] + 1
            )
            fact = ClockFact(clock_id=one["id"], seq=one["seq"] + 1, kind="met", at=at, target=one["target"])
            fact.save(force_insert=True)
        Ticket.objects.filter(pk=pk).update(
            status="pending", due_at=None, due_since=None, due_kind="", message_seq=message.seq, last_message_at=at,
            last_words=text[:120], last_was_inbound=False,
        )  # fmt: skip
    return message.seq, point["value"]
