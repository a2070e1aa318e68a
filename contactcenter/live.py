"""Telling the workers that something waits, without ever standing in the way of the deed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from celery import current_app
from django.db import transaction
from kombu import pools
from kombu.exceptions import KombuError

log = logging.getLogger(__name__)
_silent: ContextVar[bool] = ContextVar("silent", default=False)

PATIENCE = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 0.2,
}  # seconds that a deed may wait for its nudge
REST_SECONDS = 5.0  # after a nudge that failed none is tried for so long: the sweeps find the rows


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
