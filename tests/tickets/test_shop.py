"""Tasks for the shop: asked within what is left, taken by one, done once, and told of when nobody takes them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agents import roles
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order, OrderRefund
from customers.services import Line
from tests import make
from tests.together import at_once
from tickets.models import ShopTask, Ticket
from tickets.services import (
    Piece,
    ask_shop,
    do_task,
    left_for_shop,
    refuse_task,
    take_task,
    tell_untaken,
    withdraw_task,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], role=roles.INTEGRATION, name="Shop")


@pytest.fixture
def order(member: Customer) -> Order:
    """Two scarves for 100.00 and a hat for 20.00."""
    lines = [Line("S", "Scarf", 10_000, quantity=2), Line("H", "Hat", 2_000)]
    return make.make_order(customer=member, lines=lines)


def pieces(order: Order, *wanted: tuple[int, int]) -> list[Piece]:
    """How many and how much of the first lines of an order."""
    return [Piece(line, *one) for line, one in zip(order.lines.all(), wanted, strict=False)]


def ask(
    ticket: Ticket, order: Order, kind: str, *wanted: tuple[int, int], by: Agent, **fields: Any
) -> ShopTask:
    return ask_shop(ticket, order, kind, pieces(order, *wanted), by=by, **({"key": make.unique()} | fields))


def refused(deed: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*args, **kwargs)
    return refusal.value.code


def steps(ticket: Ticket) -> list[tuple[Any, Any]]:
    lines = ticket.events.filter(kind="shop").order_by("seq")
    return [(line.data["before"], line.data["after"]) for line in lines]


def test_no_more_is_asked_for_than_is_left_over_all_tasks_that_stand(
    ticket: Ticket, order: Order, agent: Agent, shop: Agent
) -> None:
    first = ask(ticket, order, "refund", (1, 6_000), by=agent)
    assert refused(ask, ticket, order, "refund", (0, 4_001), by=agent) == "more_than_paid"
    assert refused(ask, ticket, order, "refund", (2, 1_000), by=agent) == "more_than_bought"
    withdraw_task(first, by=agent)
    whole = ask(ticket, order, "refund", (2, 10_000), by=agent)
    do_task(take_task(whole, by=shop), by=shop)
    assert refused(ask, ticket, order, "refund", (0, 1), by=agent) == "more_than_paid"
    again = ask(ticket, order, "resend", (2, 0), by=agent)
    assert refused(ask, ticket, order, "resend", (1, 0), by=agent) == "more_than_bought"
    refuse_task(take_task(again, by=shop), by=shop, answer="None left.")
    do_task(take_task(ask(ticket, order, "resend", (1, 0), by=agent), by=shop), by=shop)
    left = left_for_shop(order, "resend")
    assert [piece.quantity for piece in left.values()] == [1, 1]


def test_what_makes_no_sense_is_refused(
    ticket: Ticket, order: Order, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    theirs = make.make_order(customer=make.make_customer(brand=brand))
    assert refused(ask, ticket, theirs, "refund", (0, 100), by=agent) == "not_their_order"
    assert refused(ask, ticket, order, "gift", (1, 0), by=agent) == "no_such_kind"
    assert refused(ask, ticket, order, "return", (0, 0), by=agent) == "not_positive"
    assert refused(ask, ticket, order, "resend", by=agent) == "nothing_to_refund"
    twice = pieces(order, (1, 0)) * 2
    assert refused(ask_shop, ticket, order, "resend", twice, by=agent, key="k") == "line_twice"
    assert (
        refused(ask_shop, ticket, order, "resend", pieces(theirs, (1, 0)), by=agent, key="k")
        == "unknown_line"
    )
    assert not ShopTask.objects.exists()
    task = ask(ticket, order, "return", (1, 0), by=agent)
    foreign = make.make_order(customer=make.make_customer(brand=other_brand))
    with pytest.raises(IntegrityError, match="another brand"), transaction.atomic():
        ShopTask.objects.filter(pk=task.pk).update(order=foreign)


def test_a_repeated_key_gives_the_task_that_is_there(ticket: Ticket, order: Order, agent: Agent) -> None:
    first = ask(ticket, order, "refund", (1, 6_000), by=agent, key="k")
    assert ask(ticket, order, "refund", (1, 6_000), by=agent, key="k") == first
    assert refused(ask, ticket, order, "refund", (1, 6_001), by=agent, key="k") == "key_conflict"
    assert steps(ticket) == [(None, "asked")]


def test_a_refund_that_is_done_is_booked_once_and_its_points_go_once(
    ticket: Ticket, order: Order, agent: Agent, shop: Agent
) -> None:
    before = make.now_of(ticket.customer).balance
    task = take_task(ask(ticket, order, "refund", (1, 6_000), by=agent), by=shop)
    for _ in range(2):
        task = do_task(task, by=shop, answer="Back on the card.")
    assert (task.state, task.refund) == ("done", OrderRefund.objects.get())
    assert task.refund is not None
    assert (task.refund.amount_minor, task.refund.by) == (6_000, shop)
    assert make.now_of(ticket.customer).balance == before - 300
    assert steps(ticket) == [(None, "asked"), ("asked", "taken"), ("taken", "done")]
    assert refused(refuse_task, task, by=shop, answer="Too late.") == "task_ended"


def test_who_has_taken_a_task_has_it_until_the_lease_is_over(
    ticket: Ticket, order: Order, agent: Agent, shop: Agent, brand: Brand
) -> None:
    other = make.make_agent(brands=[brand], role=roles.INTEGRATION)
    task, now = ask(ticket, order, "return", (1, 0), by=agent), clock.now()
    take_task(task, by=shop, at=now)
    take_task(task, by=shop, at=now + 10 * MINUTE)
    assert refused(take_task, task, by=other, at=now + 24 * MINUTE) == "task_taken"
    assert refused(withdraw_task, task, by=agent) == "task_taken"
    assert refused(do_task, task, by=other) == "task_not_yours"
    take_task(task, by=other, at=now + 25 * MINUTE)
    assert refused(refuse_task, task, by=shop, answer="No.") == "task_not_yours"
    assert refused(refuse_task, task, by=other, answer=" ") == "nothing_said"
    task = refuse_task(task, by=other, answer="It is opened.")
    assert refuse_task(task, by=other, answer="It is opened.") == task
    assert steps(ticket) == [(None, "asked"), ("asked", "taken"), ("taken", "taken"), ("taken", "refused")]


def test_an_agent_does_not_take_tasks_and_a_shop_of_another_brand_does_nothing(
    ticket: Ticket, order: Order, agent: Agent, other_brand: Brand
) -> None:
    task = ask(ticket, order, "return", (1, 0), by=agent)
    stranger = make.make_agent(brands=[other_brand], role=roles.INTEGRATION)
    for by in (agent, stranger):
        assert refused(take_task, task, by=by) == "not_allowed"
    assert refused(withdraw_task, task, by=stranger) == "not_allowed"


def test_supervisors_are_told_once_of_a_task_that_comes_no_further(
    ticket: Ticket, order: Order, agent: Agent, shop: Agent, supervisor: Agent
) -> None:
    now = clock.now()
    task = ask(ticket, order, "refund", (1, 6_000), by=agent, at=now)
    assert tell_untaken(at=now + 59 * MINUTE) == 0
    assert [tell_untaken(at=now + 60 * MINUTE) for _ in range(2)] == [1, 0]
    told = Notification.objects.get()
    assert (told.agent, told.kind, told.subject) == (supervisor, "shop_task_waits", ticket.reference)
    take_task(task, by=shop, at=now + 61 * MINUTE)
    assert tell_untaken(at=now + (61 + 15 + 60) * MINUTE) == 1  # taken, and nothing was heard of it
    do_task(task, by=shop)
    assert tell_untaken(at=now + timedelta(days=9)) == 0


@pytest.fixture
def two(own_db: str) -> list[Any]:
    """Two tickets of one customer, an agent and two systems of the shop."""
    member = make.make_member(points=1000)
    tickets = [make.make_ticket(customer=member) for _ in "12"]
    return [
        *tickets,
        make.make_agent(brands=[member.brand]),
        *(make.make_agent(brands=[member.brand], role=roles.INTEGRATION) for _ in "12"),
    ]


def at_the_same_time(two: list[Any], **how: Any) -> list[Any]:
    """Each ticket asks for three quarters of one order's money."""
    first, second, agent, *_shops = two
    order = make.make_order(customer=first.customer, lines=[Line("S", "Scarf", 10_000)])
    return at_once(
        *[partial(ask, one, order, "refund", (0, 7_500), by=agent) for one in (first, second)], **how
    )


@pytest.mark.race
def test_two_tickets_cannot_ask_for_more_than_an_order_has(two: list[Any]) -> None:
    (no,) = [answer for answer in at_the_same_time(two) if isinstance(answer, Exception)]
    assert isinstance(no, Refused)
    assert no.code == "more_than_paid"


@pytest.mark.race
def test_control_without_the_lock_on_the_order_they_can(two: list[Any]) -> None:
    answers = at_the_same_time(two, unlocked=True)
    assert [type(answer) for answer in answers] == [ShopTask, ShopTask]


def taken_by_two(two: list[Any], **how: Any) -> list[Any]:
    ticket, _second, agent, *shops = two
    task = make.make_shop_task(ticket, by=agent)
    return at_once(*[partial(take_task, task, by=shop) for shop in shops], **how)


@pytest.mark.race
def test_of_two_systems_one_gets_a_task(two: list[Any]) -> None:
    (no,) = [answer for answer in taken_by_two(two) if isinstance(answer, Exception)]
    assert isinstance(no, Refused)
    assert no.code == "task_taken"


@pytest.mark.race
def test_control_without_the_lock_on_the_ticket_only_the_audit_stops_the_second(two: list[Any]) -> None:
    answers = taken_by_two(two, unlocked=True, meet_after='FROM "tickets_shoptask"')
    (no,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "tickets_ticketevent_seq_once" in str(no)


@pytest.mark.race
def test_a_refund_that_two_requests_report_is_booked_once(two: list[Any]) -> None:
    ticket, _second, agent, shop, _other = two
    task = take_task(make.make_shop_task(ticket, by=agent), by=shop)
    answers = at_once(*[partial(do_task, task, by=shop)] * 2)
    assert [answer.state for answer in answers] == ["done", "done"]
    assert OrderRefund.objects.count() == 1
