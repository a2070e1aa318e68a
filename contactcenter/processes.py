"""The processes of a running desk, in one table: the demo's supervisor, `compose.yaml` and the tests read it.

In a command `{python}` is the interpreter, `{host}` and `{port}` the address to listen on, `{var}` the
directory for files of our own.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

DEMO, PRODUCTION = "demo", "production"


@dataclass(frozen=True)
class Process:
    """One long-running process, and the sign by which it is known to be ready.

    `runs_in` names the places it belongs to. `answers` is a path that answers 200 over HTTP, on `port` in
    production; `says` is a part of a line it writes.
    """

    name: str
    purpose: str
    command: str
    runs_in: tuple[str, ...] = (DEMO, PRODUCTION)
    answers: str = ""
    says: str = ""
    port: int = 0

    def arguments(self, **places: object) -> list[str]:
        """The command with `python`, `host`, `port` and `var` filled in, ready to be started."""
        return [part.format(**places) for part in shlex.split(self.command)]


# Nobody but the proxy in front may say who asks, so uvicorn takes no such headers. A stream ends when it is told
# to; five seconds later whatever is left is cut.
UVICORN = (
    "{python} -m uvicorn --host {host} --port {port} --log-level warning --no-access-log --no-proxy-headers "
    "--no-server-header --ws none --lifespan on --timeout-graceful-shutdown 5 "
)

TABLE = (
    Process(
        "front",
        "pages, API and the live stream on one port",
        f"{UVICORN} contactcenter.front:application",
        runs_in=(DEMO,),
        answers="/healthz",
    ),
    Process(
        "web",
        "pages and API",
        # Two workers for two cores. Without a kill timeout a worker with an open connection never ends.
        "{python} -m granian --interface wsgi --host {host} --port {port} --workers 2 --blocking-threads 4 "
        "--backpressure 64 --no-ws --respawn-failed-workers --workers-kill-timeout 5 --log-level warning "
        "contactcenter.wsgi:application",
        runs_in=(PRODUCTION,),
        answers="/healthz",
        port=8000,
    ),
    Process(
        "stream",
        "the live stream",
        f"{UVICORN} contactcenter.asgi:application",
        runs_in=(PRODUCTION,),
        answers="/live/healthz",
        port=8001,
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


def run_in(place: str) -> tuple[Process, ...]:
    """The processes of the demo or of production, in the order in which they start."""
    return tuple(process for process in TABLE if place in process.runs_in)
