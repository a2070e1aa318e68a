"""A customer on the line: the request is put to one supervisor who is there after the other, two minutes each."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F

import tickets.services
from agents import roles
from agents.models import Agent, Brand, Notification
from agents.presence.services import set_state
from contactcenter import clock
from customers.models import ContactPoint
from goodwill.models import Policy, Reason, Request
from goodwill.services import approve, ask, decline, lapse_due, withdraw
from goodwill.services.urgent import pass_on_due
from goodwill.tasks import pass_on_urgent
from tests import make
from tests.goodwill.test_asking import told
from tests.together import at_once, in_the_middle_of
from tickets.models import Ticket, TicketEvent

TWO = timedelta(minutes=2)


def urgent(ticket: Ticket, agent: Agent, reason: Reason, points: int = 800, **more: Any) -> Request:
    return ask(ticket, points, by=agent, reason=reason, key=make.unique(), is_urgent=True, **more)


def supervisors(brand: Brand, count: int, **fields: Any) -> list[Agent]:
    """So many supervisors at their desks."""
    found = [make.make_agent(role=roles.SUPERVISOR, brands=[brand], **fields) for _ in range(count)]
    make.come(*found)
    return found


def asked_of(request: Request) -> Agent | None:
    request.refresh_from_db()
    return request.asked_of


def rung(agent: Agent) -> int:
    return Notification.objects.filter(agent=agent, kind="goodwill_urgent").count()


def steps(ticket: Ticket) -> list[Any]:
    return [what for kind, what in told(ticket) if kind == "goodwill_request"]


def test_the_colleague_of_the_team_is_asked_first_then_who_is_available_then_who_is_busy(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand
) -> None:
    busy, available, colleague = supervisors(brand, 3)
    set_state(busy, "busy", by=busy)
    set_state(colleague, "busy", by=colleague)
    make.make_team(brand=brand, agents=[agent, colleague])
    make.make_team(brand=brand, agents=[busy, available])
    at = clock.now()
    request = urgent(ticket, agent, generous, at=at)
    assert (asked_of(request), request.passes_at) == (colleague, at + TWO)
    assert (rung(colleague), rung(available)) == (1, 0)
    for following in (available, busy, None):
        at += TWO
        assert pass_on_due(at=at - timedelta(seconds=1)) == 0
        assert pass_on_due(at=at) == 1
        assert asked_of(request) == following
    assert (request.passed, request.passes_at) == ([colleague.pk, available.pk, busy.pk], None)
    assert [rung(one) for one in (colleague, available, busy)] == [1, 1, 1]
    assert steps(ticket) == ["asked", "put_to", "put_to", "put_to", "nobody_there"]
    assert pass_on_due(at=at + timedelta(hours=1)) == 0


def test_what_is_above_every_supervisor_is_told_and_put_to_an_administrator(
    ticket: Ticket, agent: Agent, supervisor: Agent, brand: Brand
) -> None:
    reason = make.make_reason(brand=brand, max_points=9000)
    boss = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])
    make.come(supervisor, boss)
    request = urgent(ticket, agent, reason, 5000)
    assert asked_of(request) == boss
    told_of = Notification.objects.filter(kind="goodwill_waits").values_list("agent", flat=True)
    assert list(told_of) == [boss.pk]


def test_only_who_is_there_serves_the_brand_and_may_agree_alone_is_asked(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, brand: Brand, other_brand: Brand
) -> None:
    away, capped, near = supervisors(brand, 3)
    supervisors(other_brand, 1)
    set_state(away, "away", by=away)
    make.make_policy(agent=capped, brand=brand, per_grant=700)
    point = make.make_mail(customer=ticket.customer)
    ContactPoint.objects.filter(pk=point.pk).update(value=near.email)
    make.come(make.make_agent(brands=[brand]))
    request = urgent(ticket, agent, generous)
    assert (asked_of(request), request.passes_at) == (None, None)  # `supervisor` was never at their desk
    make.come(supervisor)
    assert asked_of(urgent(ticket, agent, generous, 900)) == supervisor


def test_with_nobody_there_the_conversation_says_so_and_whoever_comes_may_answer(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = urgent(ticket, agent, generous)
    assert (asked_of(request), request.passes_at, steps(ticket)) == (None, None, ["asked", "nobody_there"])
    assert Notification.objects.get(agent=supervisor).kind == "goodwill_waits"
    assert approve(request, by=supervisor).state == "posted"


def test_who_asked_is_not_asked_though_they_may_agree(
    ticket: Ticket, supervisor: Agent, second: Agent, generous: Reason
) -> None:
    make.come(supervisor, second)
    make.make_policy(agent=second, brand=ticket.brand, per_grant=3000)
    assert asked_of(urgent(ticket, supervisor, generous, 2600)) == second


@pytest.mark.parametrize("answer", [approve, decline])
def test_an_answer_ends_it_whoever_gives_it(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand, answer: Any
) -> None:
    first, other = supervisors(brand, 2)
    request = urgent(ticket, agent, generous)
    assert asked_of(request) == first
    answer(request, by=other)
    assert pass_on_due(at=clock.now() + TWO) == 0
    assert (asked_of(request), request.passes_at, request.approver) == (first, None, other)


def test_withdrawn_and_lapsed_it_is_put_to_nobody_any_more(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand
) -> None:
    supervisors(brand, 2)
    taken_back, lapsed = urgent(ticket, agent, generous), urgent(ticket, agent, generous, 900)
    withdraw(taken_back, by=agent)
    late = clock.now() + timedelta(hours=48)
    assert lapse_due(at=late) == 1
    assert pass_on_due(at=late) == 0
    for request in (taken_back, lapsed):
        request.refresh_from_db()
        assert request.passes_at is None


def test_within_the_limits_nobody_is_asked(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand
) -> None:
    (there,) = supervisors(brand, 1)
    request = urgent(ticket, agent, generous, 300)
    assert (request.state, request.is_urgent, asked_of(request), rung(there)) == ("posted", False, None, 0)


def test_what_takes_two_is_put_to_another_once_the_first_agrees(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(second_above=700)
    first, other = supervisors(brand, 2)
    request = urgent(ticket, agent, generous)
    assert asked_of(request) == first
    assert approve(request, by=first).state == "waiting"
    assert (asked_of(request), rung(other)) == (other, 1)
    assert request.passes_at is not None
    assert approve(request, by=other).state == "posted"
    assert steps(ticket) == ["asked", "put_to", "agreed", "put_to", "agreed"]


def test_who_agreed_already_is_not_asked_once_more(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(second_above=700)
    first, other = supervisors(brand, 2)
    request = urgent(ticket, agent, generous)
    approve(request, by=other)
    assert (asked_of(request), request.passes_at, request.passed) == (None, None, [first.pk])


def test_in_a_merged_ticket_it_is_passed_on_where_the_conversation_goes_on(
    ticket: Ticket, agent: Agent, generous: Reason, brand: Brand
) -> None:
    first, other = supervisors(brand, 2)
    request = urgent(ticket, agent, generous)
    into = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    tickets.services.merge(ticket, into, by=agent)
    pass_on_urgent()
    assert asked_of(request) == first
    Request.objects.filter(pk=request.pk).update(passes_at=F("passes_at") - TWO)
    pass_on_urgent()
    assert asked_of(request) == other
    assert steps(into) == ["put_to"]


def waiting_one() -> tuple[Request, list[Agent]]:
    brand = make.make_brand()
    agent, reason = make.make_agent(brands=[brand]), make.make_reason(brand=brand)
    there = supervisors(brand, 3)
    ticket = make.make_ticket(customer=make.make_member(brand=brand))
    return urgent(ticket, agent, reason), there


def handed_on(request: Request) -> int:
    """How often it was put to somebody."""
    return TicketEvent.objects.filter(ticket=request.ticket, data__what="put_to").count()


@pytest.mark.race
def test_two_sweeps_at_once_pass_it_on_once(own_db: str) -> None:
    for _ in range(5):
        request, there = waiting_one()
        late = clock.now() + TWO
        assert sum(at_once(*[partial(pass_on_due, at=late)] * 2)) == 1
        assert (asked_of(request), request.passed, handed_on(request)) == (there[1], [there[0].pk], 2)
        withdraw(request, by=request.asker)


@pytest.mark.race
def test_control_without_the_locks_two_sweeps_both_put_it_to_somebody(own_db: str) -> None:
    request, _ = waiting_one()
    answers = at_once(*[partial(pass_on_due, at=clock.now() + TWO)] * 2, unlocked=True)
    assert (answers, handed_on(request)) == ([1, 1], 3)


@pytest.mark.race
def test_an_answer_in_the_middle_of_a_sweep_stands_alone(own_db: str) -> None:
    request, there = waiting_one()
    late = clock.now() + TWO
    passed, answered = in_the_middle_of(partial(pass_on_due, at=late), partial(approve, request, by=there[2]))
    assert (passed, answered.state) == (1, "posted")
    request.refresh_from_db()
    assert (request.state, request.passes_at) == ("posted", None)
    request, there = waiting_one()
    answered, passed = in_the_middle_of(partial(approve, request, by=there[2]), partial(pass_on_due, at=late))
    assert (answered.state, passed, handed_on(request)) == ("posted", 0, 1)
