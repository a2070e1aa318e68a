"""A word of the customer's becomes a ticket of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from agents.models import Agent
from contactcenter.errors import Refused
from tests import make
from tickets.models import Attachment, Clock, Message, Ticket, TicketLink
from tickets.search import search
from tickets.services import merge, note, reply, split

NOON = datetime.fromisoformat("2026-11-02T12:00:00+00:00")


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def refused(message: Message, agent: Agent) -> str:
    with pytest.raises(Refused) as refusal:
        split(message, by=agent)
    return refusal.value.code


def test_what_was_said_is_the_first_word_of_a_ticket_that_waits_since_then(agent: Agent) -> None:
    old = make.make_ticket(at=NOON, brand=agent.brands.get())
    reply(old, "Here it is", by=agent, key="r", at=NOON + timedelta(minutes=5))
    message = make.hear(old, "And my lamp is broken", at=NOON + timedelta(minutes=30))
    Attachment.objects.create(
        message=message, name="a.txt", size=1, sha256="0" * 64, file=ContentFile(b"x", "a")
    )
    assert now(old).due_at == NOON + timedelta(minutes=270)
    for _ in range(2):
        new = split(message, by=agent, at=NOON + timedelta(minutes=60))
    assert (new.customer_id, new.queue_id, new.channel, new.subject) == (
        old.customer_id, old.queue_id, "mail", old.subject,
    )  # fmt: skip
    (said,) = new.messages.all()
    assert (said.pk, said.seq, said.attachments.count()) == (message.pk, 1, 1)
    assert (new.opened_at, new.message_seq) == (message.created_at, 1)
    assert new.due_at == message.created_at + timedelta(hours=4)
    assert (now(old).due_at, now(old).last_words) == (None, "Here it is")
    assert Clock.objects.get(ticket=old, kind="next").facts.last().kind == "stopped"
    assert TicketLink.objects.get(one=old, other=new).kind == "related"
    (here,) = old.events.filter(kind="split")
    (there,) = new.events.filter(kind="split")
    assert (here.data["after"], here.data["seq"], there.data["before"]) == (new.pk, 3, old.pk)


def test_where_another_word_waits_the_old_ticket_waits_on(ticket: Ticket, agent: Agent) -> None:
    due = now(ticket).due_at
    split(make.hear(ticket, "My lamp is broken"), by=agent)
    assert now(ticket).due_at == due


def test_the_words_are_found_where_they_are_now(ticket: Ticket, agent: Agent) -> None:
    new = split(make.hear(ticket, "My zeppelin is broken"), by=agent)
    assert [hit.ticket for hit in search(agent, "zeppelin").hits] == [new.pk]


def test_the_first_word_what_we_said_and_what_came_in_by_a_merge_are_not_split_off(
    ticket: Ticket, agent: Agent
) -> None:
    assert refused(ticket.messages.get(), agent) == "first_message"
    assert refused(note(ticket, "Hm", by=agent, key="n"), agent) == "not_heard"
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    message = make.hear(other)
    merge(other, ticket, by=agent)
    assert refused(message, agent) == "ticket_merged"
    assert refused(message, make.make_agent()) == "not_allowed"
