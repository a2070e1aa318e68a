"""Tickets that are put off, closed for good, and answered after."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tests.tickets.test_mail_in import an_answer
from tests.together import at_once
from tickets.channels.email.receive import receive
from tickets.channels.email.send import send_next
from tickets.models import Message, Ticket
from tickets.services import (
    close,
    reopen,
    reply,
    resolve,
    set_status,
    snooze,
    unsnooze,
)
from tickets.tasks import close_resolved, tell_of_late, wake_due

MONDAY = make.instant("2026-05-04T16:00+02:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.values_list("kind", flat=True))


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    return make.make_ticket(queue=make.make_queue(brand=brand, reply_minutes=240), at=MONDAY)


def test_what_is_put_off_is_out_of_sight_and_comes_back_by_itself(ticket: Ticket, agent: Agent) -> None:
    snooze(ticket, MONDAY + HOUR, by=agent, at=MONDAY)
    assert not Ticket.objects.unsolved().awake().exists()
    wake_due(at=MONDAY + HOUR - timedelta(seconds=1))
    assert now_of(ticket).snoozed_until == MONDAY + HOUR
    for _ in range(2):
        wake_due(at=MONDAY + HOUR)
    assert Ticket.objects.unsolved().awake().get() == ticket
    assert kinds(ticket) == ["opened", "snoozed", "woken"]


@pytest.mark.parametrize(
    ("words", "on_thanks", "woken"),
    [("When does it come?", False, True), ("Thank you!", False, False), ("Thank you!", True, True)],
)
def test_an_answer_brings_it_back_and_plain_thanks_only_if_asked(
    ticket: Ticket, agent: Agent, words: str, on_thanks: bool, woken: bool
) -> None:
    snooze(ticket, MONDAY + DAY, by=agent, on_thanks=on_thanks, at=MONDAY)
    make.hear(ticket, words, at=MONDAY + HOUR)
    assert (now_of(ticket).snoozed_until is None) == woken


def test_a_broken_promise_brings_it_back(ticket: Ticket, agent: Agent) -> None:
    snooze(ticket, MONDAY + DAY, by=agent, at=MONDAY)
    tell_of_late(at=MONDAY + 3 * HOUR)
    assert now_of(ticket).snoozed_until == MONDAY + DAY  # only warned of
    tell_of_late(at=MONDAY + 4 * HOUR)
    assert now_of(ticket).snoozed_until is None


def test_resolving_ends_it_and_what_is_resolved_is_not_put_off(ticket: Ticket, agent: Agent) -> None:
    snooze(ticket, MONDAY + DAY, by=agent, at=MONDAY)
    unsnooze(ticket, by=agent, at=MONDAY)
    snooze(ticket, MONDAY + DAY, by=agent, at=MONDAY)
    resolve(ticket, by=agent, at=MONDAY)
    assert now_of(ticket).snoozed_until is None
    with pytest.raises(Refused) as refusal:
        snooze(ticket, MONDAY + DAY, by=agent, at=MONDAY)
    assert refusal.value.code == "ticket_ended"


@pytest.mark.parametrize("until", [MONDAY, MONDAY - HOUR, MONDAY + 91 * DAY])
def test_it_is_put_off_to_a_time_to_come_that_somebody_remembers(
    ticket: Ticket, agent: Agent, until: object
) -> None:
    with pytest.raises(Refused) as refusal:
        snooze(ticket, until, by=agent, at=MONDAY)  # type: ignore[arg-type]
    assert refusal.value.code == "out_of_range"


def test_what_is_resolved_is_closed_when_its_customer_had_the_time_to_answer(
    ticket: Ticket, agent: Agent
) -> None:
    resolve(ticket, by=agent, at=MONDAY)
    close_resolved(at=MONDAY + 14 * DAY - HOUR)
    assert now_of(ticket).status == "resolved"
    for _ in range(2):
        close_resolved(at=MONDAY + 14 * DAY)
    assert (now_of(ticket).status, now_of(ticket).closes_at) == ("closed", None)
    assert kinds(ticket) == ["opened", "assigned", "resolved", "closed"]
    for deed in (partial(reopen, by=agent), partial(make.hear, at=MONDAY + 15 * DAY)):
        with pytest.raises(Refused) as refusal:
            deed(ticket)
        assert refusal.value.code == "ticket_closed"
    with pytest.raises(Refused) as refusal:
        set_status(ticket, "open", by=agent)
    assert refusal.value.code == "ticket_ended"


def test_only_what_is_resolved_is_closed_and_once(ticket: Ticket, agent: Agent) -> None:
    with pytest.raises(Refused) as refusal:
        close(ticket)
    assert refusal.value.code == "no_such_move"
    resolve(ticket, by=agent, at=MONDAY)
    for _ in range(2):
        close(ticket, at=MONDAY + DAY)
    assert kinds(ticket)[-2:] == ["resolved", "closed"]


def test_a_word_within_its_time_opens_it_again_and_one_after_is_refused_before_the_sweep_came(
    ticket: Ticket, agent: Agent
) -> None:
    resolve(ticket, by=agent, at=MONDAY)
    make.hear(ticket, at=MONDAY + 13 * DAY)
    assert (now_of(ticket).status, now_of(ticket).closes_at) == ("open", None)
    resolve(ticket, by=agent, at=MONDAY + 13 * DAY)
    with pytest.raises(Refused) as refusal:
        make.hear(ticket, at=MONDAY + 27 * DAY)
    assert refusal.value.code == "ticket_closed"


def test_a_mail_that_answers_a_closed_ticket_opens_one_that_names_it(ticket: Ticket, agent: Agent) -> None:
    said = reply(ticket, "Here it is.", by=agent, key="r", at=MONDAY, resolve=True)
    send_next()
    said.refresh_from_db()
    close_resolved(at=MONDAY + 20 * DAY)
    raw = an_answer(1, said)
    first = receive(raw).ticket
    assert first is not None
    assert (first.pk != ticket.pk, first.follows, first.customer) == (True, ticket, ticket.customer)
    assert receive(raw).stored.outcome == "duplicate"
    assert Message.objects.filter(text__startswith="Thanks!").count() == 1


@pytest.mark.race
def test_sweeps_at_once_close_each_once(agent: Agent, brand: Brand) -> None:
    queue = make.make_queue(brand=brand)
    for _ in range(30):
        resolve(make.make_ticket(queue=queue, at=MONDAY), by=agent, at=MONDAY)
    at_once(*[partial(close_resolved, at=MONDAY + 20 * DAY) for _ in range(4)])
    close_resolved(at=MONDAY + 20 * DAY)
    tickets = Ticket.objects.filter(queue=queue)
    assert {(ticket.status, ticket.events.filter(kind="closed").count()) for ticket in tickets} == {
        ("closed", 1)
    }
