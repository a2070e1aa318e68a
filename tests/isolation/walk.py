"""Knocking at every address as everybody: what each is answered, and what of the brand the answer tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.urls import URLResolver, get_resolver, resolve
from django.utils.html import escape

from tests.contactcenter.rooms import our_models
from tests.isolation.world import CODE, MARK, PHONE, STRANGERS, WHO, World, body

TABLE = Path(__file__).with_name("addresses.txt")
TELLS = re.compile(rf"{MARK}|{CODE}|{PHONE[1:]}", re.IGNORECASE)
# When a token came last is noted with every use of it: that is no deed.
NOTED = "agents_token"
OUR_TABLES = [field.m2m_db_table() for model in our_models() for field in model._meta.local_many_to_many]
OUR_TABLES += [model._meta.db_table for model in our_models() if model._meta.db_table != NOTED]
REFUSED = ("in", "401", "gone", "403", "404", "405")


@dataclass(frozen=True)
class Line:
    """An address, whether it tells its own people of the brand's rows, and who is answered what to GET and POST."""

    address: str
    tells: bool
    expected: dict[str, tuple[str, str]]


def lines() -> list[Line]:
    """The table: one line for each address."""
    found = []
    for text in TABLE.read_text().splitlines():
        if text and not text.startswith("#"):
            address, tells, *cells = text.replace("|", " ").split()
            pairs = [tuple(cell.split("/")) for cell in cells]
            found.append(Line(address, tells == "rows", dict(zip(WHO, pairs, strict=True))))
    return found


def routes(patterns: Iterable[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every pattern of the root URLconf, however deep it is included."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        part = str(pattern.pattern)
        route = prefix + (part.removeprefix("^") if prefix else part)  # as Django joins what it has resolved
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def route_of(world: World, line: Line) -> str:
    return str(resolve(world.path(line.address).split("?")[0]).route)


@dataclass(frozen=True)
class Answer:
    """The first status, as the table writes it; all that came back, without what was asked; the tables written.

    `changed` says that rows of the brand are not what they were.
    """

    status: str
    text: str
    written: frozenset[str]
    changed: bool


def content(response: Any) -> str:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    return str(response.headers) + raw.decode("utf-8", "replace")


def counters() -> dict[str, int]:
    """How many rows this transaction has written so far, for each of our tables; what is taken back counts too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
            [OUR_TABLES],
        )
        return dict(cursor.fetchall())


def ask(world: World, who: str, method: str, path: str, data: dict[str, Any] | None = None) -> Answer:
    """One request, of which nothing stays. What a redirect would say on the next page is read at once."""
    before = counters()
    with transaction.atomic():
        response = world.send(who, method, path, data or {})
        status, text = named(response), content(response) + sentences(response)
        written = frozenset(table for table, rows in counters().items() if rows != before.get(table, 0))
        changed = bool(written) and world.rows() != world.as_it_was
        transaction.set_rollback(True)
    brand = [data["brand"]] if data and path.startswith("/api/") and "brand" in data else []
    for said in (
        path,
        quote(path),
        quote(path, safe=""),
        escape(path),
        *brand,
    ):  # the request's own words tell nothing
        text = text.replace(said, "")
    return Answer(status, text, written, changed)


def sentences(response: Any) -> str:
    """What the next page would say above its content."""
    waiting = getattr(getattr(response, "wsgi_request", None), "_messages", ())
    return " ".join(str(message) for message in getattr(waiting, "_queued_messages", ()))


def named(response: Any) -> str:
    """The status as the table writes it: `in` is the way to the sign-in, `gone` the admin's for no such row."""
    to = response.headers.get("Location", "").partition("?")[0]
    return {"/accounts/sign-in/": "in", "/admin/login/": "in", "/admin/": "gone"}.get(
        to, str(response.status_code)
    )


def walk(
    world: World, who: str, table: Iterable[Line], methods: tuple[str, ...] = ("get", "post")
) -> list[str]:
    """What is wrong when `who` knocks at every address: another answer, a word of the brand, a row that changed."""
    wrong: list[str] = []
    for line in table:
        for method, expected in zip(("get", "post"), line.expected[who], strict=True):
            if method in methods:
                data = body(world, line.address) if method == "post" else None
                answer = ask(world, who, method, world.path(line.address), data)
                here = f"{who} {method.upper()} {line.address}"
                wrong += [f"{here}: {what}" for what in faults(who, method, expected, answer)]
    return wrong


def faults(who: str, method: str, expected: str, answer: Answer) -> Iterator[str]:
    """What of an answer may not be: the table says `expected`; strangers and the refused learn and change nothing."""
    if answer.status != expected:
        yield f"{answer.status} instead of {expected}"
    outside = who in (*STRANGERS, "visitor") or expected in REFUSED
    if outside and (told := TELLS.search(answer.text)):
        yield f"tells {answer.text[max(0, told.start() - 60) : told.end() + 60]!r}"
    if answer.written and (expected in REFUSED or method == "get"):
        yield f"wrote {sorted(answer.written)}"
    if answer.changed and outside:
        yield "rows of the brand changed"
