"""The whole house in a test: the processes of the table, with servers and files of their own."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contactcenter import embedded
from contactcenter.processes import DEMO, run_in
from contactcenter.supervisor import Address, Child
from tests.ports import free_port

READY_SECONDS = 60
_numbers = itertools.count(1)


@dataclass(frozen=True)
class House:
    """A running house. `env` is what a command needs to speak to it, `mail_dir` where its letters land, `redis` its
    own server.
    """

    url: str
    env: dict[str, str]
    mail_dir: Path
    children: dict[str, Child]
    redis: embedded.Redis

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.children[name].kill()

    def restart(self, name: str) -> None:
        """Start a process (again), ending the one that runs; returns when it is ready."""
        self.kill(name)
        self.children[name].start()
        self.wait_until_ready(name)

    def wait_until_ready(self, *names: str) -> None:
        """Return when these processes have given their sign; fails with what they said."""
        deadline = time.monotonic() + READY_SECONDS
        for name in names:
            while not self.children[name].ready():
                code = self.children[name].exit_code()
                assert code is None, f"{name} ended with {code} before it was ready"
                assert time.monotonic() < deadline, f"{name} was not ready after {READY_SECONDS} seconds"
                time.sleep(0.05)


@contextmanager
def open_house(database_url: str) -> Iterator[House]:
    """Start everything on this database, and stop and clear away all of it in the end."""
    var = embedded.var_dir() / f"house-{os.getpid()}-{next(_numbers)}"
    here = embedded.place(var, make=True)
    (var / "static").mkdir()
    redis = embedded.Redis(here)
    redis.start()
    env = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis.url, "VAR_DIR": str(var)}
    address = Address("127.0.0.1", free_port())
    children = {process.name: Child(process, address, env, _hear) for process in run_in(DEMO)}
    opened = House(address.url, env, var / "mail", children, redis)
    try:
        for child in children.values():
            child.start()
        opened.wait_until_ready(*children)
        yield opened
    finally:
        for child in reversed(children.values()):
            child.ask_to_stop()
        for child in children.values():
            child.wait_or_kill()
        redis.stop()
        for made in {here.home, here.sockets, var}:
            shutil.rmtree(made, ignore_errors=True)


def _hear(name: str, line: str) -> None:
    """What pytest shows when the test fails."""
    sys.stdout.write(f"{name}: {line}\n")
