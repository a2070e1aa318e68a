"""The search beside the desk's own list of all tickets, from ten thousand tickets to a million: processor time of the
application and of its database.

`python -m bench.search [TICKETS ...]`, each size more than the one before. Not a part of `make bench`: a million
tickets take minutes to write. Words are drawn as people use them, the n-th most common one with a share of 1/n.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from contactcenter import embedded
from contactcenter.serve import static_files_collected

if TYPE_CHECKING:
    from bench.measure import Browser

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS, WARM_UP = 40, 5
GOAL, GROWTH = 1.8, 1.3

WORD = "'wo' || translate(to_hex(%s), '0123456789abcdef', 'klmnopqrtuvzaeio')"
TICKETS = """
INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority, assignee_id,
    opened_at, resolved_at, due_at, last_message_at, last_words, last_was_inbound, message_seq, key)
SELECT brand_id, 1000000 + n, queue_id, customer_id, subject, channel, status, priority, assignee_id, opened_at,
    resolved_at, due_at, last_message_at, last_words, last_was_inbound, 1, 'more:' || n
FROM generate_series(%(first)s::int, %(last)s::int) n JOIN (
    SELECT row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many, * FROM tickets_ticket
    WHERE key LIKE 'crowd:%%') base ON base.place = n %% base.many
"""
MESSAGES = f"""
INSERT INTO tickets_message (ticket_id, seq, kind, channel, sender, text, html, message_id, in_reply_to, key,
    created_at, state, attempts, last_error)
SELECT t.id, 1, 'inbound', 'mail', 'maria@mail.example', 'unik' || t.id || ' ' || said.text, '', '', '', 'm:' || t.id,
    t.opened_at, 'done', 0, ''
FROM tickets_ticket t, LATERAL (
    SELECT string_agg({WORD % "floor(exp(random() * ln(50000)))::int"}, ' ') AS text
    FROM generate_series(1, 40) WHERE t.id > 0) said
WHERE t.key LIKE 'more:%%' AND NOT EXISTS (SELECT FROM tickets_message m WHERE m.ticket_id = t.id)
"""  # noqa: S608 - no words of anybody else
WORDS = """
INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)
SELECT t.id, t.brand_id, 0, setweight(to_tsvector('english', t.subject), 'A') || to_tsvector('english', m.text)
FROM tickets_ticket t JOIN tickets_message m ON m.ticket_id = t.id AND m.seq = 1
WHERE NOT EXISTS (SELECT FROM tickets_ticketwords w WHERE w.ticket_id = t.id)
"""
INDEX = """CREATE INDEX tickets_ticketwords_found ON tickets_ticketwords USING gin (shelves, words)
    WITH (fastupdate = off)"""


def main(sizes: list[int]) -> int:
    """Write, measure, say it; 1 when a goal is missed."""
    for named in ("DATABASE_URL", "REDIS_URL", "DEBUG"):
        os.environ.pop(named, None)
    os.environ["VAR_DIR"] = str(embedded.var_dir() / "bench-search")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    try:
        with static_files_collected():
            embedded.wipe()
            embedded.up()
        return _measure(sizes)
    finally:
        embedded.down(only_started_here=True)


def _measure(sizes: list[int]) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from bench.data import desk
    from bench.measure import Browser

    house = desk(customers=1500, tickets=2000)
    browser = Browser(house.session)
    medians: dict[str, list[float]] = {}
    missed = False
    for before, size in zip([0, *sizes], sizes, strict=False):
        _write(before + 1, size)
        print(f"── {size:,} tickets", flush=True)  # noqa: T201
        listed = _times(partial(browser.get, "/?view=all"))
        print(_line("list of all", listed), flush=True)  # noqa: T201
        for name, question in _questions(size).items():
            found, hits = _times(partial(browser.get, f"/search/?q={question}")), _shown(browser, question)
            ratio = _p95(found) / _p95(listed)
            missed |= ratio > GOAL
            medians.setdefault(name, []).append(statistics.median(found))
            print(_line(name, found) + f"   {ratio:5.2f} × p95 of the list, {hits} shown", flush=True)  # noqa: T201
    for name, values in medians.items():
        growth = values[-1] / values[0]
        missed |= growth > GROWTH
        print(f"{name:<28} {growth:.2f} × from {sizes[0]:,} to {sizes[-1]:,} (median)", flush=True)  # noqa: T201
    return int(missed)


def _write(first: int, last: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("tickets_ticket", "tickets_message"):  # rows in bulk, their words in one statement
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("DROP INDEX IF EXISTS tickets_ticketwords_found")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(TICKETS, {"first": first, "last": last})
        cursor.execute(MESSAGES.replace("%%", "%"))
        cursor.execute(WORDS)
        cursor.execute(INDEX)
        for table in ("tickets_ticket", "tickets_message"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def _questions(size: int) -> dict[str, str]:
    from django.db import connection

    from tickets.models import Ticket

    with connection.cursor() as cursor:

        def word(number: int) -> str:
            cursor.execute(f"SELECT {WORD % '%s'}", [number])
            return str(cursor.fetchone()[0])

        common, known, seldom, rare = (word(number) for number in (1, 12, 1000, 30_000))
    one = Ticket.objects.filter(key=f"more:{size // 2}").get()
    return {
        "in almost every ticket": common,
        "in every fourth": known,
        "in one of three hundred": seldom,
        "in one of ten thousand": rare,
        "in one ticket": f"unik{one.pk}",
        "two common words": f"{common}+{known}",
        "common and rare": f"{common}+{rare}",
        "common, of a tier, open": f"{known}+tier:gold+is:open",
        "rare, mine": f"{seldom}+is:mine",
        "a name": "maria+rossi",
        "common, of one person": f"{common}+from:%22maria+rossi+7%22",
        "no such word": "xyzzy",
    }


def _times(page: Callable[[], object]) -> list[float]:
    """Milliseconds of processor time of each of the requests, the database's included: busy neighbours hardly count."""
    from bench.measure import _database_ns

    taken: list[float] = []
    for number in range(ROUNDS + WARM_UP):
        database, application = _database_ns(), time.process_time_ns()
        page()
        used = time.process_time_ns() - application + _database_ns() - database
        if number >= WARM_UP:
            taken.append(used / 1e6)
    return taken


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def _line(name: str, taken: list[float]) -> str:
    return f"{name:<28} median {statistics.median(taken):7.1f} ms   p95 {_p95(taken):7.1f} ms"


def _shown(browser: Browser, question: str) -> int:
    return browser.get(f"/search/?q={question}").count('data-ticket="')


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
