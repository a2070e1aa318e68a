"""Several processes that write to the ledger at once: through the services, and by the bare statements beside them.

The wheel that brings PostgreSQL has no pgbench, so the raw side is a loop of psycopg on prepared statements: the same
rows, locks and look-ups as a deed, without Django, models or rules.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import connection, connections
from psycopg.rows import dict_row

from contactcenter import clock
from loyalty import services
from loyalty.models import Account

Deed = Callable[[int, str], object]  # of an account (id), under a key
PATIENCE = 120  # seconds that the slowest process may take beyond its time


@dataclass(frozen=True)
class Speed:
    """What all processes together came to: deeds done, deeds a second, and the median of one in milliseconds."""

    count: int
    per_second: float
    median: float


def write(make: Callable[[], Deed], accounts: Sequence[int], *, processes: int, seconds: float) -> Speed:
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


def _work(
    make: Callable[[], Deed], accounts: list[int], number: int, seconds: float, gate: Any, answers: Any
) -> None:
    deed, chance, name = make(), random.Random(number), f"w{time.time_ns()}:{number}"  # noqa: S311 - a spread, no secret
    deed(accounts[number % len(accounts)], f"{name}:first")  # connects, prepares
    gate.wait()
    times: list[float] = []
    began = time.perf_counter()
    while (start := time.perf_counter()) - began < seconds:
        deed(chance.choice(accounts), f"{name}:{len(times)}")
        times.append(time.perf_counter() - start)
    answers.put((times, time.perf_counter() - began))


def grants() -> Deed:
    """The service's gift of 10 points."""
    return lambda account, key: services.earn(Account(pk=account), 10, contra="issue.bench", by=None, key=key)


def redemptions() -> Deed:
    """The service's spend of 1 point."""
    return lambda account, key: services.redeem(Account(pk=account), 1, by=None, key=key)


ENTRY = """
INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash,
    "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
VALUES (%(account)s, %(seq)s, %(kind)s, 'issue.bench', %(points)s, 0, %(balance)s, %(key)s, '', '', %(at)s, %(at)s,
    %(at)s, '', '', '{}') RETURNING id
"""
MOVE = """
UPDATE loyalty_account SET balance = %(balance)s, version = %(seq)s, next_expiry = least(next_expiry, %(ends)s),
    lifetime_earned = lifetime_earned + greatest(%(points)s, 0),
    lifetime_redeemed = lifetime_redeemed - least(%(points)s, 0)
WHERE id = %(account)s
"""
LOT = """
INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, is_open, contra, expires_at)
VALUES (%(account)s, %(entry)s, %(points)s, %(points)s, true, 'issue.bench', %(ends)s)
"""
OPEN = """
SELECT id, remaining FROM loyalty_lot WHERE account_id = %(account)s AND is_open
ORDER BY expires_at NULLS LAST, id LIMIT 1
"""
USE = "INSERT INTO loyalty_lotuse (entry_id, lot_id, points) VALUES (%(entry)s, %(lot)s, 1)"
TAKE = "UPDATE loyalty_lot SET remaining = remaining - 1, is_open = remaining > 1 WHERE id = %(lot)s"
LOCK = "SELECT balance, held, version, status FROM loyalty_account WHERE id = %(account)s FOR UPDATE"
KNOWN = "SELECT id FROM loyalty_entry WHERE key = %(key)s"


def raw_grants() -> Deed:
    """Ten points by bare statements: lock, look for the key, entry, lot, account."""
    bare = _connected()

    def give(account: int, key: str) -> None:
        with bare.transaction(), bare.cursor() as cursor:
            values = _begin(cursor, account, key, "earn", 10)
            values["entry"] = cursor.execute(ENTRY, values, prepare=True).fetchone()["id"]
            cursor.execute(LOT, values, prepare=True)
            cursor.execute(MOVE, values, prepare=True)

    return give


def raw_redemptions() -> Deed:
    """One point by bare statements: lock, look for the key, lots, entry, use, lot, account."""
    bare = _connected()

    def spend(account: int, key: str) -> None:
        with bare.transaction(), bare.cursor() as cursor:
            values = _begin(cursor, account, key, "redeem", -1) | {"ends": None}
            values["lot"] = cursor.execute(OPEN, values, prepare=True).fetchone()["id"]
            values["entry"] = cursor.execute(ENTRY, values, prepare=True).fetchone()["id"]
            cursor.execute(USE, values, prepare=True)
            cursor.execute(TAKE, values, prepare=True)
            cursor.execute(MOVE, values, prepare=True)

    return spend


def _begin(cursor: Any, account: int, key: str, kind: str, points: int) -> dict[str, Any]:
    values: dict[str, Any] = {"account": account, "key": key, "kind": kind, "points": points}
    row = cursor.execute(LOCK, values, prepare=True).fetchone()
    cursor.execute(KNOWN, values, prepare=True).fetchone()
    at: datetime = clock.now()
    return values | {
        "seq": row["version"] + 1,
        "balance": row["balance"] + points,
        "at": at,
        "ends": at + timedelta(days=700),
    }


def _connected() -> Any:
    told = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(
        **{name: told[name] for name in names if name in told}, autocommit=True, row_factory=dict_row
    )
