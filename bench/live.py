"""One event to all who listen: the stream of the house beside a bare asyncio server, in turns.

Of each event counts the time from before its row is written until the last client has it. For the floor the row is
written as well, and the server told by a pipe. The clients are one small process, the same for both.
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore

from agents import roles
from agents.models import Agent, Brand
from bench.figures import Figure
from contactcenter.live import announce, without_nudges
from contactcenter.processes import TABLE

CLIENTS = (100, 500)
ROUNDS, EVENTS = 5, 16  # of each server in a round
START_SECONDS = 30
PAUSE = 0.05  # seconds between two events
GOAL_MS, GOAL_TIMES, GOAL_KB = 100.0, 3.0, 120.0


def run() -> list[Figure]:
    """The 95th percentile of the last client at 100 and at 500, as a time and beside the floor, and kB for each."""
    brand = Brand.objects.create(code="LIVE", name="Live", currency="EUR")
    cookies = _signed_in(brand, max(CLIENTS))
    figures: list[Figure] = []
    for count in CLIENTS:
        with _stream() as (port, pid), _beside("server") as floor:
            floor_port, before = int(floor.line()), _kilobytes(pid)
            with _clients(port, count, cookies) as ours, _clients(floor_port, count, ["none"]) as theirs:
                each = (_kilobytes(pid) - before) / count
                tell = partial(announce, f"brand:{brand.pk}", "ticket")
                rounds = [
                    (_taken(ours, tell), _taken(theirs, partial(_written, floor))) for _ in range(ROUNDS)
                ]
        figures += _figures(count, rounds, each)
    return figures


def _figures(count: int, rounds: list[tuple[list[float], list[float]]], each: float) -> list[Figure]:
    ratios = [_p95(ours) / _p95(theirs) for ours, theirs in rounds]
    ours, theirs = (_p95([one for taken in rounds for one in taken[side]]) for side in (0, 1))
    middle = statistics.median(one for taken in rounds for one in taken[0])
    spread, detail = (min(ratios), max(ratios)), f"median {middle:.1f} ms, {ROUNDS * EVENTS} events"
    return [
        Figure(
            f"live at {count}, over bare", "ms", ours, theirs, ours / theirs, GOAL_TIMES, 2.0, spread, detail
        ),
        Figure(f"live at {count}, p95", "ms", ours, GOAL_MS, ours / GOAL_MS, 1.0, 0.5, (ours / GOAL_MS,) * 2),
        Figure(
            f"live at {count}, each", "kB", each, GOAL_KB, each / GOAL_KB, 1.0, 0.5, (each / GOAL_KB,) * 2
        ),
    ]


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def _written(floor: Process, number: int) -> None:
    """The floor's way: the same row, of a topic that nobody hears, then a word to the server."""
    with without_nudges():
        announce("brand:0", "ticket", number)
    floor.tell(number)


def _taken(clients: Process, tell: Callable[[int], None]) -> list[float]:
    return [_took(clients, tell) for _ in range(EVENTS)]


def _took(clients: Process, tell: Callable[[int], None]) -> float:
    """Milliseconds until the last client has an event that `tell` is told to send."""
    time.sleep(PAUSE)
    number = random.randrange(1, 10**9)  # noqa: S311  no secret
    began = time.monotonic()
    tell(number)
    said, at = clients.line().split()
    if int(said) != number:
        raise RuntimeError(f"{said} came in place of {number}")
    return (float(at) - began) * 1000


class Process:
    """A child that is written to and read from by lines."""

    def __init__(self, *command: str, environment: dict[str, str] | None = None) -> None:
        self._child = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.pid = self._child.pid

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_error: object) -> None:
        self._child.kill()
        self._child.communicate()

    def tell(self, number: int) -> None:
        """Write a number."""
        stream = cast("IO[str]", self._child.stdin)
        stream.write(f"{number}\n")
        stream.flush()

    def line(self) -> str:
        """The next line it says."""
        if not (line := cast("IO[str]", self._child.stdout).readline()):
            raise RuntimeError("the clients have lost their streams")
        return line.strip()


@contextmanager
def _stream() -> Iterator[tuple[int, int]]:
    """The process `stream` of the table; its port, and its number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = next(each for each in TABLE if each.name == "stream")
    command = process.arguments(python=sys.executable, host="127.0.0.1", port=port, var=settings.VAR_DIR)
    env = {**os.environ, "DATABASE_URL": settings.DATABASE_URL, "REDIS_URL": settings.REDIS_URL}
    with Process(*command, environment=env) as stream:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(f"http://127.0.0.1:{port}{process.answers}"):
            if time.monotonic() > deadline:
                raise RuntimeError("the stream did not start")
            time.sleep(0.05)
        yield port, stream.pid


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  our own
        return bool(answer.status == 200)
    return False


def _beside(*words: str) -> Process:
    return Process(sys.executable, "-m", "bench.fan_out", *words)


@contextmanager
def _clients(port: int, count: int, cookies: list[str]) -> Iterator[Process]:
    """So many streams of one process, all of them greeted."""
    with _beside("client", str(port), str(count), ",".join(cookies[:count])) as clients:
        while (said := clients.line()) != "ready":
            if (
                len(said.split()) != 2
            ):  # no event of the rounds before, which who comes just then may hear as well
                raise RuntimeError(f"the clients said {said}")
        yield clients


def _kilobytes(pid: int) -> float:
    """What a process holds in memory of its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(
        float(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))
    )


def _signed_in(brand: Brand, count: int) -> list[str]:
    """So many agents of the brand, each with a session."""
    agents = Agent.objects.bulk_create(
        Agent(email=f"live{number}@bench-live.example", name=f"Live {number}") for number in range(count)
    )
    Agent.brands.through.objects.bulk_create(Agent.brands.through(agent=one, brand=brand) for one in agents)
    group = Group.objects.get(name=roles.AGENT)
    Agent.groups.through.objects.bulk_create(Agent.groups.through(agent=one, group=group) for one in agents)
    return [_session_of(agent) for agent in agents]


def _session_of(agent: Agent) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return str(session.session_key)
