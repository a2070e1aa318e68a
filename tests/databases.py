"""One migrated template; every worker, and every test that stands alone, works on a clone of it."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql
from pytest_django import DjangoDbBlocker

from contactcenter import clock, demo, embedded
from tickets import calendars

REPOSITORY = Path(__file__).resolve().parents[1]
DEMO_KEEPS = timedelta(minutes=20)
_numbers = itertools.count(1)


@contextmanager
def fresh(*, demo: bool = False) -> Iterator[str]:
    """A clone of the template, or of that with the demo in it, to which all of Django's connections point.

    They do so in every thread; it is dropped after.
    """
    name = f"desk_test_{os.getpid()}_{next(_numbers)}"
    _copy(template_with_demo() if demo else template(), name)
    before = connections.settings["default"]["NAME"]
    point_at(name)
    try:
        yield name
    finally:
        point_at(before)
        _drop(name)


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[Callable[..., Any]]:
    """Lets a module build once, by what it is given, what each of its tests finds anew.

    All of them run inside one transaction, each in a savepoint that is rolled back. Only for modules none of
    whose tests stands alone.
    """
    block = transaction.atomic()

    def build(what: Callable[..., Any], *arguments: Any) -> Any:
        with blocker.unblock():
            return what(*arguments)

    with blocker.unblock():
        block.__enter__()
    try:
        yield build
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            block.__exit__(None, None, None)


def url_of(name: str) -> str:
    """The address of a database on the tests' server, for another process."""
    address, _, rest = os.environ["DATABASE_URL"].rpartition("/")
    _, mark, options = rest.partition("?")
    return f"{address}/{name}{mark}{options}"


def point_at(name: str) -> None:
    """Let every connection made from now on go to this database."""
    connections.close_all()
    connections.settings["default"]["NAME"] = name
    calendars.forget()


def template() -> str:
    """The name of the migrated template; built by whoever comes first after a migration has changed."""
    name = f"desk_template_{_hash_of_migrations()}"
    lock = embedded.var_dir() / "template.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if name not in _databases():
            _clear_away()
            _build(name)
    return name


def template_with_demo() -> str:
    """The name of a template with the demo as it stood not long ago; built once for all tests of a run."""
    empty = template()
    name = f"desk_template_demo_{_hash_of_code()}"
    with (embedded.var_dir() / "template.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not _is_recent(name):
            _build_demo(name, empty)
    return name


def _build_demo(name: str, empty: str) -> None:
    _tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    _copy(empty, name)
    before = connections.settings["default"]["NAME"]
    point_at(name)
    at = clock.now()
    try:
        demo.load(at)
    finally:
        point_at(before)
    _tell(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    told = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(at.isoformat()))
    _tell(told)


def _is_recent(name: str) -> bool:
    """Whether the template with the demo is there, whole, and its demo told within the last twenty minutes."""
    told = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(told, [name]).fetchone()
    return bool(row and row[0]) and clock.now() - datetime.fromisoformat(row[0]) < DEMO_KEEPS


def _build(name: str) -> None:
    half = f"{name}_half"
    _tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(half)))
    _tell(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half)))
    before = connections.settings["default"]["NAME"]
    point_at(half)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        point_at(before)
    _tell(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half), sql.Identifier(name)))
    _tell(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name)))


def _copy(source: str, name: str) -> None:
    _tell(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(source)
        )
    )


def _clear_away() -> None:
    """On a server of our own: drop templates of older migrations, and clones whose run was killed."""
    if os.environ["DATABASE_URL"] != embedded.Postgres(embedded.place()).url:
        return
    for name in _databases():
        killed = re.fullmatch(r"desk_test_(\d+)_\d+", name)
        if name.startswith("desk_template_") or (killed and not Path("/proc", killed[1]).exists()):
            _tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _hash_of_migrations() -> str:
    """Changes with any migration of ours and the functions they make, and with the locked versions of others'."""
    content = hashlib.sha256((REPOSITORY / "requirements.txt").read_bytes())
    for path in sorted([*REPOSITORY.glob("*/migrations/*.py"), *REPOSITORY.glob("*/sql/*.sql")]):
        content.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:16]


def _hash_of_code() -> str:
    """Changes with the migrations and with everything of ours by which a demo is told."""
    content = hashlib.sha256(_hash_of_migrations().encode())
    rooms = sorted(path.parent for path in REPOSITORY.glob("*/__init__.py") if path.parent.name != "tests")
    for path in itertools.chain.from_iterable(sorted(room.rglob("*.py")) for room in rooms):
        content.update(path.read_bytes())
    for path in sorted((REPOSITORY / "contactcenter").rglob("*.toml")):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def _drop(name: str) -> None:
    """Drop a clone; while the server itself is cleaning in it, nobody may send it away, so wait for it."""
    for patience in (0.1, 0.5, 2, 5, 10, None):
        try:
            _tell(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if patience is None:
                raise
            time.sleep(patience)


def _databases() -> list[str]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        return [name for (name,) in connection.execute("SELECT datname FROM pg_database")]


def _tell(statement: sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)
