from __future__ import annotations

from functools import partial

import pytest
from django.core import mail
from django.db import connection, transaction

import customers.services
from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import ContactPoint
from customers.services import correct_contact_point, remove_contact_point
from tests import make
from tests.together import at_once
from tickets.channels.email.send import send_next
from tickets.models import Message, Ticket
from tickets.services import follow_address, reply


@pytest.fixture
def answer(ticket: Ticket, agent: Agent) -> Message:
    """A reply that waits to be sent."""
    return reply(ticket, "On its way.", by=agent, key="r1")


def address_of(ticket: Ticket) -> ContactPoint:
    return ticket.customer.contact_points.get(kind="mail")


def test_a_reply_that_waits_goes_to_the_corrected_address(
    ticket: Ticket, agent: Agent, answer: Message
) -> None:
    right = correct_contact_point(address_of(ticket), "right@mail.example", by=agent)
    assert send_next() is True
    assert mail.outbox[-1].to == ["right@mail.example"]
    answer.refresh_from_db()
    assert (answer.recipient, answer.state) == (right, "sent")


def test_a_reply_that_was_sent_keeps_the_address_it_went_to(
    ticket: Ticket, agent: Agent, answer: Message
) -> None:
    wrong = address_of(ticket)
    send_next()
    correct_contact_point(wrong, "right@mail.example", by=agent)
    answer.refresh_from_db()
    assert answer.recipient_id == wrong.pk


def test_an_address_to_which_a_reply_waits_stays_until_it_is_sent(
    ticket: Ticket, agent: Agent, answer: Message
) -> None:
    with pytest.raises(Refused) as refusal:
        remove_contact_point(address_of(ticket), by=agent)
    assert refusal.value.code == "mail_waits"
    assert "on its way" in refusal.value.sentence
    send_next()
    assert remove_contact_point(address_of(ticket), by=agent).removed_at is not None


def test_while_a_worker_has_the_reply_in_hand_its_address_is_neither_corrected_nor_removed(
    ticket: Ticket, agent: Agent, answer: Message
) -> None:
    Message.objects.filter(pk=answer.pk).update(state="sending")
    for deed in (
        partial(remove_contact_point, address_of(ticket), by=agent),
        partial(correct_contact_point, address_of(ticket), "right@mail.example", by=agent),
    ):
        with pytest.raises(Refused) as refusal:
            deed()
        assert refusal.value.code == "mail_leaves"
    assert address_of(ticket).removed_at is None


def written(ticket: Ticket, by: Agent) -> Message:
    """A reply whose transaction takes a moment after it was written."""
    with transaction.atomic():
        message = reply(ticket, "On its way.", by=by, key=make.unique())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return message


def raced(unlocked: bool = False) -> Message | None:
    """The reply that waits for an address that is gone, after a reply and a correction at once."""
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    correction = partial(correct_contact_point, address_of(ticket), f"{make.unique()}@mail.example", by=agent)
    at_once(partial(written, ticket, agent), correction, unlocked=unlocked)
    return Message.objects.filter(ticket=ticket, state="queued", recipient__removed_at__isnull=False).first()


@pytest.mark.race
def test_a_reply_written_while_its_address_is_corrected_never_waits_for_the_wrong_one(own_db: str) -> None:
    assert [raced() for _ in range(8)] == [None] * 8


@pytest.mark.race
def test_control_without_the_locks_the_reply_waits_for_the_wrong_address(own_db: str) -> None:
    assert raced(unlocked=True) is not None


@pytest.mark.race
def test_a_reply_sent_while_its_address_is_corrected_goes_to_one_of_the_two(own_db: str) -> None:
    for _ in range(8):
        mail.outbox.clear()
        ticket = make.make_ticket()
        agent = make.make_agent(brands=[ticket.brand])
        message = reply(ticket, "On its way.", by=agent, key=make.unique())
        wrong, right = address_of(ticket), f"{make.unique()}@mail.example"
        sent, _corrected = at_once(send_next, partial(correct_contact_point, wrong, right, by=agent))
        assert not isinstance(sent, Exception)
        while send_next():
            pass
        message.refresh_from_db()
        assert [letter.to for letter in mail.outbox] == [[str(message.recipient)]]


def test_control_without_the_step_the_reply_goes_to_the_wrong_address(
    ticket: Ticket, agent: Agent, answer: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [step for step in customers.services.ADDRESS_STEPS if step is not follow_address]
    monkeypatch.setattr("customers.services.addresses.ADDRESS_STEPS", others)
    wrong = address_of(ticket)
    correct_contact_point(wrong, "right@mail.example", by=agent)
    send_next()
    assert mail.outbox[-1].to == [wrong.value]
