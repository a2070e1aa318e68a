"""Many hands that give out few tickets to few agents at the same instant."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from functools import partial

import pytest

from agents.models import Agent
from agents.presence.models import Stretch
from agents.presence.services import beat, set_state
from tests import make
from tests.together import at_once
from tickets import routing
from tickets.models import Queue, RoutingDecision, RoutingPolicy, Ticket
from tickets.services import return_left, route
from tickets.services.crew import Crew, waiting_in
from tickets.services.handing_out import _give

pytestmark = pytest.mark.race
MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def queue(own_db: str) -> Queue:
    queue = make.make_queue()
    make.make_routing(queue=queue, mail=2)
    return queue


def written(queue: Queue) -> Ticket:
    return make.make_ticket(customer=make.make_customer(brand=queue.brand), queue=queue, at=MONDAY)


def crew(queue: Queue, people: int) -> list[Agent]:
    agents = [make.make_agent(brands=[queue.brand]) for _ in range(people)]
    make.come(*agents, at=MONDAY)
    return agents


def load(agent: Agent) -> Fraction:
    return Crew(RoutingPolicy.objects.all()).loads([agent.pk])[agent.pk]


def test_many_who_route_at_once_give_each_ticket_once_and_fill_nobody_over_the_brim(queue: Queue) -> None:
    agents = crew(queue, 3)
    tickets = [written(queue) for _ in range(9)]
    for _ in range(2):
        answers = at_once(*[partial(route, at=MONDAY)] * 4)
        assert all(isinstance(answer, int) for answer in answers), answers
    assert [load(agent) for agent in agents] == [1, 1, 1]
    given = RoutingDecision.objects.exclude(agent=None).values_list("ticket", flat=True)
    assert len(given) == len(set(given)) == 6
    for ticket in tickets:
        assert ticket.events.filter(kind="assigned").count() <= 1


def two_tickets_for(queue: Queue, agent: Agent) -> list[partial[bool]]:
    """Two hands that have each planned another ticket for `agent`, who has room for one."""
    written(queue)
    route(at=MONDAY)
    written(queue), written(queue)
    policy = RoutingPolicy.objects.select_related("queue", "brand").get()
    answer = routing.Answer(agent.pk, 0, ("only_one",), 1)
    return [partial(_give, one, answer, Crew([policy]), MONDAY) for one in waiting_in(policy)]


def test_two_who_give_one_agent_another_ticket_each_see_what_the_other_gave(queue: Queue) -> None:
    (agent,) = crew(queue, 1)
    assert sorted(at_once(*two_tickets_for(queue, agent))) == [False, True]
    assert load(agent) == 1


def test_control_without_the_lock_on_the_agent_both_give_and_the_agent_is_over_full(queue: Queue) -> None:
    (agent,) = crew(queue, 1)
    assert at_once(*two_tickets_for(queue, agent), unlocked=True) == [True, True]
    assert load(agent) == Fraction(3, 2)


def test_that_nobody_fits_is_written_once_by_many(queue: Queue) -> None:
    ticket = written(queue)
    at_once(*[partial(route, at=MONDAY)] * 4)
    assert RoutingDecision.objects.filter(ticket=ticket).count() == 1


def test_what_was_left_comes_back_once_by_many(queue: Queue) -> None:
    (agent,) = crew(queue, 1)
    ticket = written(queue)
    route(at=MONDAY)
    set_state(agent, "offline", by=agent, at=MONDAY)
    later = MONDAY.replace(hour=13)
    assert sorted(at_once(*[partial(return_left, at=later)] * 4)) == [0, 0, 0, 1]
    assert [line.data["after"] for line in ticket.events.filter(kind="assigned")] == [agent.pk, None]


def test_whoever_changes_a_state_at_once_one_stretch_runs_and_they_follow_each_other(own_db: str) -> None:
    agent = make.make_agent()
    deeds = [partial(set_state, agent, kind, by=agent) for kind in ("available", "busy", "away", "offline")]
    answers = at_once(*deeds, partial(beat, agent))
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    stretches = list(Stretch.objects.filter(agent=agent).order_by("id"))
    assert [one.ended_at for one in stretches[:-1]] == [one.started_at for one in stretches[1:]]
    assert stretches[-1].ended_at is None
