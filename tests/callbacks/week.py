"""A week of promises on a clock of its own: customers in twelve zones, agents who come and go, workers that are killed.

The house's jobs run in two threads at once (a doubled beat); each statement of theirs may be the last before the worker
is killed, and now and then the database cuts every connection. Agents and customers do what a seeded dice says.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from agents import roles
from agents.models import Agent, Brand
from agents.presence.services import set_state
from callbacks.models import Callback
from callbacks.services import (
    accept,
    cancel,
    claim_due,
    decline,
    dial,
    done,
    look_at_next,
    move,
    not_reached,
    offer_some,
    promise,
    take_back_some,
)
from contactcenter.errors import Refused
from contactcenter.live import without_nudges
from customers.models import Customer
from tests import make

ZONES = [
    "Europe/Berlin", "Europe/London", "Atlantic/Azores", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
    "Africa/Cairo", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia",
]  # fmt: skip
OUTCOMES = ["done", "no_answer", "busy", "voicemail", "wrong_number", "moved", ""]
WEIGHTS = [52, 18, 9, 8, 3, 6, 4]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class KilledError(BaseException):
    """A worker ends in the middle of what it does, and catches nothing any more."""


@dataclass
class Week:
    """`count` promises from `start` to `end`, a tick every `step`; `unlike` says what is broken in a control."""

    count: int
    start: datetime
    end: datetime
    step: timedelta
    seed: int = 1
    killed_of: int = 500  # statements of a worker, one of which is its last
    restart: Callable[[], None] | None = (
        None  # the database goes and comes back; default: it cuts all connections
    )
    kills: int = 0
    handed: list[int] = field(default_factory=list)
    calls: list[tuple[int, int, datetime, str]] = field(default_factory=list)  # call, agent, when, zone

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.key = 0

    # The people

    def people(self) -> None:
        """A brand with two supervisors, agents in shifts around the clock, and customers everywhere with promises."""
        self.brand = make.make_brand()
        self.supervisors = [make.make_agent(brands=[self.brand], role=roles.SUPERVISOR) for _ in range(2)]
        self.agents = [make.make_agent(brands=[self.brand]) for _ in range(max(6, self.count // 120))]
        self.here: set[int] = set()
        for number in range(self.count):
            zone = ZONES[number % len(ZONES)]
            customer = make.make_customer(
                brand=self.brand, time_zone=zone, phone=f"+4930{10_000_000 + number}"
            )
            ticket = make.make_ticket(customer=customer, at=self.start) if number % 10 == 0 else None
            self._promise(customer, ticket)

    def _promise(self, customer: Customer, ticket: Any) -> None:
        number = customer.contact_points.get(kind="phone")
        while True:
            try:
                promise(
                    customer, self._window(), by=self.dice.choice(self.agents), reason="?",
                    key=self._key(), ticket=ticket, contact_point=number, at=self.start,
                )  # fmt: skip
            except Refused:
                continue
            return

    def _window(self, *, after: datetime | None = None) -> tuple[datetime, datetime]:
        """A window of an hour or two somewhere in what is left of the week; the house refuses those at night."""
        begins = after or self.start
        quarters = max(1, (self.end - begins) // (15 * MINUTE) - 8)
        start = begins + self.dice.randrange(quarters) * 15 * MINUTE
        return start, start + self.dice.choice([HOUR, 2 * HOUR])

    def _key(self) -> str:
        self.key += 1
        return f"week:{self.key}"

    # The clock

    def run(self, *, without_redis: tuple[int, ...] = (), cut: tuple[int, ...] = ()) -> None:
        """Tick by tick: the house, then who works there, then customers. At the ticks `without_redis` nobody tells the
        workers to work; at those of `cut` every connection ends while they do."""
        with without_nudges():
            at, tick = self.start, 0
            while at < self.end:
                if tick not in without_redis:
                    self.house(at, cut=tick in cut)
                self._shifts(at)
                self._agents_work(at)
                self._customers_think(at)
                at, tick = at + self.step, tick + 1
            self.settle(self.end)

    def settle(self, at: datetime) -> None:
        """The jobs once more, by a worker that lives."""
        self._jobs(at)

    def house(self, at: datetime, *, cut: bool = False) -> None:
        """What beat sets off at `at`, twice at once; who is killed leaves it to the next tick."""
        threads = [Thread(target=self._worker, args=(at, self.dice.random())) for _ in range(2)]
        if cut:
            threads.append(Thread(target=self.restart or cut_all))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if cut:
            connection.close()

    def _worker(self, at: datetime, seed: float) -> None:
        dice = random.Random(seed)

        def killing(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            fate = dice.randrange(2 * self.killed_of)
            if fate == 0:
                raise KilledError  # before the statement
            result = execute(sql, params, many, context)
            if fate == 1:
                raise KilledError  # after it
            return result

        try:
            with without_nudges(), connection.execute_wrapper(killing):
                self._jobs(at)
        except KilledError:
            self.kills += 1
        except Exception:
            self.kills += 1
        finally:
            connection.close()

    def _jobs(self, at: datetime) -> None:
        while handed := claim_due(at=at):
            self.handed += [one.pk for one in handed]
        while look_at_next(at=at):
            pass
        take_back_some(at=at)
        offer_some(at=at)

    # Who works there

    def _shifts(self, at: datetime) -> None:
        """Three shifts, and now and then somebody who goes in between, whatever was offered to them."""
        for number, agent in enumerate(self.agents):
            on = (at.hour + 8 * number) % 24 < 10 and self.dice.random() > 0.02
            if on != (agent.pk in self.here):
                set_state(agent, "available" if on else "offline", by=agent, at=at)
                (self.here.add if on else self.here.discard)(agent.pk)

    def _agents_work(self, at: datetime) -> None:
        there = {agent.pk: agent for agent in self.agents if agent.pk in self.here}
        for callback in self._calls(state="offered", offered_to__in=there):
            fate = self.dice.random()
            if fate < 0.85:
                self._try(accept, callback, by=callback.offered_to, at=at)
            elif fate < 0.93:
                self._try(decline, callback, by=callback.offered_to, at=at)
        for callback in self._calls(state="accepted", owner__in=there, window_to__gt=at):
            if self.dice.random() < 0.9:
                self._call(callback, at)
        for callback in self._calls(state="in_call", owner__in=there):
            self._say(callback, at)

    def _calls(self, **which: Any) -> list[Callback]:
        return list(
            Callback.objects.filter(**which).select_related("owner", "offered_to", "customer").order_by("pk")
        )

    def _call(self, callback: Callback, at: datetime) -> None:
        with suppress(Refused):  # who is in a call already
            dial(callback, by=callback.owner, key=self._key(), at=at)
            self.calls.append((callback.pk, callback.owner_id or 0, at, callback.customer.time_zone))

    def _say(self, callback: Callback, at: datetime) -> None:
        outcome = self.dice.choices(OUTCOMES, WEIGHTS)[0]
        owner, key = callback.owner, self._key()
        if outcome == "done":
            self._try(done, callback, by=owner, key=key, at=at)
        elif outcome == "moved":
            window = self._window(after=at)
            self._try(move, callback, window, by=owner, key=key, at=at)
        elif outcome:
            self._try(not_reached, callback, outcome, by=owner, key=key, at=at)

    def _customers_think(self, at: datetime) -> None:
        """By their link some move it and some cancel."""
        waiting = Callback.objects.filter(state__in=Callback.WAITING).order_by("pk")
        for pk in waiting.values_list("pk", flat=True):
            fate = self.dice.random()
            if fate < 0.0006:
                callback = Callback.objects.select_related("customer").get(pk=pk)
                self._try(move, callback, self._window(after=at), by=None, key="", at=at)
            elif fate < 0.0009:
                self._try(cancel, Callback.objects.get(pk=pk), by=None, at=at)

    def _try(self, deed: Callable[..., Any], *arguments: Any, **more: Any) -> None:
        with suppress(Refused):
            deed(*arguments, **more)


def cut_all() -> None:
    """The database ends every other connection, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


# What must hold, told from the rows and from what the agents did


def at_night(week: Week) -> list[tuple[int, str]]:
    """Calls that were begun between 21:00 and 8:00 of the customer's own clock."""
    return [
        (call, local.isoformat())
        for call, _agent, at, zone in week.calls
        if not 8 <= (local := at.astimezone(ZoneInfo(zone))).hour < 21
    ]


def handed_out_twice() -> list[int]:
    """Promises that came due more often than they had windows."""
    twice = []
    for callback in Callback.objects.prefetch_related("events"):
        is_open = False
        for event in sorted(callback.events.all(), key=lambda one: one.pk):
            if event.kind == "due":
                twice += [callback.pk] * is_open
                is_open = True
            elif event.kind in ("retry", "moved"):
                is_open = False
    return twice


def begun_twice(week: Week) -> list[tuple[int, datetime]]:
    """Agents who called two at one time, and calls that two made at one time."""
    agents = [(agent, at) for _call, agent, at, _zone in week.calls]
    calls = [(call, at) for call, _agent, at, _zone in week.calls]
    return [one for seen in (agents, calls) for one in set(seen) if seen.count(one) > 1]


def lost(at: datetime) -> list[int]:
    """Promises that are open and that no sweep will look at, or has not looked at in time."""
    rows = Callback.objects.open()
    forgotten = rows.filter(look_at=None) | rows.filter(look_at__lte=at)
    return list(forgotten.values_list("pk", flat=True))


def wrongly_kept_quiet(brand: Brand, supervisors: list[Agent]) -> list[tuple[int, int]]:
    """Missed promises of which a supervisor was not told once, and told ones that were not missed."""
    from agents.models import Notification

    missed = set(Callback.objects.filter(brand=brand, state="missed").values_list("pk", flat=True))
    wrong = []
    for supervisor in supervisors:
        rows = Notification.objects.filter(agent=supervisor, kind="callback_missed")
        told = [row.data["callback"] for row in rows]
        wrong += [(call, supervisor.pk) for call in missed if told.count(call) != 1]
        wrong += [(call, supervisor.pk) for call in set(told) - missed]
    return wrong


def missed_without_a_word(at: datetime) -> list[int]:
    """Promises whose window went by without a try, and that do not say so."""
    over = Callback.objects.filter(window_to__lte=at, called_at=None).exclude(
        state__in=["missed", "cancelled"]
    )
    return list(over.values_list("pk", flat=True))


def not_made_up_for(at: datetime) -> list[int]:
    """Missed promises that nothing follows, though fewer than three were missed before."""
    rows = Callback.objects.filter(state="missed", followed_by=None).select_related(
        "follows__follows__follows"
    )
    return [
        row.pk for row in rows if not (row.follows and row.follows.follows and row.follows.follows.follows)
    ]
