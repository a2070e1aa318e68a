"""Telling the workers that something waits, without ever standing in the way of the deed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from kombu.exceptions import OperationalError

if TYPE_CHECKING:
    from celery import Task

log = logging.getLogger(__name__)


def nudge(task: Task[Any, Any]) -> None:
    """Ask a worker to run `task` once the present transaction has committed.

    Only an accelerator: the row is the job and beat finds it anyway, so a broker that is
    gone costs seconds, never the deed (a plain `delay()` would raise after the commit).
    """

    def publish() -> None:
        try:
            task.apply_async(retry=False, expires=60)
        except (OperationalError, OSError) as error:
            log.warning("no nudge for %s, the next sweep finds it: %s", task.name, error)

    transaction.on_commit(publish, robust=True)
