"""Servers of a test's own, to be stopped, killed and hung as it likes."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.core.management import call_command
from django.db import connections

from contactcenter import embedded

DEFAULT = "default"


@contextmanager
def own_postgres() -> Iterator[embedded.Postgres]:
    """A private PostgreSQL with a migrated database, to which Django's connections point meanwhile."""
    here = embedded.place(embedded.var_dir() / f"postgres-{os.getpid()}", make=True)
    server = embedded.Postgres(here, durable=False)
    server.start()
    settings = connections.settings[DEFAULT]
    before = {name: settings[name] for name in ("HOST", "NAME")}
    connections.close_all()
    settings.update(HOST=str(here.sockets), NAME="desk")
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield server
    finally:
        connections.close_all()
        settings.update(before)
        server.stop()
        for made in {here.home, here.sockets}:
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def hung(server: embedded.Redis) -> Iterator[None]:
    """Meanwhile this Redis takes calls and answers none."""
    pid = process_id(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def process_id(server: embedded.Redis) -> int:
    """The number of the process that answers there."""
    with redis.Redis.from_url(server.url, socket_timeout=5) as client:
        return int(client.info("server")["process_id"])
