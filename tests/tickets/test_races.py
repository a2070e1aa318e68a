from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError

from customers.models import Customer
from tests import make
from tests.together import at_once
from tickets.channels.email.send import send_next
from tickets.models import Channel, Message, Queue, Ticket, TicketNumber
from tickets.services import open_ticket, reply, take_next

pytestmark = pytest.mark.race


@pytest.fixture
def nora(own_db: str) -> Customer:
    return make.make_customer()


@pytest.fixture
def desk(nora: Customer) -> Queue:
    return make.make_queue(brand=nora.brand)


def opening(customer: Customer, queue: Queue, key: str) -> partial[Ticket]:
    return partial(open_ticket, customer, queue=queue, subject="?", channel=Channel.MAIL, key=key)


def read_without_lock(brand: Any) -> int:
    """What `_lock_numbers` would be without its lock: for the controls."""
    TicketNumber.objects.get_or_create(brand=brand)
    return TicketNumber.objects.values_list("last", flat=True).get(brand=brand)


def test_one_key_asked_for_by_many_at_once_opens_one_ticket(nora: Customer, desk: Queue) -> None:
    for number in range(10):
        answers = at_once(*[opening(nora, desk, f"k{number}")] * 3)
        assert len({ticket.pk for ticket in answers}) == 1
    assert Ticket.objects.count() == 10


def test_control_without_the_locks_the_second_opening_is_an_error(
    nora: Customer, desk: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(nora, desk, "first")()
    monkeypatch.setattr("tickets.services.opening._lock_numbers", read_without_lock)
    answers = at_once(
        *[opening(nora, desk, "k")] * 2, unlocked=True, meet_after='FROM "tickets_ticketnumber"'
    )
    assert [type(answer) for answer in answers].count(IntegrityError) == 1


def test_numbers_given_out_to_eight_at_once_are_dense_and_unique(nora: Customer, desk: Queue) -> None:
    def five(thread: int) -> list[int]:
        return [opening(nora, desk, f"{thread}:{number}")().number for number in range(5)]

    answers = at_once(*[partial(five, thread) for thread in range(8)])
    assert sorted(number for numbers in answers for number in numbers) == list(range(1, 41))


def test_control_without_the_counters_lock_a_number_is_given_out_twice(
    nora: Customer, desk: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(nora, desk, "first")()
    monkeypatch.setattr("tickets.services.opening._lock_numbers", read_without_lock)
    deeds = [opening(nora, desk, key) for key in "ab"]
    answers = at_once(*deeds, meet_after='FROM "tickets_ticketnumber"')
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "tickets_ticket_number_once_a_brand" in str(refused)


def waiting_reply() -> Message:
    ticket = make.make_ticket()
    return reply(ticket, "Hello", by=make.make_agent(brands=[ticket.brand]), key=make.unique())


def test_a_message_that_many_workers_want_to_send_is_mailed_once(own_db: str) -> None:
    for _ in range(10):
        mail.outbox.clear()
        message = waiting_reply()
        assert sorted(at_once(*[send_next] * 4)) == [False, False, False, True]
        assert len(mail.outbox) == 1
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("sent", 1)


def test_control_without_the_claims_lock_the_message_is_mailed_twice(own_db: str) -> None:
    mail.outbox.clear()
    waiting_reply()
    assert at_once(send_next, send_next, unlocked=True) == [True, True]
    assert len(mail.outbox) == 2


def test_what_is_said_by_many_at_once_is_numbered_without_gaps(own_db: str) -> None:
    for _ in range(5):
        ticket = make.make_ticket()
        agent = make.make_agent(brands=[ticket.brand])
        words = [partial(make.hear, ticket) for _ in range(2)]
        words += [partial(reply, ticket, "Hello", by=agent, key=make.unique()) for _ in range(2)]
        answers = at_once(*words)
        assert sorted(message.seq for message in answers) == [2, 3, 4, 5]
        ticket.refresh_from_db()
        assert ticket.message_seq == 5


def test_control_without_the_tickets_lock_two_words_claim_one_number(own_db: str) -> None:
    ticket = make.make_ticket()
    answers = at_once(*[partial(make.hear, ticket) for _ in range(2)], unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "tickets_message_seq_once" in str(refused)


def next_for(ticket: Ticket) -> partial[Ticket | None]:
    """Somebody new takes the next ticket that nobody has."""
    waiting = Ticket.objects.unsolved().filter(brand=ticket.brand, assignee=None)
    return partial(take_next, waiting, by=make.make_agent(brands=[ticket.brand]))


def test_a_ticket_that_many_reach_for_goes_to_one_of_them(own_db: str) -> None:
    for _ in range(10):
        ticket = make.make_ticket()
        answers = at_once(*[next_for(ticket) for _ in range(3)])
        assert [answer for answer in answers if answer] == [ticket]
        assert ticket.events.filter(kind="assigned").count() == 1


def test_control_without_the_lock_two_are_told_that_it_is_theirs(own_db: str) -> None:
    ticket = make.make_ticket()
    answers = at_once(next_for(ticket), next_for(ticket), unlocked=True)
    assert ticket in answers
    assert (
        None not in answers
    )  # nobody was told that none is left: at most the audit's numbering stops the second
