"""The clocks of tickets, as deeds move them and the sweep tells of them."""

from __future__ import annotations

from datetime import time, timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from agents.models import Agent, Brand, Notification
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tests.together import at_once
from tickets import sla
from tickets.calendars import hours_of
from tickets.models import Calendar, Clock, ClockFact, Queue, SlaPolicy, Ticket
from tickets.services import (
    move_to,
    note,
    publish,
    reopen,
    reply,
    resolve,
    set_priority,
    set_status,
)
from tickets.tasks import tell_of_late

MONDAY = make.instant("2026-05-04T16:00+02:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TUESDAY = make.instant("2026-05-05T09:00+02:00")


@pytest.fixture
def office(brand: Brand) -> Calendar:
    """Nine to five in Berlin, on weekdays."""
    return make.make_calendar(brand=brand)


@pytest.fixture
def policy(brand: Brand, office: Calendar) -> SlaPolicy:
    """Two hours for the first answer, four for the next, eight for the solution."""
    return make.make_sla(brand=brand, calendar=office, resolution_minutes=480)


@pytest.fixture
def ticket(policy: SlaPolicy, member: Customer, queue: Queue) -> Ticket:
    return make.make_ticket(customer=member, queue=queue, at=MONDAY)


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def clocks(ticket: Ticket) -> dict[str, Clock]:
    return {one.kind: one for one in Clock.objects.filter(ticket=ticket)}


def log(ticket: Ticket, kind: str) -> list[str]:
    return list(
        ClockFact.objects.filter(clock__ticket=ticket, clock__kind=kind).values_list("kind", flat=True)
    )


def expect_logs_true(ticket: Ticket) -> None:
    """What stands on each clock is what its log alone gives."""
    for one in clocks(ticket).values():
        facts = [
            sla.Fact(fact.kind, fact.at, fact.target, hours_of(fact.hours_id)) for fact in one.facts.all()
        ]
        assert sla.folded(facts) == sla.Reading(one.target, one.used, one.since, one.due_at), one


def test_first_answer_and_solution_count_opening_time_and_the_nearest_stands_on_the_ticket(
    ticket: Ticket,
) -> None:
    found, now = clocks(ticket), now_of(ticket)
    assert found["first"].due_at == TUESDAY + HOUR
    assert found["resolution"].due_at == TUESDAY + 7 * HOUR
    assert (now.due_at, now.due_kind, now.due_since) == (TUESDAY + HOUR, "first", MONDAY)


def test_an_answer_keeps_the_promise_and_while_the_customer_is_asked_the_solution_waits(
    ticket: Ticket, agent: Agent
) -> None:
    reply(ticket, "Which parcel?", by=agent, key="r", at=MONDAY + 30 * MINUTE)
    found = clocks(ticket)
    assert (found["first"].was_met, found["first"].due_at) == (True, None)
    assert (found["resolution"].used, found["resolution"].due_at) == (30 * MINUTE, None)
    assert (now_of(ticket).due_at, now_of(ticket).due_kind) == (None, "")
    make.hear(ticket, "The blue one.", at=TUESDAY)
    found = clocks(ticket)
    assert found["next"].due_at == TUESDAY + 4 * HOUR
    assert found["resolution"].due_at == TUESDAY + timedelta(hours=7, minutes=30)
    assert log(ticket, "resolution") == ["started", "paused", "resumed"]
    expect_logs_true(ticket)


@pytest.mark.parametrize("parked", ["pending", "on_hold"])
def test_parking_stops_no_clock_while_a_word_waits_and_only_the_solutions_after(
    ticket: Ticket, agent: Agent, parked: str
) -> None:
    set_status(ticket, parked, by=agent, at=MONDAY + MINUTE)
    assert all(one.due_at for one in clocks(ticket).values())
    reply(ticket, "We ask the courier.", by=agent, key="r", at=MONDAY + 2 * MINUTE)
    set_status(ticket, parked, by=agent, at=MONDAY + 3 * MINUTE)
    assert clocks(ticket)["resolution"].due_at is None
    set_status(ticket, "open", by=agent, at=TUESDAY)
    assert clocks(ticket)["resolution"].due_at == TUESDAY + timedelta(hours=7, minutes=58)
    expect_logs_true(ticket)


def test_a_note_answers_nobody(ticket: Ticket, agent: Agent) -> None:
    note(ticket, "Ask Jo.", by=agent, key="n", at=MONDAY + MINUTE)
    set_status(ticket, "on_hold", by=agent, at=MONDAY + MINUTE)
    assert now_of(ticket).due_kind == "first"


def test_what_was_said_on_the_phone_was_answered_there(
    policy: SlaPolicy, member: Customer, queue: Queue, agent: Agent
) -> None:
    by_hand = make.open_by_hand(member, queue=queue, by=agent, at=MONDAY)
    assert now_of(by_hand).due_kind == "first"
    set_status(by_hand, "on_hold", by=agent, at=MONDAY + 5 * MINUTE)
    assert now_of(by_hand).due_at is None
    make.hear(by_hand, "And by mail now.", at=MONDAY + 10 * MINUTE)
    set_status(by_hand, "on_hold", by=agent, at=MONDAY + 11 * MINUTE)
    assert now_of(by_hand).due_kind == "next"


def test_a_solution_keeps_its_promise_and_a_word_it_cut_off_waits_on_when_reopened(
    ticket: Ticket, agent: Agent
) -> None:
    resolve(ticket, by=agent, at=MONDAY + 30 * MINUTE)
    found = clocks(ticket)
    assert (found["first"].was_met, found["resolution"].was_met) == (False, True)
    assert now_of(ticket).due_at is None
    reopen(ticket, by=agent, at=TUESDAY)
    found = clocks(ticket)
    assert found["first"].due_at == TUESDAY + 90 * MINUTE
    assert found["resolution"].due_at == TUESDAY + timedelta(hours=7, minutes=30)
    expect_logs_true(ticket)


def test_a_customer_who_writes_after_the_end_waits_for_a_next_answer(ticket: Ticket, agent: Agent) -> None:
    reply(ticket, "Here it is.", by=agent, key="r", at=MONDAY + MINUTE, resolve=True)
    for turn in (1, 2):
        make.hear(ticket, "No.", at=TUESDAY + turn * HOUR)
        assert (clocks(ticket)["next"].turn, clocks(ticket)["next"].due_at) == (
            turn,
            TUESDAY + (turn + 4) * HOUR,
        )
        reply(ticket, "Now?", by=agent, key=f"r{turn}", at=TUESDAY + turn * HOUR + MINUTE)
    assert log(ticket, "next") == ["started", "met"] * 2
    expect_logs_true(ticket)


def test_the_first_policy_that_fits_is_the_one_that_holds(
    brand: Brand, member: Customer, queue: Queue, other_brand: Brand
) -> None:
    gold = make.make_member(brand=brand, points=1, qualifying=100_000)
    tier = gold.account.tier
    assert tier is not None
    elsewhere = make.make_queue(brand=brand)
    for position, (minutes, fields) in enumerate(
        [
            (1, {"channel": "chat"}),
            (2, {"priority": 4}),
            (3, {"queue": elsewhere}),
            (4, {"is_active": False}),
            (5, {"tier_from": tier}),
            (6, {}),
            (7, {}),
        ]
    ):
        make.make_sla(brand=brand, position=position, first_minutes=minutes, calendar=None, **fields)
    make.make_sla(brand=other_brand, position=0, first_minutes=9, calendar=None)
    for customer, where, minutes in [(member, queue, 6), (gold, queue, 5), (gold, elsewhere, 3)]:
        ticket = make.make_ticket(customer=customer, queue=where, at=MONDAY)
        assert now_of(ticket).due_at == MONDAY + minutes * MINUTE


def test_another_queue_or_priority_brings_its_promise_with_what_is_used_already(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    fast = make.make_queue(brand=brand)
    make.make_sla(brand=brand, position=0, queue=fast, first_minutes=90, calendar=None)
    make.make_sla(brand=brand, position=1, priority=4, first_minutes=45, calendar=None)
    move_to(ticket, fast, by=agent, at=MONDAY + 30 * MINUTE)
    assert now_of(ticket).due_at == MONDAY + 90 * MINUTE
    assert clocks(ticket)["resolution"].ended_at == MONDAY + 30 * MINUTE  # this policy promises none
    move_to(ticket, brand.queues.exclude(pk=fast.pk).get(), by=agent, at=MONDAY + 30 * MINUTE)
    set_priority(ticket, 4, by=agent, at=MONDAY + 40 * MINUTE)
    assert now_of(ticket).due_at == MONDAY + 45 * MINUTE
    kinds = ticket.events.filter(kind__in=["moved", "priority"]).values_list("kind", flat=True)
    assert list(kinds) == ["moved", "moved", "priority"]
    expect_logs_true(ticket)


def test_on_a_ticket_that_has_ended_nothing_is_promised_anew(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    quiet = make.make_queue(brand=brand)
    make.make_sla(brand=brand, position=0, queue=quiet, calendar=None)
    move_to(ticket, quiet, by=agent, at=MONDAY)  # where no solution is promised
    resolve(ticket, by=agent, at=MONDAY)
    move_to(ticket, brand.queues.exclude(pk=quiet.pk).get(), by=agent, at=MONDAY)
    assert now_of(ticket).due_at is None
    assert all(one.is_over for one in clocks(ticket).values())


def test_a_ticket_moves_within_its_brand_only(ticket: Ticket, agent: Agent, other_brand: Brand) -> None:
    with pytest.raises(Refused) as refusal:
        move_to(ticket, make.make_queue(brand=other_brand), by=agent)
    assert refusal.value.code == "other_brand"
    with pytest.raises(Refused) as refusal:
        set_priority(ticket, 5, by=agent)
    assert refusal.value.code == "no_such_priority"


def told(*agents: Agent) -> list[tuple[str, str, str]]:
    rows = Notification.objects.filter(agent__in=agents).order_by("pk")
    return list(rows.values_list("agent__name", "kind", "data__clock"))


def test_a_warning_and_a_breach_are_told_once_to_whoever_can_help(
    ticket: Ticket, agent: Agent, supervisor: Agent, brand: Brand
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    for at in (
        MONDAY + 29 * MINUTE,
        TUESDAY + 30 * MINUTE,
        TUESDAY + 31 * MINUTE,
        TUESDAY + HOUR,
        TUESDAY + 2 * HOUR,
    ):
        tell_of_late(at=at)
    assert told(agent, supervisor) == [
        (agent.name, "almost_late", "first"),
        (agent.name, "late", "first"),
        (supervisor.name, "late", "first"),
    ]
    assert log(ticket, "first") == ["started", "warned", "breached"]
    assert list(ticket.events.filter(kind="late").values_list("data__clock", flat=True)) == ["first"]
    expect_logs_true(ticket)


def test_a_ticket_nobody_has_warns_the_supervisors(ticket: Ticket, agent: Agent, supervisor: Agent) -> None:
    tell_of_late(at=TUESDAY + 30 * MINUTE)
    assert told(agent, supervisor) == [(supervisor.name, "almost_late", "first")]


def test_a_breach_that_the_sweep_did_not_see_is_logged_by_the_deed_that_ends_it(
    ticket: Ticket, agent: Agent
) -> None:
    reply(ticket, "Sorry.", by=agent, key="r", at=TUESDAY + 2 * HOUR)
    assert log(ticket, "first") == ["started", "breached", "met"]
    assert ticket.events.filter(kind="late").count() == 1
    tell_of_late(at=TUESDAY + 3 * HOUR)
    assert log(ticket, "first") == ["started", "breached", "met"]


def test_a_broken_promise_makes_urgent_hands_back_and_moves_on_as_its_policy_says(
    brand: Brand, member: Customer, queue: Queue, agent: Agent
) -> None:
    rescue = make.make_queue(brand=brand)
    make.make_sla(
        brand=brand, queue=queue, calendar=None, raise_priority=True, hand_back=True, escalate_to=rescue
    )
    make.make_sla(brand=brand, position=9, queue=rescue, first_minutes=600, calendar=None)
    ticket = make.make_ticket(customer=member, queue=queue, at=MONDAY)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    for _ in range(2):
        tell_of_late(at=MONDAY + 3 * HOUR)
    now = now_of(ticket)
    assert (now.priority, now.assignee, now.queue) == (3, None, rescue)
    assert now.due_at == MONDAY + 10 * HOUR
    assert list(ticket.events.exclude(kind="opened").values_list("kind", "by")) == [
        ("late", None), ("priority", None), ("moved", None), ("assigned", None)
    ]  # fmt: skip
    expect_logs_true(ticket)


def test_what_moves_on_to_a_queue_that_promises_more_is_told_of_again_when_that_is_broken_too(
    brand: Brand, member: Customer, queue: Queue, supervisor: Agent
) -> None:
    rescue = make.make_queue(brand=brand)
    make.make_sla(brand=brand, queue=queue, calendar=None, escalate_to=rescue)
    make.make_sla(
        brand=brand, position=9, queue=rescue, first_minutes=600, resolution_minutes=1200, calendar=None
    )
    ticket = make.make_ticket(customer=member, queue=queue, at=MONDAY)
    tell_of_late(at=MONDAY + 2 * HOUR)
    assert clocks(ticket)["resolution"].due_at == MONDAY + 22 * HOUR
    for at in (MONDAY + 9 * HOUR, MONDAY + 10 * HOUR, MONDAY + 11 * HOUR):
        tell_of_late(at=at)
    assert told(supervisor) == [(supervisor.name, kind, "first") for kind in ("late", "almost_late", "late")]
    assert log(ticket, "first") == ["started", "breached", "retargeted", "warned", "breached"]
    expect_logs_true(ticket)


@pytest.mark.race
def test_control_without_the_tickets_lock_two_sweeps_would_tell_twice(
    queue: Queue, supervisor: Agent
) -> None:
    make.make_ticket(queue=queue, at=MONDAY)
    answers = at_once(*[partial(tell_of_late, at=MONDAY + 9 * HOUR) for _ in range(2)], unlocked=True)
    assert any(
        isinstance(answer, IntegrityError) for answer in answers
    )  # only the numbering of the log stops it


@pytest.mark.race
def test_sweeps_at_once_tell_once_and_wait_for_nobody(queue: Queue, supervisor: Agent) -> None:
    tickets = [make.make_ticket(queue=queue, at=MONDAY) for _ in range(60)]
    at_once(*[partial(tell_of_late, at=MONDAY + 9 * HOUR) for _ in range(4)])
    tell_of_late(at=MONDAY + 9 * HOUR)  # what others held
    assert ClockFact.objects.filter(kind="breached").count() == len(tickets)
    assert Notification.objects.filter(agent=supervisor, kind="late").count() == len(tickets)


def test_a_calendar_that_is_never_open_is_refused_and_what_was_in_force_stays(brand: Brand) -> None:
    calendar = make.make_calendar(brand=brand)
    before = calendar.hours
    calendar.openings.all().delete()
    with pytest.raises(Refused) as refusal:
        publish(calendar)
    assert refusal.value.code == "never_open"
    assert Calendar.objects.get().hours == before


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "ZZZ")])
def test_holidays_nobody_knows_are_refused(brand: Brand, country: str, subdivision: str) -> None:
    with pytest.raises(Refused) as refusal:
        make.make_calendar(brand=brand, country=country, subdivision=subdivision)
    assert refusal.value.code == "no_such_country"


def test_holidays_of_the_country_are_closed_and_days_of_its_own_win(
    brand: Brand, member: Customer, queue: Queue
) -> None:
    calendar = make.make_calendar(brand=brand, country="DE", subdivision="BE")
    make.make_sla(brand=brand, calendar=calendar)
    labour_day_eve = make.instant("2026-04-30T16:00+02:00")  # a Thursday
    ticket = make.make_ticket(customer=member, queue=queue, at=labour_day_eve)
    assert now_of(ticket).due_at == MONDAY - 6 * HOUR
    calendar.special_days.create(day="2026-05-01", opens=time(10), closes=time(12))
    publish(calendar)
    ticket = make.make_ticket(customer=member, queue=queue, at=labour_day_eve)
    assert now_of(ticket).due_at == make.instant("2026-05-01T11:00+02:00")


def test_publishing_again_changes_nothing_and_running_clocks_keep_their_hours(
    ticket: Ticket, office: Calendar
) -> None:
    first = office.hours
    assert publish(office) == first
    office.openings.filter(weekday=1).update(opens=time(12))
    assert publish(office) != first
    assert clocks(ticket)["first"].hours == first
    assert now_of(make.make_ticket(queue=ticket.queue, at=MONDAY)).due_at == TUESDAY + 4 * HOUR
