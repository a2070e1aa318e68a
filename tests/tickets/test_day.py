"""A day of a centre: customers write, agents come, answer and go, and four workers hand out, take back and tell."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connections

from agents.models import Agent, Notification, Skill
from agents.presence.models import Presence
from agents.presence.services import beat, lose_some, set_state
from contactcenter.errors import Refused
from contactcenter.live import without_nudges
from tests import make
from tickets.models import (
    Capacity,
    Channel,
    Clock,
    Queue,
    RoutingDecision,
    RoutingPolicy,
    Ticket,
    TicketEvent,
)
from tickets.services import (
    assign,
    hear,
    open_ticket,
    prove_tickets,
    reply,
    return_left,
    route,
    set_status,
    snooze,
    tell_late,
    wake_some,
)  # fmt: skip
from tickets.services.crew import Crew

pytestmark = pytest.mark.race

MORNING = datetime(2026, 11, 30, 7, tzinfo=UTC)
TICK = timedelta(minutes=10)
WORKERS = 4
AT_LEAST, AT_MOST = 8, 60  # ticks
SECONDS = 600 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 15
LETTERS = 5  # a worker's customers write in a tick
ROUNDS = 60  # in which everything has to be answered, once nobody writes any more


@dataclass
class Shared:
    """What the workers keep step by."""

    gate: Any
    goes_on: Any
    wrong: Any


@pytest.fixture
def centre(own_db: str) -> list[Queue]:
    """Two queues of one brand that hand out, and eight agents of whom some speak German and know customs."""
    brand = make.make_brand()
    make.make_programme(brand=brand)
    team = make.make_team(brand=brand)
    customs = Skill.objects.create(code="customs", name="Customs")
    german = Skill.objects.create(code="german", name="German", language="de")
    care = make.make_queue(brand=brand, team=team, reply_minutes=60)
    parcels = make.make_queue(brand=brand, reply_minutes=30)
    make.make_routing(queue=care, by_language=True, mail=4, floor_minutes=90)
    make.make_routing(queue=parcels, skills=[customs], mail=3, return_minutes=5)
    make.make_agent(brands=[brand], role="supervisor")
    for number in range(8):
        agent = make.make_agent(brands=[brand])
        agent.skills.set([skill for skill, every in ((customs, 2), (german, 3)) if number % every == 0])
        if number % 4:
            agent.teams.add(team)
    make.make_capacity(agent=agent, brand=brand, tickets=1)
    return [care, parcels]


def test_through_a_day_no_ticket_is_stuck_nobody_is_over_full_and_no_late_one_is_passed_over(
    centre: list[Queue],
) -> None:
    people = list(Agent.objects.filter(groups__name="agent").order_by("pk"))
    shared = _work(centre, people)
    assert not list(shared.wrong), list(shared.wrong)[:5]
    tickets = list(Ticket.objects.all())
    assert len(tickets) >= WORKERS * LETTERS * AT_LEAST
    _expect_sound_assignments()
    _expect_lateness_told()
    _expect_an_end(people)
    assert RoutingDecision.objects.exclude(agent=None).count() > len(tickets) // 2
    prove_tickets()


def _work(queues: list[Queue], people: list[Agent]) -> Shared:
    connections.close_all()  # no child may inherit the line to the database
    here = multiprocessing.get_context("fork")
    manager = here.Manager()
    shared = Shared(here.Barrier(WORKERS), here.Value("b", 1), manager.list())
    began = time.monotonic()
    workers = [
        here.Process(target=_a_day, args=(number, queues, people[number::WORKERS], shared, began))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    shared.wrong = list(shared.wrong)
    return shared


def _a_day(number: int, queues: list[Queue], people: list[Agent], shared: Shared, began: float) -> None:
    try:
        with without_nudges():
            desk = Desk(number, queues, people)
            for tick in range(AT_MOST):
                at = MORNING + tick * TICK
                desk.live(tick, at)
                shared.gate.wait(300)
                before = _loads() if number == 0 else {}
                shared.gate.wait(300)
                route(at=at)  # all four, and nobody does anything else
                shared.gate.wait(300)
                if number == 0:
                    route(at=at)  # what two reached for at once, and neither got
                    shared.wrong.extend(_pushed_over(before) + _stuck(at))
                    shared.goes_on.value = tick < AT_LEAST or time.monotonic() - began < SECONDS
                shared.gate.wait(300)
                if not shared.goes_on.value:
                    return
    except BaseException as error:
        shared.wrong.append(f"worker {number}: {error!r}")
        shared.gate.abort()
    finally:
        connections.close_all()


class Desk:
    """One worker: its customers write, its agents work, and between all that it sweeps as beat does."""

    def __init__(self, number: int, queues: list[Queue], people: list[Agent]) -> None:
        self.number, self.queues, self.people = number, queues, people
        self.chance = random.Random(number)
        self.customers = [
            make.make_member(
                brand=queues[0].brand, name=f"C{number}-{n}", mail=f"c{number}-{n}@mail.example",
                language=self.chance.choice(["en", "en", "de-AT", "pl"]),
            )
            for n in range(12)
        ]  # fmt: skip
        self.said = 0

    def live(self, tick: int, at: datetime) -> None:
        for agent in self.people:
            self._shift(agent, tick, at)
        for _ in range(LETTERS):
            self._write(at)
            self._answer_back(at)
        for agent in self.people:
            self._work_off(agent, at)
            route(at=at)
        for sweep in (lose_some, return_left, wake_some, tell_late):
            sweep(at=at)

    def _shift(self, agent: Agent, tick: int, at: datetime) -> None:
        """Half of them come at once, the others half an hour later; now and then one pauses, goes, is cut off."""
        chance = self.chance.random()
        presence = Presence.objects.filter(agent=agent).first()
        if tick < (agent.pk % 2) * 3 or chance < 0.05:
            return  # and is silent: who was here is lost
        if presence is None or presence.kind != "available":
            if chance < 0.7:
                set_state(agent, "available", by=agent, at=at)
        elif chance < 0.15:
            set_state(agent, self.chance.choice(["busy", "away", "offline"]), by=agent, at=at)
        beat(agent, at=at)

    def _write(self, at: datetime) -> None:
        customer = self.chance.choice(self.customers)
        key = self._key()
        channel = self.chance.choice([Channel.MAIL, Channel.MAIL, Channel.CHAT])
        queue = self.chance.choice(self.queues)
        ticket = open_ticket(customer, queue=queue, subject="?", channel=channel, key=key, at=at)
        hear(ticket, "Where is it?", channel=channel, sender="", key=f"{key}:1", at=at)

    def _answer_back(self, at: datetime) -> None:
        theirs = Ticket.objects.filter(customer__in=self.customers, status__in=["pending", "resolved"])
        ticket = theirs.order_by("?").first()
        if ticket and self.chance.random() < 0.4:
            with suppress(Refused):
                hear(ticket, "Still not.", channel=ticket.channel, sender="", key=self._key(), at=at)

    def _work_off(self, agent: Agent, at: datetime) -> None:
        if not Presence.objects.filter(agent=agent, kind__in=["available", "busy"]).exists():
            return
        for ticket in Ticket.objects.to_return().filter(assignee=agent)[:2]:
            with suppress(Refused):
                self._deal(ticket, agent, at)

    def _deal(self, ticket: Ticket, agent: Agent, at: datetime) -> None:
        chance = self.chance.random()
        if chance < 0.6:
            solved = self.chance.random() < 0.6
            reply(ticket, "Soon.", by=agent, key=self._key(), seen=ticket.message_seq, resolve=solved, at=at)
        elif chance < 0.7:
            assign(ticket, None, by=agent, at=at)
        elif chance < 0.75:
            set_status(ticket, "on_hold", by=agent, at=at)
        elif chance < 0.8:
            snooze(ticket, at + 3 * TICK, by=agent, at=at)

    def _key(self) -> str:
        self.said += 1
        return f"day:{self.number}:{self.said}"


def _loads() -> dict[int, Fraction]:
    """How much of each agent is taken, counted ticket by ticket and not by routing's own sum."""
    policies = {policy.queue_id: policy for policy in RoutingPolicy.objects.all()}
    limits = {(row.agent_id, row.channel): row.tickets for row in Capacity.objects.all()}
    loads: dict[int, Fraction] = defaultdict(Fraction)
    held = Ticket.objects.filter(status__in=["new", "open"], snoozed_until=None).exclude(assignee=None)
    for ticket in held:
        usual = policies[ticket.queue_id].limit(ticket.channel)
        loads[ticket.assignee_id] += Fraction(1, limits.get((ticket.assignee_id, ticket.channel), usual))  # type: ignore[index]
    return loads


def _pushed_over(before: dict[int, Fraction]) -> list[str]:
    """Agents who have more than fits, and were given some of it."""
    return [
        f"agent {agent}: {load}, {before.get(agent, 0)} before"
        for agent, load in _loads().items()
        if load > 1 and load > before.get(agent, 0)
    ]


def _stuck(at: datetime) -> list[str]:
    """Tickets that wait for us, that nobody has, and of which routing does not know why."""
    waiting = Ticket.objects.to_route()
    known = {
        row.ticket_id: row.agent_id
        for row in RoutingDecision.objects.filter(ticket__in=waiting).order_by("id")
    }
    return [f"ticket {ticket.pk} at {at}" for ticket in waiting if known.get(ticket.pk, 0) is not None]


def _expect_sound_assignments() -> None:
    """Every hand-over takes the ticket from whom it was given to; routing only gives what nobody has."""
    holder: dict[int, int | None] = {}
    lines = TicketEvent.objects.filter(kind="assigned").order_by("ticket", "seq")
    for line in lines:
        assert line.data["before"] == holder.get(line.ticket_id), line.data
        if line.data.get("routed") not in (None, ["offline"]):
            assert line.data["before"] is None
        holder[line.ticket_id] = line.data["after"]
    decided = Counter(RoutingDecision.objects.exclude(agent=None).values_list("ticket", flat=True))
    given = Counter(line.ticket_id for line in lines if line.data.get("routed") and line.data["after"])
    assert decided == given


def _expect_lateness_told() -> None:
    """After the last sweep nothing that is late is untold, and whoever had it, or the supervisor, knows."""
    end = MORNING + AT_MOST * TICK
    while tell_late(at=end):
        pass
    assert not Clock.objects.filter(due_at__lte=end, breached_at=None).exists()
    late = Clock.objects.exclude(breached_at=None)
    told = set(Notification.objects.filter(kind="late").values_list("subject", flat=True))
    brand = RoutingPolicy.objects.select_related("brand").first()
    assert brand is not None
    for one in late.filter(ended_at=None).select_related("ticket"):
        assert f"{brand.brand.code}-{one.ticket.number}" in told


def _expect_an_end(people: list[Agent]) -> None:
    """Nobody writes any more, everybody is here and answers: in some rounds every ticket that waits is dealt with."""
    at = MORNING + AT_MOST * TICK
    with without_nudges():
        for turn in range(ROUNDS):
            at += TICK
            wake_some(at=at)
            for agent in people:
                if not Presence.objects.filter(agent=agent, kind="available").exists():
                    set_state(agent, "available", by=agent, at=at)
                for ticket in Ticket.objects.to_return().filter(assignee=agent):
                    reply(ticket, "Done.", by=agent, key=f"end:{turn}:{ticket.pk}", resolve=True, at=at)
            route(at=at)
            if not Ticket.objects.filter(status__in=["new", "open"]).exists():
                return
    raise AssertionError(f"{Ticket.objects.to_route().count()} still wait")


def test_the_sum_of_a_days_loads_is_routings_own(centre: list[Queue]) -> None:
    """The count by which the day is judged, and the one by which tickets are given, agree."""
    agent = Agent.objects.filter(groups__name="agent").first()
    assert agent is not None
    for queue in centre:
        ticket = make.make_ticket(customer=make.make_customer(brand=queue.brand), queue=queue)
        assign(ticket, agent, by=agent)
    assert _loads() == dict(Crew(RoutingPolicy.objects.all()).loads([agent.pk]))
