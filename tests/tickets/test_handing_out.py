"""Tickets that find their agents: what is decided, written down and told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand, Notification, Skill
from agents.presence.services import set_state
from loyalty.models import Tier
from tests import make
from tickets.models import Queue, RoutingDecision, Ticket
from tickets.services import assign, reply, resolve, return_left, route, set_status, snooze

MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def handing_out(queue: Queue) -> Queue:
    make.make_routing(queue=queue, mail=2)
    return queue


def written(queue: Queue, *, at: datetime = MONDAY, **fields: Any) -> Ticket:
    return make.make_ticket(customer=make.make_customer(brand=queue.brand, **fields), queue=queue, at=at)


def has(agent: Agent) -> set[Ticket]:
    return set(Ticket.objects.unsolved().filter(assignee=agent))


def told(ticket: Ticket) -> list[tuple[int | None, int, list[str]]]:
    rows = RoutingDecision.objects.filter(ticket=ticket).order_by("id")
    return [(row.agent_id, row.step, row.reasons) for row in rows]


def test_a_ticket_goes_to_who_is_here_and_the_decision_and_the_audit_say_why(
    handing_out: Queue, agent: Agent
) -> None:
    make.come(agent, at=MONDAY)
    ticket = written(handing_out)
    assert route(at=MONDAY) == 1
    assert has(agent) == {ticket}
    assert told(ticket) == [(agent.pk, 0, ["only_one"])]
    line = ticket.events.get(kind="assigned")
    assert (line.actor, line.by, line.data["after"], line.data["routed"]) == (
        "rule",
        None,
        agent.pk,
        ["only_one"],
    )
    assert route(at=MONDAY) == 0


def test_a_queue_whose_policy_is_off_or_that_has_none_hands_nothing_out(queue: Queue, agent: Agent) -> None:
    make.come(agent, at=MONDAY)
    ticket = written(queue)
    assert route(at=MONDAY) == 0
    make.make_routing(queue=queue, is_active=False)
    assert route(at=MONDAY) == 0
    assert told(ticket) == []


def test_no_more_is_given_than_fits_and_a_resolved_or_answered_ticket_makes_room(
    handing_out: Queue, agent: Agent
) -> None:
    make.come(agent, at=MONDAY)
    first, second, third, fourth = (written(handing_out, at=MONDAY + n * MINUTE) for n in range(4))
    at = MONDAY + 4 * MINUTE
    assert route(at=at) == 2
    assert has(agent) == {first, second}
    assert told(third) == [(None, 0, ["all_full"])]
    resolve(first, by=agent, at=at)
    assert route(at=at) == 1
    reply(second, "Here it is.", by=agent, key="r", at=at)
    assert route(at=at) == 1
    assert has(agent) == {second, third, fourth}


def test_what_is_parked_or_put_off_is_not_handed_out(handing_out: Queue, agent: Agent) -> None:
    parked, put_off = written(handing_out), written(handing_out)
    set_status(parked, "on_hold", by=agent, at=MONDAY)
    snooze(put_off, MONDAY + 60 * MINUTE, by=agent, at=MONDAY)
    make.come(agent, at=MONDAY)
    assert route(at=MONDAY) == 0


def test_away_busy_and_offline_agents_and_those_of_other_brands_get_nothing(
    handing_out: Queue, brand: Brand, other_brand: Brand
) -> None:
    for kind in ("busy", "away", "offline"):
        somebody = make.make_agent(brands=[brand])
        set_state(somebody, kind, by=somebody, at=MONDAY)
    make.come(make.make_agent(brands=[other_brand]), at=MONDAY)
    ticket = written(handing_out)
    assert route(at=MONDAY) == 0
    assert told(ticket) == [(None, 0, ["nobody_here"])]


def test_that_nobody_fits_is_written_once_and_again_as_needs_are_let_go_and_at_last_supervisors_hear_once(
    queue: Queue, agent: Agent, supervisor: Agent
) -> None:
    customs = Skill.objects.create(code="customs", name="Customs")
    make.make_routing(queue=queue, skills=[customs])
    set_state(agent, "busy", by=agent, at=MONDAY)
    ticket = written(queue)
    for minute in range(0, 70, 1):
        route(at=MONDAY + minute * MINUTE)
    assert told(ticket) == [(None, step, ["nobody_here"]) for step in range(6)]
    told_of = Notification.objects.filter(kind="not_routed")
    assert [(row.agent, row.subject) for row in told_of] == [(supervisor, ticket.reference)]
    make.come(agent, at=MONDAY + 70 * MINUTE)
    assert route(at=MONDAY + 70 * MINUTE) == 1
    assert told(ticket)[-1] == (agent.pk, 5, ["no_skills", "only_one"])


def test_skills_and_the_customers_language_are_asked_for(queue: Queue, brand: Brand, agent: Agent) -> None:
    customs = Skill.objects.create(code="customs", name="Customs")
    german = Skill.objects.create(code="german", name="German", language="de")
    make.make_routing(queue=queue, skills=[customs], by_language=True)
    both = make.make_agent(brands=[brand])
    both.skills.set([customs, german])
    agent.skills.set([customs])
    make.come(agent, both, at=MONDAY)
    ticket = written(queue, language="de-AT")
    assert route(at=MONDAY) == 1
    assert told(ticket) == [(both.pk, 0, ["skills", "language", "only_one"])]


def test_a_customer_comes_back_to_the_agent_they_had_last(
    handing_out: Queue, brand: Brand, agent: Agent
) -> None:
    nora, other = make.make_customer(brand=brand), make.make_agent(brands=[brand])
    before = make.make_ticket(customer=nora, queue=handing_out, at=MONDAY - 60 * MINUTE)
    assign(before, agent, by=agent, at=MONDAY - 50 * MINUTE)
    resolve(before, by=agent, at=MONDAY - 40 * MINUTE)
    make.come(other, at=MONDAY - 90 * MINUTE)
    make.come(agent, at=MONDAY)
    ticket = make.make_ticket(customer=nora, queue=handing_out, at=MONDAY)
    assert route(at=MONDAY) == 1
    assert told(ticket) == [(agent.pk, 0, ["sticky"])]


def test_who_was_offline_and_is_back_may_have_their_ticket_again(handing_out: Queue, agent: Agent) -> None:
    make.come(agent, at=MONDAY)
    ticket = written(handing_out)
    route(at=MONDAY)
    set_state(agent, "offline", by=agent, at=MONDAY)
    assert return_left(at=MONDAY + 10 * MINUTE) == 1
    make.come(agent, at=MONDAY + 11 * MINUTE)
    assert route(at=MONDAY + 11 * MINUTE) == 1
    assert has(agent) == {ticket}


def test_who_hands_a_ticket_back_is_not_given_it_again(
    handing_out: Queue, brand: Brand, agent: Agent
) -> None:
    make.come(agent, at=MONDAY)
    ticket = written(handing_out)
    route(at=MONDAY)
    assign(ticket, None, by=agent, at=MONDAY + MINUTE)
    assert route(at=MONDAY + MINUTE) == 0
    other = make.make_agent(brands=[brand])
    make.come(other, at=MONDAY + MINUTE)
    assert route(at=MONDAY + MINUTE) == 1
    assert has(other) == {ticket}


def test_a_better_tier_and_its_benefits_bring_a_ticket_forward(
    handing_out: Queue, brand: Brand, agent: Agent, programme: Any
) -> None:
    make.come(agent, at=MONDAY)
    plain = written(handing_out, at=MONDAY - 20 * MINUTE)
    vip = make.make_member(brand=brand)
    gold = Tier.objects.get(programme=programme, code="gold")
    gold.benefits.create(programme=programme, code="first", name="First", kind="priority")
    vip.account.tier = gold
    vip.account.save(update_fields=["tier"])
    theirs = make.make_ticket(customer=vip, queue=handing_out, at=MONDAY)
    make.make_capacity(agent=agent, brand=brand, tickets=1)
    assert route(at=MONDAY) == 1
    assert has(agent) == {theirs}
    assert told(plain) == [(None, 2, ["all_full"])]


def test_what_an_offline_agent_left_comes_back_after_the_grace_and_what_waits_for_the_customer_when_they_answer(
    handing_out: Queue, brand: Brand, agent: Agent
) -> None:
    make.come(agent, at=MONDAY)
    open_one, answered = written(handing_out), written(handing_out)
    route(at=MONDAY)
    reply(answered, "Is it there?", by=agent, key="r", at=MONDAY)
    set_state(agent, "offline", by=agent, at=MONDAY + 20 * MINUTE)
    assert return_left(at=MONDAY + 29 * MINUTE) == 0
    assert return_left(at=MONDAY + 30 * MINUTE) == 1
    assert has(agent) == {answered}
    line = open_one.events.filter(kind="assigned").last()
    assert line is not None
    assert (line.actor, line.data["after"], line.data["routed"]) == ("rule", None, ["offline"])
    make.hear(answered, at=MONDAY + 60 * MINUTE)
    assert return_left(at=MONDAY + 60 * MINUTE) == 1
    assert has(agent) == set()
    other = make.make_agent(brands=[brand])
    make.come(other, at=MONDAY + 61 * MINUTE)
    assert route(at=MONDAY + 61 * MINUTE) == 2


def test_what_was_given_to_an_absent_agent_by_hand_stays_for_the_grace(
    handing_out: Queue, agent: Agent
) -> None:
    ticket = written(handing_out, at=MONDAY - 60 * MINUTE)
    assign(ticket, agent, by=agent, at=MONDAY)
    assert return_left(at=MONDAY + 9 * MINUTE) == 0
    assert return_left(at=MONDAY + 10 * MINUTE) == 1


def asked(deed: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        deed()
    return len(queries)


def test_what_a_ticket_costs_does_not_depend_on_how_many_wait_or_how_many_agents_are_here(
    handing_out: Queue, brand: Brand
) -> None:
    def batch(tickets: int) -> int:
        for _ in range(tickets):
            make.come(make.make_agent(brands=[brand]), at=MONDAY)
            written(handing_out)
        return asked(lambda: route(at=MONDAY))

    one, two, six = batch(1), batch(2), batch(6)
    assert (two - one, six - two) == (9, 36)  # nine questions a ticket, savepoint and audit included


def test_tickets_that_wait_on_cost_no_more_the_more_there_are(handing_out: Queue) -> None:
    written(handing_out)
    route(at=MONDAY)
    one = asked(lambda: route(at=MONDAY))
    for _ in range(5):
        written(handing_out)
    route(at=MONDAY)
    assert asked(lambda: route(at=MONDAY)) == one
