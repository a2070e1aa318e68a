"""How long an agent still has to do with a ticket after the last word on it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from tests import make
from tests.together import at_once
from tickets.models import Queue, Ticket, WrapUp
from tickets.services import end_wrap_up, reply, resolve, take_next

MINUTE = timedelta(minutes=1)
NOW = clock.now()


@pytest.fixture
def measured(queue: Queue) -> Queue:
    queue.wrap_up_minutes = 10
    queue.save(update_fields=["wrap_up_minutes"])
    return queue


def minutes() -> list[tuple[float, float | None, str]]:
    """When each wrap-up began and ended, in minutes from NOW, and how."""
    return [
        (
            (one.started_at - NOW) / MINUTE,
            (one.ended_at - NOW) / MINUTE if one.ended_at else None,
            one.how,
        )
        for one in WrapUp.objects.order_by("pk")
    ]


def test_it_runs_from_the_last_word_until_the_agent_says_so(
    ticket: Ticket, measured: Queue, agent: Agent
) -> None:
    reply(ticket, "Soon.", by=agent, key="k", at=NOW)
    resolve(ticket, by=agent, at=NOW + 2 * MINUTE)
    assert minutes() == [(2, None, "")]
    ended = end_wrap_up(by=agent, at=NOW + 5 * MINUTE)
    assert ended is not None
    assert (minutes(), ended.seconds) == ([(2, 5, "agent")], 180)
    assert end_wrap_up(by=agent) is None


def test_the_next_ticket_ends_it_and_so_does_its_time(ticket: Ticket, measured: Queue, agent: Agent) -> None:
    others = [make.make_ticket(customer=ticket.customer, queue=measured) for _ in "12"]
    resolve(ticket, by=agent, at=NOW)
    resolve(others[0], by=agent, at=NOW + 3 * MINUTE)
    assert WrapUp.objects.running(NOW + 12 * MINUTE).count() == 1
    assert WrapUp.objects.running(NOW + 13 * MINUTE).count() == 0
    take_next(Ticket.objects.filter(pk=others[1].pk), by=agent, at=NOW + 30 * MINUTE)
    assert minutes() == [(0, 3, "next"), (3, 13, "limit")]


def test_nothing_is_measured_where_the_queue_does_not_and_of_systems(
    ticket: Ticket, queue: Queue, agent: Agent, brand: Brand
) -> None:
    resolve(ticket, by=agent)
    queue.wrap_up_minutes = 10
    queue.save(update_fields=["wrap_up_minutes"])
    machine = make.make_agent(brands=[brand], role=roles.INTEGRATION)
    resolve(make.make_ticket(customer=ticket.customer, queue=queue), by=machine)
    assert not WrapUp.objects.exists()


@pytest.mark.race
def test_an_agent_who_ends_two_tickets_at_once_wraps_up_one_of_them(own_db: str) -> None:
    answers, running = _at_the_same_time()
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert running == 1


@pytest.mark.race
def test_control_without_the_claim_one_of_them_is_an_error(own_db: str) -> None:
    answers, _running = _at_the_same_time(unlocked=True, meet_after='FROM "tickets_wrapup"')
    assert [isinstance(answer, Exception) for answer in answers].count(True) == 1


def _at_the_same_time(**how: object) -> tuple[list[object], int]:
    queue = make.make_queue(wrap_up_minutes=10)
    agent = make.make_agent(brands=[queue.brand])
    tickets = [make.make_ticket(customer=make.make_customer(brand=queue.brand), queue=queue) for _ in "12"]
    answers = at_once(*[partial(resolve, ticket, by=agent) for ticket in tickets], **how)  # type: ignore[arg-type]
    return answers, WrapUp.objects.filter(ended_at=None).count()
