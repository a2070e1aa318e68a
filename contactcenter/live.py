"""Telling the workers that something waits, without ever standing in the way of the deed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
_silent: ContextVar[bool] = ContextVar("silent", default=False)


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

    Only an accelerator: the row is the job and beat finds it anyway, so a broker that is
    gone costs seconds, never the deed (a plain `delay()` would raise after the commit).
    """
    if _silent.get():
        return

    def publish() -> None:
        try:
            current_app.send_task(task, retry=False, expires=60)
        except (OperationalError, OSError) as error:
            log.warning("no nudge for %s, the next sweep finds it: %s", task, error)

    transaction.on_commit(publish, robust=True)
