"""Whose turn it is: the formula by tables, its twin in the database, and that nobody starves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent, Brand
from contactcenter import clock
from loyalty.models import Account, Benefit
from loyalty.services import set_tier
from tests import make
from tickets import score
from tickets.models import Clock, ClockFact, Ticket, TicketEvent
from tickets.services import follow_tiers, set_priority

NOON = make.instant("2026-05-04T12:00+02:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("priority", "rank", "goes_first", "minutes"),
    [
        (2, 0, False, 0),
        (1, 0, False, -60),
        (4, 0, False, 240),
        (2, 1, False, 15),
        (2, 9, False, 60),
        (3, 2, True, 150),
    ],
)
def test_priority_tier_and_benefit_give_minutes_ahead(
    priority: int, rank: int, goes_first: bool, minutes: int
) -> None:
    assert score.head_start(priority=priority, rank=rank, goes_first=goes_first) == minutes
    assert minutes <= score.LONGEST


@pytest.mark.parametrize(
    ("due", "since", "head", "turn", "decided_by_wait"),
    [
        (NOON + HOUR, NOON, 0, NOON + HOUR, False),
        (NOON + HOUR, NOON, 30, NOON + 30 * MINUTE, False),
        (NOON + HOUR, NOON, -60, NOON + 2 * HOUR, False),
        (NOON + 72 * HOUR, NOON, 60, NOON + 24 * HOUR, True),
        (NOON + 24 * HOUR, NOON, 0, NOON + 24 * HOUR, False),
        (NOON + 72 * HOUR, None, 0, NOON + 72 * HOUR, False),
    ],
)
def test_the_turn_is_the_due_instant_less_the_head_start_and_a_day_after_the_word_at_latest(
    due: datetime, since: datetime | None, head: int, turn: datetime, decided_by_wait: bool, ticket: Ticket
) -> None:
    assert score.turn_of(due, since, head) == turn
    assert score.is_at_latest(due, since, head) is decided_by_wait
    Ticket.objects.filter(pk=ticket.pk).update(due_at=due, due_since=since, head_start=head)
    assert Ticket.objects.get(pk=ticket.pk).turn_at == turn


minutes = st.integers(1, 60 * 24 * 30)
heads = st.builds(
    score.head_start, priority=st.integers(1, 4), rank=st.integers(0, 9), goes_first=st.booleans()
)


@given(target=minutes, head=heads, later_target=minutes, later_head=heads, wait=st.integers(0, 60 * 24 * 60))
def test_nobody_starves_what_comes_a_day_and_the_longest_head_start_later_passes_no_ticket(
    target: int, head: int, later_target: int, later_head: int, wait: int
) -> None:
    turn = score.turn_of(NOON + target * MINUTE, NOON, head)
    comes = NOON + score.AT_LATEST + (score.LONGEST + wait) * MINUTE
    assert turn <= score.turn_of(comes + later_target * MINUTE, comes, later_head)


def test_a_ticket_without_a_word_that_waits_has_no_turn(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(due_at=None, due_since=None)
    assert Ticket.objects.get(pk=ticket.pk).turn_at is None


def test_a_pressing_ticket_stands_before_one_that_is_due_sooner(brand: Brand, agent: Agent) -> None:
    queue = make.make_queue(brand=brand)
    first = make.make_ticket(queue=queue, at=NOON)
    later = make.make_ticket(queue=queue, at=NOON + HOUR)
    set_priority(later, Ticket.Priority.URGENT, by=agent, at=NOON + HOUR)
    assert list(Ticket.objects.unsolved().in_working_order()) == [later, first]


@pytest.fixture
def gold(member: Account, ticket: Ticket) -> Account:
    """The account of the ticket's customer, whose highest tier goes first and is answered in half the time."""
    account = ticket.customer.account
    top = account.programme.tiers.order_by("-rank").first()
    for kind, value in (("priority", None), ("reply_time", 50)):
        Benefit.objects.create(
            programme=account.programme, tier=top, code=kind, name=kind, kind=kind, value=value
        )
    return account


def rise(account: Account, by: Agent) -> int:
    """Put the member into the highest tier; its key."""
    top = account.programme.tiers.order_by("-rank").first()
    until = clock.now().date() + timedelta(days=90)
    set_tier(account, top, by=by, until=until, reason="goodwill", key=make.unique())
    return int(top.pk)


def test_a_ticket_follows_the_tier_of_its_customer_promise_place_and_all(
    ticket: Ticket, gold: Account, supervisor: Agent
) -> None:
    before = Ticket.objects.get(pk=ticket.pk)
    first = Clock.objects.get(ticket=ticket, kind="first")
    tier = rise(gold, supervisor)
    assert follow_tiers() == 1
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.promised_tier_id, after.turn_at < before.turn_at, after.due_at < before.due_at) == (
        tier,
        True,
        True,
    )
    assert Clock.objects.get(pk=first.pk).target == first.target / 2
    assert ClockFact.objects.filter(clock=first, kind="retargeted").count() == 1
    (event,) = TicketEvent.objects.filter(ticket=ticket, kind="tier")
    assert (event.actor, event.data["before"], event.data["after"]) == (
        "system",
        before.promised_tier_id,
        tier,
    )
    assert follow_tiers() == 0


def test_a_new_ticket_of_a_member_has_the_place_of_the_tier_from_the_start(
    ticket: Ticket, gold: Account, supervisor: Agent
) -> None:
    tier = rise(gold, supervisor)
    fresh = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    assert Ticket.objects.get(pk=fresh.pk).promised_tier_id == tier
    assert list(Ticket.objects.of_another_tier()) == [ticket]
