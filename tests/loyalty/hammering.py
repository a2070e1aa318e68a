"""Several processes at work on the same few accounts, each with random deeds of its own."""

from __future__ import annotations

import multiprocessing
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, connections

from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import Account, Entry, Hold
from tests import make
from tests.together import CLAIM, LOCK, unlock_ledger

START = make.instant("2025-03-01T12:00+01:00")
AT_LEAST = 60  # deeds of each process, however busy the machine is
DAYS_A_SECOND = 100  # lots of a month expire before they are spent, however fast the machine is


@dataclass
class Told:
    """What one process did: the entries it was given by their keys, refusals by code, and what must never happen."""

    given: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def hammer(accounts: list[int], *, processes: int, seconds: float, unlocked: bool = False) -> list[Told]:
    """Let `processes` work on `accounts` (ids) for `seconds`; `unlocked` takes every lock out, for a control."""
    if unlocked:
        unlock_ledger(pause=0.002)
    connections.close_all()  # no child may inherit the line to the database
    began = time.monotonic()
    here = multiprocessing.get_context("fork")
    ears = []
    for number in range(processes):
        ear, mouth = here.Pipe(duplex=False)
        work = here.Process(target=_work, args=(number, accounts, began, seconds, unlocked, mouth))
        work.start()
        ears.append((work, ear))
    told = [ear.recv() for _work_of, ear in ears]
    for work, _ear in ears:
        work.join()
    return told


def _work(number: int, accounts: list[int], began: float, seconds: float, unlocked: bool, mouth: Any) -> None:
    worker = Worker(random.Random(number), accounts, f"p{number}")
    try:
        with ExitStack() as stack:
            if unlocked:
                stack.enter_context(connection.execute_wrapper(_without_locks))
            while (passed := time.monotonic() - began) < seconds or worker.count < AT_LEAST:
                with clock.standing_at(START + timedelta(days=passed * DAYS_A_SECOND)):
                    worker.one_deed()
    finally:
        mouth.send(worker.told)
        connections.close_all()


def _without_locks(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    return execute(CLAIM.sub("%s::text", LOCK.sub("", str(sql))), params, many, context)


class Worker:
    """Does one random deed after the other and writes down what came of it."""

    def __init__(self, chance: random.Random, accounts: list[int], name: str) -> None:
        self.chance, self.accounts, self.name = chance, accounts, name
        self.told, self.count = Told(), 0
        self.deeds = [
            self.earn, self.earn, self.redeem, self.redeem, self.expire, self.undo, self.transfer, self.hold,
            self.end_hold,
        ]  # fmt: skip

    def one_deed(self) -> None:
        self.count += 1
        deed, key = self.chance.choice(self.deeds), f"{self.name}:{self.count}"
        account = Account.objects.get(pk=self.chance.choice(self.accounts))
        try:
            for given in deed(account, key):
                if given is not None:
                    self.told.given[given.key] = given.pk
        except Refused as refusal:
            self.told.refused[refusal.code] = self.told.refused.get(refusal.code, 0) + 1
        except Exception as error:
            self.told.errors.append(f"{deed.__name__}: {type(error).__name__}: {error}")

    def some(self) -> int:
        return self.chance.randint(1, 30)

    def earn(self, account: Account, key: str) -> list[Entry]:
        """Small lots, sometimes asked for twice."""
        points, count = self.some(), self.chance.choice([1, 1, 1, 2])
        return [
            services.earn(account, points, contra="issue.order", by=None, key=key, months=1)
            for _ in range(count)
        ]

    def redeem(self, account: Account, key: str) -> list[Entry]:
        points, count = self.some(), self.chance.choice([1, 1, 1, 2])
        return [services.redeem(account, points, by=None, key=key) for _ in range(count)]

    def expire(self, account: Account, key: str) -> list[Entry | None]:
        services.release_next()
        services.expire_some()
        return [services.expire(account)]

    def undo(self, account: Account, key: str) -> list[Entry | None]:
        kind = self.chance.choice(["earn", "redeem"])
        newest = list(account.entries.filter(kind=kind).order_by("-seq")[:20])
        if not newest:
            return []
        return [services.reverse(account, self.chance.choice(newest), self.some(), by=None, key=key)]

    def transfer(self, account: Account, key: str) -> list[Entry]:
        to = Account(pk=self.chance.choice([pk for pk in self.accounts if pk != account.pk]))
        return [services.transfer(account, to, self.some(), by=None, key=key)]

    def hold(self, account: Account, key: str) -> list[Any]:
        until = clock.now() + timedelta(days=self.some())
        services.hold(account, self.some(), by=None, key=key, until=until)
        return []

    def end_hold(self, account: Account, key: str) -> list[Entry]:
        held = Hold.objects.filter(account=account, state="open").order_by("?").first()
        if held is None:
            return []
        if self.chance.random() < 0.5:
            services.release(held, by=None)
            return []
        return [services.capture(held, by=None, key=key)]
