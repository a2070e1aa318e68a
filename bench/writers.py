"""Several connections that write to the ledger at once: through the services, one process each."""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from loyalty import services
from loyalty.models import Account

Deed = Callable[[int, str], object]  # of an account (id), under a key
Make = Callable[[Sequence[int]], Deed]  # told all accounts before the time begins
PATIENCE = 120  # seconds that the slowest process may take beyond its time


@dataclass(frozen=True)
class Speed:
    """What all processes together came to: deeds done, deeds a second, and the median of one in milliseconds."""

    count: int
    per_second: float
    median: float


def write(make: Make, accounts: Sequence[int], *, processes: int, seconds: float) -> Speed:
    """Let so many processes do deeds on random ones of `accounts` for so long; each makes its own deed first."""
    connections.close_all()  # a connection is not to be shared with a child
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()
    gate = context.Barrier(processes)
    children = [
        context.Process(target=_work, args=(make, list(accounts), number, seconds, gate, answers))
        for number in range(processes)
    ]
    for child in children:
        child.start()
    told = [answers.get(timeout=seconds + PATIENCE) for _ in children]
    for child in children:
        child.join()
    taken = [one for times, _seconds in told for one in times]
    passed = max(seconds for _times, seconds in told)
    return Speed(len(taken), len(taken) / passed, statistics.median(taken) * 1000)


def _work(make: Make, accounts: list[int], number: int, seconds: float, gate: Any, answers: Any) -> None:
    chance = random.Random(number)  # noqa: S311 - a spread, no secret
    deed, name = make(accounts), f"w{time.time_ns()}:{number}"
    deed(accounts[number % len(accounts)], f"{name}:first")  # connects, prepares
    gate.wait()
    times: list[float] = []
    began = time.perf_counter()
    while (start := time.perf_counter()) - began < seconds:
        deed(chance.choice(accounts), f"{name}:{len(times)}")
        times.append(time.perf_counter() - start)
    answers.put((times, time.perf_counter() - began))


def grants(accounts: Sequence[int]) -> Deed:
    """The service's gift of 10 points, to an account that its caller has read."""
    read = Account.objects.in_bulk(accounts)
    return lambda account, key: services.earn(read[account], 10, contra="issue.bench", by=None, key=key)


def redemptions(accounts: Sequence[int]) -> Deed:
    """The service's spend of 1 point, by an account that its caller has read."""
    read = Account.objects.in_bulk(accounts)
    return lambda account, key: services.redeem(read[account], 1, by=None, key=key)
