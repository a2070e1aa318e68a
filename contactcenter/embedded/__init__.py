"""A private PostgreSQL and Redis under `var/`, for the demo and the tests: nothing to install by hand.

`urls()` says where they are, `up()` starts what the environment does not name and does not run yet, `down()`
and `status()` do what they say. All callers of one `VAR_DIR` share one pair of servers.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from environs import Env

from contactcenter import secret
from contactcenter.embedded.places import REPOSITORY, EmbeddedError, Place, locked, place, start_over, var_dir
from contactcenter.embedded.postgres import Postgres
from contactcenter.embedded.redis import Redis

__all__ = [
    "REPOSITORY",
    "EmbeddedError",
    "Place",
    "Postgres",
    "Redis",
    "Urls",
    "down",
    "heal",
    "place",
    "status",
    "up",
    "urls",
    "var_dir",
    "wipe",
]

_started_here: list[Postgres | Redis] = []


class Urls(NamedTuple):
    """Where the database and Redis are: named by the environment, else our own."""

    database: str
    redis: str


def urls() -> Urls:
    """The two addresses; starts nothing, writes nothing, and answers also when nothing runs."""
    here = place()
    return Urls(
        secret.given("DATABASE_URL") or Postgres(here).url,
        secret.given("REDIS_URL") or Redis(here).url,
    )


def unnamed() -> list[str]:
    """The variables that would name a server and do not: for each of them a private one serves."""
    return [variable for variable in ("DATABASE_URL", "REDIS_URL") if not secret.given(variable)]


def up(*, durable: bool = True) -> Urls:
    """Start what the environment does not name and does not run; export and return both addresses.

    `durable=False` trades safety against a power cut for speed (tests). Raises EmbeddedError with a
    sentence for people when a server cannot be had, and with HTTPS=true where one is not named: nobody would
    back up a private one.
    """
    missing = unnamed()
    if missing and Env().bool("HTTPS", False):
        raise EmbeddedError(
            f"HTTPS=true is a production desk, and a server is not named: give {' and '.join(missing)}"
            " (or the same with _FILE)."
        )
    if not all(_named(variable, server) for variable, server in _servers(place()).items()):
        with locked():
            for variable, server in _servers(place(make=True), durable=durable).items():
                if not _named(variable, server):
                    if server.start():
                        _started_here.insert(0, server)
                    os.environ[variable] = server.url
    return urls()


def heal() -> list[str]:
    """Start again, where it was, each of our servers that has died; returns their names.

    One that hangs has not died and is left alone. Raises EmbeddedError when a server cannot be had any more.
    """
    healed = []
    with locked():
        for variable, server in _servers(place()).items():
            if not _named(variable, server) and server.has_died() and server.start():
                _started_here.insert(0, server)
                healed.append(server.name)
    return healed


def down(*, only_started_here: bool = False) -> list[str]:
    """Stop our servers, or only those this very process started; returns the names of what was stopped."""
    with locked():
        ours = _servers(place())
        for variable, server in ours.items():
            if os.environ.get(variable) == server.url:
                del os.environ[variable]
        servers = list(_started_here) if only_started_here else list(ours.values())
        _started_here.clear()
        return [server.name for server in servers if server.stop()]


def status() -> dict[str, str]:
    """For each server its address, "not running", or which variable of the environment names another."""
    answer = {}
    for variable, server in _servers(place()).items():
        state = server.url if server.running() else "not running"
        answer[server.name] = f"named by {variable}" if _named(variable, server) else state
    return answer


def wipe() -> None:
    """Stop our servers and delete their data. Servers named by the environment are never touched."""
    down()
    with locked():
        start_over(place())


def _servers(here: Place, *, durable: bool = True) -> dict[str, Postgres | Redis]:
    """Each server under the variable that would name another in its stead."""
    return {"DATABASE_URL": Postgres(here, durable=durable), "REDIS_URL": Redis(here)}


def _named(variable: str, server: Postgres | Redis) -> bool:
    """Whether the environment names a server that is not ours."""
    return secret.given(variable) not in ("", server.url)
