"""The processes of a running desk, in one table: the demo's supervisor, the tests and the deployment read it.

In a command `{python}` is the interpreter, `{host}` and `{port}` the address to listen on, `{var}` the
directory for files of our own.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One long-running process, and the sign by which it is known to be ready.

    `answers` is a path that answers 200 over HTTP; `says` is a part of a line it writes.
    """

    name: str
    purpose: str
    command: str
    answers: str = ""
    says: str = ""

    def arguments(self, **places: object) -> list[str]:
        """The command with `python`, `host`, `port` and `var` filled in, ready to be started."""
        return [part.format(**places) for part in shlex.split(self.command)]


PROCESSES = (
    Process(
        "web",
        "pages and API",
        # Two workers for two cores. Without a kill timeout a worker with an open connection never ends.
        "{python} -m granian --interface wsgi --host {host} --port {port} --workers 2 --blocking-threads 4 "
        "--backpressure 64 --no-ws --respawn-failed-workers --workers-kill-timeout 5 --log-level warning "
        "contactcenter.wsgi:application",
        answers="/healthz",
    ),
    Process(
        "worker",
        "sends mail, hands out callbacks, sweeps what is due",
        "{python} -m celery --quiet --app contactcenter.celery:app worker --concurrency 2 --loglevel INFO "
        "--without-gossip --without-mingle",
        says=" ready.",
    ),
    Process(
        "beat",
        "the clock: wakes the worker when something may be due",
        "{python} -m celery --quiet --app contactcenter.celery:app beat --loglevel INFO "
        "--schedule {var}/beat-schedule --pidfile=",
        says="beat: Starting",
    ),
)
