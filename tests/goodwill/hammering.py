"""Several people and workers at once, each on a connection of their own, on few tickets, customers, agents and budgets:
every deed that takes locks of the house, in any order."""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection

import callbacks.services
import customers.services
import loyalty.services
import tickets.services
from agents.models import Agent
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Merge
from goodwill import services
from goodwill.models import IncidentGrant, Offer, Request
from loyalty.models import Account
from tests import make
from tests.goodwill.small_house import NOW, House
from tickets.models import Ticket

LATER = timedelta(hours=49)  # by then what waits has lapsed and what was promised is late
DEADLOCK = "40P01"


@dataclass
class Told:
    """What one of them did: how often each deed went through, refusals by code, deadlocks, and what must never be."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    deadlocks: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def hammer(
    house: House,
    *,
    threads: int,
    seconds: float,
    at_most: float = 0,
    until: Set[str] = frozenset(),
    until_deadlock: bool = False,
) -> list[Told]:
    """Let `threads` work on the house for `seconds`, and up to `at_most` while not all deeds of `until` went through;
    with `until_deadlock` no longer than until the first one."""
    told, began = [Told() for _ in range(threads)], time.monotonic()

    def goes_on() -> bool:
        spent = time.monotonic() - began
        if until_deadlock and any(one.deadlocks for one in told):
            return False
        return spent < seconds or (
            spent < at_most and not until <= {name for one in told for name in list(one.done)}
        )

    def run(number: int) -> None:
        worker = Worker(random.Random(number), house, f"t{number}", told[number])
        try:
            with clock.standing_at(NOW):
                while goes_on():
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
        often = [self.grant, self.ask, self.approve, self.macro, self.redeem, self.gift]
        seldom = [
            self.offer, self.choose, self.default, self.withdraw_offer, self.ask_for_all, self.agree_for_all,
            self.give_out, self.give_out, self.stop_for_all, self.urgent, self.pass_on, self.decline, self.withdraw,
            self.undo, self.reverse, self.reply, self.hear, self.join, self.part, self.marry, self.divorce,
            self.divorce, self.earn, self.expire, self.lapse, self.pay_pledge, self.promise, self.keep, self.hand_out,
            self.tell_late, self.follow_tiers,
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

    def gift(self) -> Any:
        """A voucher or a benefit."""
        what = self.chance.choice([self.house.reward, self.house.benefit])
        return services.ask_gift(self.ticket(), what, by=self.agent, reason=self.house.reason, key=self.key)

    def urgent(self) -> Any:
        """More than anybody may alone, with the customer on the line."""
        return services.ask(
            self.ticket(), 200, by=self.agent, reason=self.house.reason, key=self.key, is_urgent=True
        )

    def pass_on(self) -> Any:
        return services.pass_on_due(at=NOW + timedelta(minutes=3)) or None

    def offer(self) -> Any:
        """Sometimes more than the agent may give alone: it waits then for somebody who agrees."""
        options = [
            services.Option(self.chance.choice([40, 160])), services.Option(gift=self.house.reward), services.Option()
        ]  # fmt: skip
        return services.offer(
            self.ticket(), options, by=self.agent, reason=self.house.reason, key=self.key, text="Choose."
        )

    def one_offer(self) -> Offer | None:
        rows = Offer.objects.filter(state="open").select_related("request__ticket__brand")
        return rows.order_by("?").first()

    def choose(self) -> Any:
        if (sent := self.one_offer()) is None:
            return None
        return services.choose(sent, self.chance.choice(list(sent.remedies.values_list("pk", flat=True))))

    def default(self) -> Any:
        return services.default_due(at=NOW + timedelta(days=8)) or None

    def withdraw_offer(self) -> Any:
        return (sent := self.one_offer()) and services.withdraw_offer(sent, by=self.boss)

    def ask_for_all(self) -> Any:
        """For all whom the incident hit."""
        return services.incidents.ask(
            self.house.incident, 30, by=self.agent, reason=self.house.reason, key=self.key
        )

    def for_all(self, *states: str) -> IncidentGrant | None:
        rows = IncidentGrant.objects.filter(state__in=states).select_related("ticket__brand")
        return rows.order_by("?").first()

    def agree_for_all(self) -> Any:
        return (asked := self.for_all("asked")) and services.incidents.approve(asked, by=self.boss)

    def stop_for_all(self) -> Any:
        running = self.for_all("running") if self.chance.random() < 0.2 else None
        return running and services.incidents.stop(running, by=self.boss)

    def give_out(self) -> Any:
        return services.give_out() or None

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
