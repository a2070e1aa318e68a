"""The pages as the production server hands them out, beside a bare "hello" of the same server in the same run.

`application` is what that server runs here: Django, and before it one path that answers without Django.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.figures import Figure
from contactcenter.processes import PRODUCTION, run_in
from contactcenter.supervisor import Address, Child

HELLO, CONNECTIONS = "/hello/", (1, 4, 16)
SECONDS = 2.0  # of each page at each number of connections, 18 s in all
READY_SECONDS = 60
# The hello costs a tenth of a millisecond, a page some forty of two processes: more than a few thousandths cannot be.
GOAL, REACH = 0.001, 0.002


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI application that is measured."""
    if environ["PATH_INFO"] == HELLO:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"hello"]
    from contactcenter.wsgi import application as desk

    return desk(environ, start_response)


def figures(session: str, pages: dict[str, str]) -> list[Figure]:
    """For each page and number of connections: answers a second, and the ratio of them to those of the hello."""
    with _server() as address:
        for path in (HELLO, *pages.values()):  # both workers have loaded and compiled what they need
            _ask(address, path, session, connections=4, seconds=1.0)
        found = []
        for connections in CONNECTIONS:
            bare = _ask(address, HELLO, session, connections=connections, seconds=SECONDS)
            for name, path in pages.items():
                asked = _ask(address, path, session, connections=connections, seconds=SECONDS)
                found.append(_figure(f"{name}, {connections} open", asked, bare))
    return found


@dataclass(frozen=True)
class Speed:
    """Answers a second, and the milliseconds that each took."""

    a_second: float
    times: list[float]

    @property
    def told(self) -> str:
        late = sorted(self.times)[int(len(self.times) * 0.95)]
        return f"median {statistics.median(self.times):.1f} ms, 95th percentile {late:.1f} ms"


def _figure(name: str, asked: Speed, bare: Speed) -> Figure:
    ratio = asked.a_second / bare.a_second
    return Figure(
        name, "/s", asked.a_second, bare.a_second, ratio, goal=GOAL, reach=REACH, spread=(ratio, ratio),
        detail=f"page: {asked.told}; hello: {bare.told}", at_least=True,
    )  # fmt: skip


@contextmanager
def _server() -> Iterator[Address]:
    """The production process `web` with its own command, running `application`."""
    (web,) = [process for process in run_in(PRODUCTION) if process.name == "web"]
    command = web.command.replace("contactcenter.wsgi:application", "bench.served:application")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = Address("127.0.0.1", int(probe.getsockname()[1]))
    measured = type(web)(**{**vars(web), "command": command, "port": address.port})
    child = Child(measured, address, dict(os.environ), lambda _name, _line: None)
    child.start()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not child.ready():
            if child.exit_code() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server to be measured did not start")
            time.sleep(0.1)
        yield address
    finally:
        child.ask_to_stop()
        child.wait_or_kill()


def _ask(address: Address, path: str, session: str, *, connections: int, seconds: float) -> Speed:
    """Ask for one page over so many connections that stay open, each as soon as it is answered."""
    times: list[list[float]] = [[] for _ in range(connections)]
    failed: list[str] = []
    end = time.perf_counter() + seconds

    def one(own: list[float]) -> None:
        line = http.client.HTTPConnection(address.host, address.port, timeout=30)
        while (begun := time.perf_counter()) < end and not failed:
            line.request("GET", path, headers={"Cookie": f"sessionid={session}"})
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                failed.append(f"{path} answered {answer.status}")
            own.append((time.perf_counter() - begun) * 1000)
        line.close()

    begun = time.perf_counter()
    threads = [threading.Thread(target=one, args=(own,)) for own in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    every = [each for own in times for each in own]
    return Speed(len(every) / (time.perf_counter() - begun), every)
