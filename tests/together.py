"""Deeds at the same instant, with the locks of the house and, for a negative control, without them."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, BrokenBarrierError, Event, local
from typing import Any

from django.db import connection

LOCK = re.compile(r" FOR (SHARE|(NO KEY )?UPDATE)( OF [^ ]+)?( SKIP LOCKED)?")
CLAIM = re.compile(r"pg_advisory_xact_lock\(hashtextextended\(%s, 0\)\)")
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")
PATIENCE = 1.5  # seconds a thread waits for the others to come as far as itself


def unlock_ledger(*, pause: float) -> None:
    """Take the locks out of the function in which earning and spending begin; it waits `pause` seconds instead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('loyalty_open_account'::regproc)")
        (locked,) = cursor.fetchone()
        open_ = re.sub(
            r"PERFORM pg_advisory_xact_lock\(.*\);", f"PERFORM pg_sleep({pause});", LOCK.sub("", locked)
        )
        assert open_.count("pg_sleep") == 1
        assert " FOR UPDATE" not in open_
        cursor.execute(open_)


def at_once(*deeds: Callable[[], Any], unlocked: bool = False, meet_after: str = "") -> list[Any]:
    """Start all `deeds` together, each on a connection of its own; what each gave back or raised, in order.

    `unlocked` takes FOR UPDATE and the claim of a key out of every statement, and the threads wait for each
    other after each such read and before the first write that follows: what a lock prevents happens then for sure.
    The ledger's function loses its lock as well, for as long as the database of the test lives. `meet_after` names
    a piece of SQL after which they wait.
    """
    if unlocked:
        unlock_ledger(pause=0.3)
    gate = Barrier(len(deeds))
    loosened = local()  # per thread: has it read without its lock, and not written since

    def wait() -> None:
        try:
            gate.wait(timeout=PATIENCE)
        except BrokenBarrierError:
            return  # the others are done or stand before a row of ours

    def loosen(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        plain = CLAIM.sub("%s::text", LOCK.sub("", text)) if unlocked else text
        if getattr(loosened, "read", False) and WRITE.match(text):
            loosened.read = False
            wait()
        result = execute(plain, params, many, context)
        if plain != text or (meet_after and meet_after in text):
            loosened.read = unlocked
            wait()
        return result

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            with ExitStack() as stack:
                if unlocked or meet_after:
                    stack.enter_context(connection.execute_wrapper(loosen))
                gate.wait(timeout=10)
                return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def in_the_middle_of(deed: Callable[[], Any], other: Callable[[], Any], *, after: str = "") -> list[Any]:
    """Start `other` when `deed` has its first lock, or is past the SQL `after`; it has half a second alone."""
    there, over = Event(), Event()

    def pause(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        text = str(sql)
        if not there.is_set() and (after in text if after else LOCK.search(text)):
            there.set()
            over.wait(0.5)
        return result

    def first() -> Any:
        with connection.execute_wrapper(pause):
            return deed()

    def second() -> Any:
        there.wait(5)
        try:
            return other()
        finally:
            over.set()

    return at_once(first, second)
