"""Several people and workers at once, each on a connection of their own, on few tickets, customers, agents and budgets:
every deed that takes locks of the house, in any order."""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection

import callbacks.services
import customers.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Merge
from goodwill import services
from goodwill.models import Budget, Policy, Reason, Request
from loyalty.models import Account, Reward
from tests import make
from tickets.models import Macro, Ticket

NOW = make.instant("2026-06-10T12:00+02:00")
LATER = timedelta(hours=49)  # by then what waits has lapsed and what was promised is late
DEADLOCK = "40P01"
PER_DAY, BUDGET = 900, 3000


@dataclass
class House:
    """What all of them work on."""

    brand: Brand
    agents: list[Agent]
    bosses: list[Agent]
    people: list[Customer]
    tickets: list[Ticket]
    budget: Budget
    pledged: Budget
    reason: Reason
    reward: Reward
    macros: list[Macro]


@dataclass
class Told:
    """What one of them did: how often each deed went through, refusals by code, deadlocks, and what must never be."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    deadlocks: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def small_house() -> House:
    """Four members in six tickets, three agents with a day's limit, two supervisors, and little to give."""
    brand = make.make_brand()
    agents = [make.make_agent(brands=[brand]) for _ in range(3)]
    bosses = [make.make_agent(brands=[brand], role=roles.SUPERVISOR) for _ in range(2)]
    team, since = make.make_team(brand=brand, agents=agents), NOW - timedelta(days=100)
    Policy.objects.create(brand=brand, team=team, starts_at=since, per_grant=150, per_day=PER_DAY)
    Policy.objects.filter(role="supervisor").update(
        customer_90=None, grants_customer_90=None, per_grant=10_000
    )
    when = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=30)}
    people = [make.make_member(brand=brand, phone=f"+4930123456{n:02}") for n in range(4)]
    for person in people:
        make.give(person.account, 2000, at=NOW)
        make.give(person.account, 50, at=NOW, months=1)
    found = [make.make_ticket(customer=people[n % 4], at=NOW - timedelta(hours=2)) for n in range(6)]
    pledged = make.make_budget(brand=brand, points=800, pays_pledges=True, **when)
    for kind in ("first", "next"):
        make.make_pledge(brand=brand, budget=pledged, starts_at=since, kind=kind, per_customer=50, points=50)
    reason = make.make_reason(brand=brand, min_points=1)
    give = {"do": "grant_points", "reason": reason.pk, "points": 60}
    macros = [
        make.make_macro(brand=brand, actions=actions)
        for actions in (
            [give, {"do": "tag", "name": "late"}, {"do": "resolve"}],
            [{"do": "promise_call", "hours": 30, "about": "Where it is"}, give],
        )
    ]
    return House(
        brand, agents, bosses, people, found, make.make_budget(brand=brand, points=BUDGET, **when), pledged, reason,
        make.make_reward(brand=brand, points=40), macros,
    )  # fmt: skip


def hammer(house: House, *, threads: int, seconds: float, until_deadlock: bool = False) -> list[Told]:
    """Let `threads` work on the house for `seconds`; with `until_deadlock` no longer than until the first one."""
    told, ends = [Told() for _ in range(threads)], time.monotonic() + seconds

    def run(number: int) -> None:
        worker = Worker(random.Random(number), house, f"t{number}", told[number])
        try:
            with clock.standing_at(NOW):
                while time.monotonic() < ends and not (until_deadlock and any(one.deadlocks for one in told)):
                    worker.one_deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    return told


class Worker:
    """Does one random deed after the other and writes down what came of it."""

    def __init__(self, chance: random.Random, house: House, name: str, told: Told) -> None:
        self.chance, self.house, self.name, self.told, self.count = chance, house, name, told, 0
        often = [self.grant, self.ask, self.approve, self.macro, self.redeem]
        seldom = [
            self.decline, self.withdraw, self.undo, self.reverse, self.reply, self.hear, self.join, self.part,
            self.marry, self.divorce, self.divorce, self.earn, self.expire, self.lapse, self.pay_pledge,
            self.promise, self.keep, self.hand_out, self.tell_late, self.follow_tiers,
        ]  # fmt: skip
        self.deeds: list[Callable[[], Any]] = [*often, *often, *often, *seldom]
        self.first = chance.sample(seldom, len(seldom))  # each of them once, then as chance will have it

    def one_deed(self) -> None:
        self.count += 1
        deed = self.first.pop() if self.first and self.count % 2 else self.chance.choice(self.deeds)
        name = deed.__name__
        try:
            if deed() is not None:
                self.told.done[name] += 1
        except Refused as refusal:
            self.told.refused[refusal.code] += 1
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
                self.told.deadlocks[name] += 1
            else:
                self.told.errors.append(f"{name}: {error}")
        except Exception:
            self.told.errors.append(f"{name}: {traceback.format_exc(limit=-3)}")

    @property
    def key(self) -> str:
        return f"{self.name}:{self.count}"

    @property
    def agent(self) -> Agent:
        return self.chance.choice(self.house.agents)

    @property
    def boss(self) -> Agent:
        return self.chance.choice(self.house.bosses)

    def ticket(self) -> Ticket:
        pk = self.chance.choice(self.house.tickets).pk
        return Ticket.objects.select_related("brand", "queue", "customer__brand").get(pk=pk)

    def account(self) -> Account:
        people = [one.pk for one in self.house.people]
        found = Account.objects.filter(customer__in=people, status="active").order_by("?")
        return found.select_related("programme", "customer").first()

    def request(self, *states: str) -> Request | None:
        return Request.objects.filter(state__in=states).order_by("?").first()

    def grant(self) -> Any:
        """Sometimes asked for twice."""
        ticket, by, points, key = self.ticket(), self.agent, self.chance.randint(1, 150), self.key
        for _ in range(self.chance.choice([1, 1, 1, 2])):
            given = services.grant(ticket, points, by=by, reason=self.house.reason, key=key)
        return given

    def ask(self) -> Any:
        points = self.chance.randint(100, 300)
        return services.ask(self.ticket(), points, by=self.agent, reason=self.house.reason, key=self.key)

    def approve(self) -> Any:
        return (asked := self.request("waiting")) and services.approve(asked, by=self.boss)

    def decline(self) -> Any:
        return (asked := self.request("waiting")) and services.decline(asked, by=self.boss)

    def withdraw(self) -> Any:
        asked = self.request("waiting")
        return services.withdraw(asked, by=asked.by) if asked and asked.by else None

    def undo(self) -> Any:
        given = self.request("posted")
        return services.undo(given, by=given.by) if given and given.by else None

    def reverse(self) -> Any:
        given = self.request("posted")
        return given and services.reverse(given, by=self.boss, reason="mistake")

    def macro(self) -> Any:
        """It answers, gives, and tags and ends the ticket or promises a call."""
        macro = self.chance.choice(self.house.macros)
        return tickets.services.send_macro(self.ticket(), macro, "Sorry.", by=self.agent, key=self.key)

    def reply(self) -> Any:
        return tickets.services.reply(self.ticket(), "Here it is.", by=self.agent, key=self.key)

    def hear(self) -> Any:
        return make.hear(self.ticket(), key=self.key, message_id=f"{self.key}@mail.example")

    def join(self) -> Any:
        one, other = self.chance.sample(self.house.tickets, 2)
        return tickets.services.merge(one, other, by=self.agent)

    def part(self) -> Any:
        merged = Ticket.objects.exclude(merged_into=None).order_by("?").first()
        return merged and tickets.services.unmerge(merged, by=self.agent)

    def marry(self) -> Any:
        """Two customers become one."""
        kept, merged = (Customer.objects.get(pk=one.pk) for one in self.chance.sample(self.house.people, 2))
        return customers.services.merge(kept, merged, by=self.boss, reason="twice", key=self.key)

    def divorce(self) -> Any:
        """They become two again, with what came since as chance will have it."""
        made = Merge.objects.filter(undone_at=None).order_by("-pk").first()
        if made is None:
            return None
        choices: dict[str, str] = {}
        for last in (False, False, False, True):  # something new comes in all the time
            try:
                return customers.services.unmerge(made, by=self.boss, key=self.key, choices=choices)
            except Refused as refusal:
                if last or refusal.code != "to_be_decided":
                    raise
                choices |= {item: self.chance.choice(["kept", "back"]) for item in refusal.details["items"]}
        return None

    def redeem(self) -> Any:
        return loyalty.services.redeem_reward(
            self.account(), self.house.reward, by=self.agent, key=self.key, conversation=""
        )

    def earn(self) -> Any:
        """A small lot that ends soon."""
        points = self.chance.randint(1, 30)
        return loyalty.services.earn(
            self.account(), points, contra="issue.order", by=None, key=self.key, months=1
        )

    def expire(self) -> Any:
        return loyalty.services.expire_some(at=NOW + timedelta(days=40)) or None

    def lapse(self) -> Any:
        return services.lapse_due(at=NOW + LATER) or None

    def pay_pledge(self) -> Any:
        return services.keep_next_pledge(at=NOW + LATER) or None

    def tell_late(self) -> Any:
        return tickets.services.tell_late(at=NOW + LATER) or None

    def follow_tiers(self) -> Any:
        return tickets.services.follow_tiers() or None

    def promise(self) -> Any:
        ticket, begin = self.ticket(), NOW + timedelta(hours=24)
        phone = ticket.customer.contact_points.filter(kind="phone").first()
        return callbacks.services.promise(
            ticket.customer, (begin, begin + timedelta(hours=1)), by=self.agent, reason="Where it is", key=self.key,
            ticket=ticket, contact_point=phone,
        )  # fmt: skip

    def keep(self) -> Any:
        called = Callback.objects.filter(ended_at=None).order_by("?").first()
        return called and callbacks.services.done(called, by=self.agent, key=self.key)

    def hand_out(self) -> Any:
        return callbacks.services.claim_due(at=NOW + LATER) or None
