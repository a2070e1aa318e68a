"""A message to the customer that waits for the answer: it goes out with the points, or comes back to who wrote it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import customers.services
import tickets.services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from customers.models import Customer
from desk.panes import pane_of
from goodwill.models import Policy, Reason, Request
from goodwill.services import (
    approve,
    ask,
    ask_gift,
    decline,
    grant,
    grant_gift,
    lapse_due,
    reverse,
    undo,
    withdraw,
)
from tests import make
from tests.desk.deeds import page_of
from tests.goodwill.test_asking import told
from tests.together import at_once, in_the_middle_of
from tickets.models import Message, Ticket

SORRY = "We are sorry; 800 points are yours."
LATER = timedelta(minutes=1)


def waiting(ticket: Ticket, agent: Agent, reason: Reason, points: int = 800, **more: Any) -> Request:
    return ask(ticket, points, by=agent, reason=reason, key=make.unique(), message=SORRY, **more)


def sent(ticket: Ticket) -> list[tuple[str, Agent | None]]:
    rows = Message.objects.filter(ticket=ticket, kind=Message.Kind.OUTBOUND).order_by("seq")
    return [(one.text, one.author) for one in rows]


def prompts(ticket: Ticket) -> list[tuple[str, str]]:
    """What the desk offers for the reply, without what it says of every member."""
    icons = {"corner-down-left", "message-circle"}
    return [(one.text, one.words) for one in pane_of(page_of(ticket))["prompts"] if one.icon in icons]


def reply(ticket: Ticket, agent: Agent, **more: Any) -> None:
    tickets.services.reply(ticket, "A word.", by=agent, key=make.unique(), **more)


def test_it_goes_out_in_the_thread_in_the_name_of_who_asked_once_it_is_agreed_to(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    assert (sent(ticket), prompts(ticket)) == ([], [])
    for _ in range(2):
        approve(request, by=supervisor)
    request.refresh_from_db()
    assert sent(ticket) == [(SORRY, agent)]
    assert (request.said.text, request.said.state) == (SORRY, "queued")
    assert Ticket.objects.get(pk=ticket.pk).status == "pending"
    assert prompts(ticket) == []


def test_beside_what_is_within_the_limits_it_goes_out_at_once(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous, 300)
    assert (request.state, request.said.text, sent(ticket)) == ("posted", SORRY, [(SORRY, agent)])


def test_with_two_to_agree_it_goes_out_after_the_second(
    ticket: Ticket, agent: Agent, supervisor: Agent, second: Agent, generous: Reason, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(second_above=700)
    request = waiting(ticket, agent, generous)
    approve(request, by=supervisor)
    assert sent(ticket) == []
    approve(request, by=second)
    assert sent(ticket) == [(SORRY, agent)]


def test_it_goes_out_with_a_voucher_too(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    shipping = make.make_reward(brand=ticket.brand, points=800)
    request = ask_gift(ticket, shipping, by=agent, reason=generous, key="g", message=SORRY)
    assert request.state == "waiting"
    approve(request, by=supervisor)
    assert sent(ticket) == [(SORRY, agent)]


def test_it_comes_back_if_the_customer_wrote_since_until_somebody_answers_them(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    make.hear(ticket, "Forget it, it has come.")
    assert approve(request, by=supervisor).state == "posted"
    assert (request.refresh_from_db(), request.said, sent(ticket)) == (None, None, [])
    assert ("goodwill_request", "not_sent") in told(ticket)
    assert prompts(ticket) == [("Not sent (given): 800 points, Late parcel", SORRY)]
    reply(ticket, agent, at=clock.now() + LATER)
    assert prompts(ticket) == []


def test_it_comes_back_if_there_is_nowhere_to_send_it(
    brand: Brand, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    silent = make.make_ticket(customer=make.make_member(brand=brand, mail="", phone="+493099999999"))
    request = waiting(silent, agent, generous)
    assert approve(request, by=supervisor).state == "posted"
    assert (sent(silent), told(silent)[-1]) == ([], ("goodwill_request", "not_sent"))
    assert prompts(silent) == [("Not sent (given): 800 points, Late parcel", SORRY)]
    assert waiting(make.make_ticket(customer=silent.customer), supervisor, generous, 50).said is None


def test_what_could_not_be_sent_at_once_comes_back_too(brand: Brand, agent: Agent, generous: Reason) -> None:
    silent = make.make_ticket(customer=make.make_member(brand=brand, mail="", phone="+493099999999"))
    assert waiting(silent, agent, generous, 50).state == "posted"
    assert prompts(silent) == [("Not sent (given): 50 points, Late parcel", SORRY)]


@pytest.mark.parametrize("end", ["declined", "lapsed"])
def test_it_comes_back_if_it_is_declined_or_answered_by_nobody(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, end: str
) -> None:
    request, at = waiting(ticket, agent, generous), clock.now()
    if end == "declined":
        decline(request, by=supervisor)
    else:
        lapse_due(at=at + timedelta(hours=48))
    assert (sent(ticket), prompts(ticket)) == ([], [(f"Not sent ({end}): 800 points, Late parcel", SORRY)])
    reply(ticket, agent, at=at + timedelta(hours=49))
    assert prompts(ticket) == []


def test_who_takes_it_back_knows_what_they_wrote(ticket: Ticket, agent: Agent, generous: Reason) -> None:
    withdraw(waiting(ticket, agent, generous), by=agent)
    assert (sent(ticket), prompts(ticket)) == ([], [])


def test_in_a_merged_ticket_it_goes_out_where_the_conversation_goes_on(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    into = make.make_ticket(customer=ticket.customer, queue=ticket.queue, at=clock.now() - LATER)
    tickets.services.merge(ticket, into, by=agent)
    approve(request, by=supervisor)
    assert (sent(ticket), sent(into)) == ([], [(SORRY, agent)])


def test_a_word_of_the_customer_in_the_other_ticket_holds_it_back_after_a_merge(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    into = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    tickets.services.merge(ticket, into, by=agent)
    approve(request, by=supervisor)
    assert (sent(into), prompts(into)) == ([], [("Not sent (given): 800 points, Late parcel", SORRY)])


def test_undone_after_the_customer_was_told_it_says_so_and_the_correction_waits(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    request = grant(ticket, 300, by=agent, reason=generous, key="g")
    reply(ticket, agent)
    undo(request, by=agent)
    event = ticket.events.filter(kind="goodwill_request").latest("pk")
    assert (event.data["what"], event.data["told"]) == ("undone", True)
    ((text, words),) = prompts(ticket)
    assert text == "Taken back, and the customer was told: 300 points, Late parcel"
    assert "300 points" in words
    reply(ticket, agent, at=clock.now() + LATER)
    assert prompts(ticket) == []


def test_undone_before_anything_was_written_there_is_nothing_to_put_right(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    reply(ticket, agent, at=clock.now() - LATER)
    undo(grant(ticket, 300, by=agent, reason=generous, key="g"), by=agent)
    event = ticket.events.filter(kind="goodwill_request").latest("pk")
    assert (event.data["told"], prompts(ticket)) == (False, [])


def test_undone_with_the_message_still_held_back_nobody_says_that_the_customer_was_told(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    make.hear(ticket, "Forget it.")
    approve(request, by=supervisor)
    undo(request, by=agent)
    assert prompts(ticket) == []


def test_a_voucher_that_is_undone_is_named_and_put_right(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    shipping = make.make_reward(brand=ticket.brand, name="Free shipping", points=400)
    request = grant_gift(ticket, shipping, by=agent, reason=generous, key="g")
    reply(ticket, agent)
    undo(request, by=agent)
    ((text, words),) = prompts(ticket)
    assert text == "Taken back, and the customer was told: Free shipping, Late parcel"
    assert ("Free shipping" in words, "400" in words) == (True, False)
    reply(ticket, agent, at=clock.now() + LATER)
    assert prompts(ticket) == []


def test_a_supervisor_who_takes_back_what_the_customer_knows_of_tells_who_gave_it(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    Policy.objects.update(apart_days=None)
    untold, told_of = (grant(ticket, 50, by=agent, reason=generous, key=make.unique()) for _ in range(2))
    reverse(untold, by=supervisor, reason="mistake")
    assert not Notification.objects.filter(agent=agent).exists()
    reply(ticket, agent)
    reverse(told_of, by=supervisor, reason="mistake")
    (bell,) = Notification.objects.filter(agent=agent)
    assert (bell.kind, bell.subject) == ("goodwill_taken_back", ticket.reference)
    assert len(prompts(ticket)) == 1


def world() -> tuple[Ticket, Request, Agent]:
    brand = make.make_brand()
    agent, reason = make.make_agent(brands=[brand]), make.make_reason(brand=brand)
    member: Customer = make.make_member(brand=brand)
    ticket = make.make_ticket(customer=member)
    return ticket, waiting(ticket, agent, reason), make.make_agent(role="supervisor", brands=[brand])


@pytest.mark.race
def test_agreed_to_twice_at_once_it_goes_out_once(own_db: str) -> None:
    for _ in range(3):
        ticket, request, supervisor = world()
        at_once(*[partial(approve, request, by=supervisor)] * 2)
        assert len(sent(ticket)) == 1


@pytest.mark.race
def test_what_the_customer_writes_at_that_very_moment_comes_before_or_after_it(own_db: str) -> None:
    ticket, request, supervisor = world()
    in_the_middle_of(partial(make.hear, ticket, "Forget it."), partial(approve, request, by=supervisor))
    assert (sent(ticket), len(prompts(ticket))) == ([], 1)
    ticket, request, supervisor = world()
    in_the_middle_of(partial(approve, request, by=supervisor), partial(make.hear, ticket, "Forget it."))
    kinds = Message.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["inbound", "outbound", "inbound"]


def test_an_address_that_is_gone_meanwhile_is_no_address(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = waiting(ticket, agent, generous)
    for point in ticket.customer.contact_points.filter(kind="mail"):
        customers.services.remove_contact_point(point, by=supervisor)
    assert (approve(request, by=supervisor).state, sent(ticket), len(prompts(ticket))) == ("posted", [], 1)
