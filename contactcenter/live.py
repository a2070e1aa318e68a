"""Telling screens that something changed and workers that something waits, never standing in the way of the deed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, models, transaction
from django.db.models.functions import Now
from kombu import pools
from kombu.exceptions import KombuError

from contactcenter import wire

log = logging.getLogger(__name__)
_silent: ContextVar[bool] = ContextVar("silent", default=False)

PATIENCE = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 0.2,
}  # seconds that a deed may wait for its nudge
REST_SECONDS = 5.0  # after a nudge that failed none is tried for so long: the sweeps find the rows
KEPT = timedelta(hours=24)  # a screen that was away for longer reads everything anew
FORGOTTEN_AT_ONCE = 10_000


class Xid8(models.Field):
    """The number of a transaction, of 64 bits: PostgreSQL's `xid8`, which never comes round."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class ThisTransaction(models.Func):
    """The number of the transaction that is going on."""

    function = "pg_current_xact_id"
    output_field = Xid8()


class Event(models.Model):
    """That something changed, for the screens that show it: ids only, written in the transaction of the change.

    `topic` says who may hear of it (`brand:3`, `agent:7`), `kind` what changed (see docs/live.md), `ref` which one of
    them, 0 for many. A number of rows is not the order of commits: what is read is ordered by (`tx`, `id`), and only
    up to the oldest transaction that is still going on. `at` is the machine's time, not the house's clock: it is the
    age of a line, and says nothing of the deed.
    """

    tx = Xid8(db_default=ThisTransaction())
    topic = models.CharField(max_length=30)
    kind = models.CharField(max_length=20)
    ref = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Also the order in which the stream reads: a change told twice in one transaction is told once.
            models.UniqueConstraint(
                fields=["tx", "topic", "kind", "ref"], name="contactcenter_event_told_once"
            ),
            models.CheckConstraint(
                condition=models.Q(topic__regex="^(brand|agent):[0-9]+$"),
                name="contactcenter_event_topic_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__regex="^[a-z]+$"), name="contactcenter_event_kind_is_code"
            ),
            models.CheckConstraint(condition=models.Q(ref__gte=0), name="contactcenter_event_ref_is_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} to {self.topic}"


def announce(topic: str, kind: str, ref: int) -> None:
    """Tell the screens of `topic` in this transaction that `ref` changed; see `Event`. Twice says it once.

    For what has no table of its own that tells by trigger (migration 0051).
    """
    Event.objects.bulk_create([Event(topic=topic, kind=kind, ref=ref)], ignore_conflicts=True)
    wake()


def wake() -> None:
    """Have the stream look at once when the present transaction has committed; without this it looks every second."""
    waiting = (deed for _savepoints, deed, _robust in transaction.get_connection().run_on_commit)
    if not _silent.get() and _wake not in waiting:
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    wire.publish(wire.LOOK)


def forget_old(at: datetime) -> int:
    """Delete what was told a day before `at`, the oldest first, at most ten thousand; how many those were.

    The newest of them stays: whoever saw it, or a later one, has missed nothing, whoever was before it may have.
    """
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"limit": FORGOTTEN_AT_ONCE, "before": at - KEPT})
        return cursor.rowcount


FORGET = """
WITH oldest AS (
    SELECT tx, id, bool_and(at < %(before)s) OVER (ORDER BY tx, id) AS is_old
    FROM (SELECT tx, id, at FROM contactcenter_event ORDER BY tx, id LIMIT %(limit)s) first
), newest_old AS (
    SELECT tx, id FROM oldest WHERE is_old ORDER BY tx DESC, id DESC LIMIT 1
)
DELETE FROM contactcenter_event e USING newest_old n WHERE (e.tx, e.id) < (n.tx, n.id)
"""


class _Broker:
    """What this process remembers of the broker."""

    rests_until = 0.0  # on the monotonic clock


@contextmanager
def without_nudges() -> Iterator[None]:
    """Inside, deeds wake no worker: for deeds told of the past, and many at once, which the next sweep finds."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def nudge(task: str) -> None:
    """Ask a worker to run the task of this name once the present transaction has committed.

    Only an accelerator: the row is the job and beat finds it anyway, so a broker that is gone or hangs costs a
    fifth of a second once in a while, never the deed (a plain `delay()` would raise after the commit). Many deeds of
    one transaction wake a worker once.
    """
    publish = _Publish(task)
    waiting = (deed for _savepoints, deed, _robust in transaction.get_connection().run_on_commit)
    if not _silent.get() and publish not in waiting:
        transaction.on_commit(publish, robust=True)


@dataclass(frozen=True)
class _Publish:
    """The nudge of a task, told apart from that of another."""

    task: str

    def __call__(self) -> None:
        _publish(self.task)


def _publish(task: str) -> None:
    if time.monotonic() < _Broker.rests_until:
        return
    # The worker's own connection may wait longer than a deed; this one is pooled apart from it.
    connection = current_app.connection_for_write(transport_options=PATIENCE)
    try:
        with pools.producers[connection].acquire(block=True, timeout=PATIENCE["socket_timeout"]) as producer:
            current_app.send_task(task, producer=producer, retry=False, expires=60)
    except (KombuError, OSError) as error:
        _Broker.rests_until = time.monotonic() + REST_SECONDS
        log.warning("no nudge for %s, the next sweep finds it: %s", task, error)
