from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import add_contact_point
from tests import make
from tickets.models import Channel, Message, Queue, Ticket
from tickets.services import hear, note, reopen, reply, resolve, set_status

MONDAY = make.instant("2026-05-04T09:00+02:00")
HOUR = timedelta(hours=1)


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_the_customers_word_wants_an_answer_within_the_time_of_its_queue(member: Customer) -> None:
    queue = make.make_queue(brand=member.brand, reply_minutes=90)
    ticket = now_of(make.make_ticket(customer=member, queue=queue, at=MONDAY))
    assert (ticket.status, ticket.due_at) == ("new", MONDAY + timedelta(minutes=90))
    assert (ticket.last_was_inbound, ticket.last_message_at, ticket.message_seq) == (True, MONDAY, 1)


def test_who_asks_again_does_not_move_back_in_the_line(member: Customer, queue: Queue) -> None:
    ticket = make.make_ticket(customer=member, queue=queue, at=MONDAY)
    make.hear(ticket, at=MONDAY + HOUR)
    assert now_of(ticket).due_at == MONDAY + 4 * HOUR


def test_an_answer_stops_the_clock_and_the_next_word_starts_it_anew(ticket: Ticket, agent: Agent) -> None:
    reply(ticket, "We are looking.", by=agent, key="r1")
    assert now_of(ticket).due_at is None
    make.hear(ticket, at=MONDAY)
    assert (now_of(ticket).due_at, now_of(ticket).status) == (MONDAY + 4 * HOUR, "open")


def test_a_resolved_ticket_has_no_clock_and_opens_again_when_the_customer_writes(
    ticket: Ticket, agent: Agent
) -> None:
    resolve(ticket, by=agent)
    assert now_of(ticket).due_at is None
    make.hear(ticket, "It came, but broken.", at=MONDAY)
    again = now_of(ticket)
    assert (again.status, again.resolved_at, again.due_at) == ("open", None, MONDAY + 4 * HOUR)
    assert ticket.events.filter(kind="reopened", by=None).count() == 1


def test_parking_a_ticket_instead_of_answering_stops_no_clock(
    member: Customer, queue: Queue, agent: Agent
) -> None:
    ticket = make.make_ticket(customer=member, queue=queue, at=MONDAY)
    make.hear(ticket, at=MONDAY + HOUR)
    for status in ("pending", "on_hold", "open"):
        set_status(ticket, status, by=agent)
        assert (now_of(ticket).status, now_of(ticket).due_at) == (status, MONDAY + 4 * HOUR)


def test_taking_up_a_ticket_whose_customer_was_answered_starts_no_clock(ticket: Ticket, agent: Agent) -> None:
    reply(ticket, "We are looking.", by=agent, key="r1")
    note(ticket, "Called the courier.", by=agent, key="n1")
    set_status(ticket, "open", by=agent)
    assert now_of(ticket).due_at is None


def test_the_same_word_delivered_twice_is_said_once(ticket: Ticket) -> None:
    said = {make.hear(ticket, "Hello?", key="m2").pk for _ in range(2)}
    assert len(said) == 1
    assert now_of(ticket).message_seq == 2


def test_a_reply_is_queued_to_the_address_that_wrote_and_the_ticket_waits_for_the_customer(
    ticket: Ticket, agent: Agent
) -> None:
    message = reply(ticket, "It is on its way.", by=agent, key="r1", at=MONDAY)
    assert (message.kind, message.state, message.due_at) == ("outbound", Message.State.QUEUED, MONDAY)
    assert (message.author, message.seq) == (agent, 2)
    assert message.recipient == ticket.customer.contact_points.get(kind="mail")
    now = now_of(ticket)
    assert (now.status, now.assignee, now.last_was_inbound) == ("pending", agent, False)
    assert now.last_words == "It is on its way."


def test_a_reply_goes_to_the_address_the_customer_wrote_from_last(ticket: Ticket, agent: Agent) -> None:
    second = add_contact_point(ticket.customer, "mail", "second@mail.example")
    make.hear(ticket, "From my other address.", sender="Second@Mail.example")
    assert reply(ticket, "Noted.", by=agent, key="r1").recipient == second


def test_the_first_to_answer_has_the_ticket_and_the_second_does_not_take_it(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    reply(ticket, "One", by=agent, key="r1")
    reply(ticket, "Two", by=supervisor, key="r2")
    assert now_of(ticket).assignee == agent
    assert ticket.events.filter(kind="assigned").count() == 1


def test_a_ticket_on_hold_stays_on_hold_when_the_customer_is_told(ticket: Ticket, agent: Agent) -> None:
    set_status(ticket, "on_hold", by=agent)
    reply(ticket, "The courier is asked.", by=agent, key="r1")
    assert now_of(ticket).status == "on_hold"


def test_two_agents_do_not_both_answer_without_knowing(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    reply(ticket, "It is on its way.", by=supervisor, key="r1", seen=1)
    with pytest.raises(Refused) as refusal:
        reply(ticket, "I do not know where it is.", by=agent, key="r2", seen=1)
    assert refusal.value.code == "conversation_moved"
    assert "Sol Specht answered" in refusal.value.sentence
    assert ticket.messages.count() == 2


def test_ones_own_answer_and_a_note_of_a_colleague_stop_nobody(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    reply(ticket, "It is on its way.", by=agent, key="r1", seen=1)
    note(ticket, "The courier has it.", by=supervisor, key="n1")
    assert reply(ticket, "It comes on Tuesday.", by=agent, key="r2", seen=1).seq == 4


def test_nobody_answers_over_the_customers_head(ticket: Ticket, agent: Agent) -> None:
    heard = make.hear(ticket, "Found it!")
    with pytest.raises(Refused) as refusal:
        reply(ticket, "Still looking.", by=agent, key="r1", seen=1)
    assert refusal.value.code == "conversation_moved"
    assert refusal.value.details == {
        "ticket": "FF-1",
        "name": "Mara Mond",
        "text": "Found it!",
        "at": heard.created_at,
    }
    assert "Mara Mond" in refusal.value.sentence
    with pytest.raises(Refused) as refusal:
        resolve(ticket, by=agent, seen=1)
    assert refusal.value.code == "conversation_moved"
    assert reply(ticket, "Great.", by=agent, key="r1", seen=2).seq == 3


def test_the_last_answer_can_end_the_ticket(ticket: Ticket, agent: Agent) -> None:
    for _ in range(2):
        reply(ticket, "Gladly.", by=agent, key="r1", resolve=True)
    now = now_of(ticket)
    assert (now.status, now.assignee, now.due_at, now.message_seq) == ("resolved", agent, None, 2)
    assert list(ticket.events.values_list("kind", flat=True)) == ["opened", "assigned", "resolved"]


def test_a_colleagues_note_stops_no_reply(ticket: Ticket, agent: Agent, supervisor: Agent) -> None:
    note(ticket, "Be kind.", by=supervisor, key="n1")
    assert reply(ticket, "Sorry!", by=agent, key="r1", seen=1).seq == 3


@pytest.mark.parametrize("deed", [reply, note])
def test_the_same_words_with_the_same_key_are_said_once(deed: object, ticket: Ticket, agent: Agent) -> None:
    said = {deed(ticket, "Hello", by=agent, key="k1").pk for _ in range(2)}
    assert len(said) == 1
    with pytest.raises(Refused) as refusal:
        deed(ticket, "Goodbye", by=agent, key="k1")
    assert refusal.value.code == "key_conflict"


def test_a_repeated_reply_is_answered_although_the_customer_wrote_since(ticket: Ticket, agent: Agent) -> None:
    first = reply(ticket, "Hello", by=agent, key="k1", seen=1)
    make.hear(ticket)
    assert reply(ticket, "Hello", by=agent, key="k1", seen=1) == first


@pytest.mark.parametrize("deed", [reply, note])
@pytest.mark.parametrize("words", ["", "  \n\t"])
def test_nothing_cannot_be_said(deed: object, words: str, ticket: Ticket, agent: Agent) -> None:
    with pytest.raises(Refused) as refusal:
        deed(ticket, words, by=agent, key="k1")
    assert refusal.value.code == "nothing_said"


def test_who_has_no_mail_address_cannot_be_answered_by_mail(brand: object, agent: Agent) -> None:
    ticket = make.make_ticket(customer=make.make_customer(brand=brand, mail="", phone="+49301234567"))
    with pytest.raises(Refused) as refusal:
        reply(ticket, "Hello", by=agent, key="k1")
    assert refusal.value.code == "no_address"


def test_a_note_is_for_us_and_touches_neither_status_nor_clock_nor_owner(
    ticket: Ticket, agent: Agent
) -> None:
    before = now_of(ticket)
    message = note(ticket, "Regular customer.", by=agent, key="n1")
    after = now_of(ticket)
    assert (message.kind, message.state, message.recipient) == ("note", Message.State.DONE, None)
    assert (after.status, after.due_at, after.assignee) == (before.status, before.due_at, None)


def test_what_was_said_is_numbered_without_gaps(ticket: Ticket, agent: Agent) -> None:
    note(ticket, "A", by=agent, key="n1")
    reply(ticket, "B", by=agent, key="r1")
    make.hear(ticket)
    reopen(ticket, by=agent)
    assert list(ticket.messages.order_by("id").values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_a_word_of_any_length_and_shape_is_kept_whole(ticket: Ticket) -> None:
    words = "Grüße 🧶\r\n" + "w" * 1_000_000
    message = hear(ticket, words, channel=Channel.MAIL, sender="x" * 320, key="long")
    message.refresh_from_db()
    assert message.text == words
    assert now_of(ticket).last_words == ("Grüße 🧶 " + "w" * 400)[:120]
