"""What the stream asks the database, each in a thread: what is new, what somebody missed, who somebody is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error, close_old_connections, connection
from django.http import HttpRequest

from agents.models import Agent, Brand

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 1000
MISSED_AT_MOST = 500  # whoever missed more reads everything anew
RECENT_SECONDS = 10  # a page may be so old when its stream begins


class Cursor(NamedTuple):
    """A place in the order of events: a transaction and a line of it. `412.7` on the wire."""

    tx: int
    id: int

    def __str__(self) -> str:
        return f"{self.tx}.{self.id}"


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as it was read: where it stands, for whom it is, and its words on the wire."""

    at: Cursor
    topic: str
    words: bytes


@dataclass(frozen=True)
class Listener:
    """Who listens, and which topics they may hear of."""

    agent: int
    topics: frozenset[str]


def cursor_of(text: str) -> Cursor | None:
    """The place that a browser names in Last-Event-ID; None for anything else."""
    tx, _, line = text.partition(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (tx, line)):
        return None
    return Cursor(int(tx), int(line))


def words_of(kind: str, ref: int, at: Cursor | None = None) -> bytes:
    """One event of the stream. Without a place it is of the moment, and never said again."""
    data = json.dumps({"kind": kind, "ref": ref}, separators=(",", ":"))
    return (f"id: {at}\n" if at else "").encode() + f"data: {data}\n\n".encode()


def in_own_connection(deed: Callable[P, T]) -> Callable[P, T]:
    """For a thread that lives on: its connection is looked over before and after, as a request's would be."""

    @wraps(deed)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        close_old_connections()
        try:
            return deed(*args, **kwargs)
        finally:
            close_old_connections()

    return done


# A transaction that goes on may still write lines that stand before those of one that has ended: they wait for it.
SEEN = """SELECT tx::text, id, topic, kind, ref FROM contactcenter_event
WHERE tx < pg_snapshot_xmin(pg_current_snapshot()) AND {} ORDER BY tx, id LIMIT %s"""
NEWS = SEEN.format("(tx, id) > (%s::xid8, %s)")
MISSED = SEEN.format("(tx, id) > (%s::xid8, %s) AND topic = ANY(%s)")
RECENT = SEEN.format(
    "id > (SELECT max(id) - %s FROM contactcenter_event) AND topic = ANY(%s)"
    " AND at > statement_timestamp() - make_interval(secs => %s)"
)
# Lines after it may have been forgotten, or it is from another database: a copy of this one that was further on.
STALE = """SELECT %(tx)s::xid8 > pg_snapshot_xmax(pg_current_snapshot()) OR (%(tx)s::xid8, %(id)s) <
(SELECT tx, id FROM contactcenter_event ORDER BY tx, id LIMIT 1)"""


@in_own_connection
def where_now() -> Cursor:
    """The place before everything that is not complete yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return Cursor(int(cursor.fetchone()[0]), 0)


def news(after: Cursor) -> list[Heard]:
    """What came after a place, in order, a thousand lines at most. Nothing that comes later will stand before it.

    In a thread of its own, whose connection is looked over only when it failed: every event waits for this.
    """
    try:
        return _read(NEWS, [str(after.tx), after.id, AT_ONCE])
    except Error:
        connection.close()
        raise


@in_own_connection
def missed(after: Cursor, topics: frozenset[str]) -> list[Heard] | None:
    """What somebody missed since a place; None when that cannot be told any more, or is too much."""
    with connection.cursor() as cursor:
        cursor.execute(STALE, {"tx": str(after.tx), "id": after.id})
        if cursor.fetchone()[0]:
            return None
    found = _read(MISSED, [str(after.tx), after.id, sorted(topics), MISSED_AT_MOST + 1])
    return found if len(found) <= MISSED_AT_MOST else None


@in_own_connection
def recent(topics: frozenset[str]) -> list[Heard]:
    """What came while a page that listens from now on was on its way."""
    return _read(RECENT, [MISSED_AT_MOST, sorted(topics), RECENT_SECONDS, MISSED_AT_MOST])


def _read(statement: str, values: list[Any]) -> list[Heard]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    places = [Cursor(int(tx), line) for tx, line, *_ in rows]
    return [
        Heard(at, topic, words_of(kind, ref, at))
        for at, (_tx, _line, topic, kind, ref) in zip(places, rows, strict=True)
    ]


@in_own_connection
def who(session_key: str) -> Listener | None:
    """The agent of a session as they are now, None when it is nobody's (any more). Raises the database's errors."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    agent = get_user(request)
    return Listener(agent.pk, _topics_of(agent)) if isinstance(agent, Agent) else None


def _topics_of(agent: Agent) -> frozenset[str]:
    """Themselves, and the brands they work tickets of."""
    brands = (
        Brand.objects.visible_to(agent) if agent.has_perm("tickets.work_ticket") else Brand.objects.none()
    )
    return frozenset({f"agent:{agent.pk}", *(f"brand:{pk}" for pk in brands.values_list("pk", flat=True))})
