"""Is the house alive, and is it able to serve?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from contactcenter import clock
from contactcenter.models import Pulse
from loyalty.models import Entry, LedgerProof
from loyalty.models.proofs import STALE
from tickets.models import TicketEvent, TicketProof

REDIS_WAIT = 0.2  # seconds: a page must never wait longer for what is only an accelerator
LATE_SECONDS = 45  # the clock shows life every 10: so late means that it, or every worker, has stopped


def answer_probes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer the two health pages before anything else: a probe knows no host name, no HTTPS and no session."""
    pages = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        return pages.get(request.path_info, get_response)(request)

    return middleware


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, 503 without the database or with migrations to run.

    A stopped Redis, worker or clock only makes things later, never wrong: it shows as `degraded` with 200.
    So does a ledger or an audit of tickets whose proof failed or is two days old: people look into it, pages are
    served on. `ages` says how many seconds ago the clock last reached a worker, and the two were last proven.
    """
    database = _database()
    checks, ages = {"database": database, "redis": _redis()}, {}
    if ready := database == "ok":
        checks["clock"], ages["clock"] = _clock()
        checks["ledger"], ages["ledger"] = _proof(LedgerProof, "verify_ledger", Entry, "posted_at")
        checks["audit"], ages["audit"] = _proof(TicketProof, "verify_tickets", TicketEvent, "at")
    status = "ready" if all(c == "ok" for c in checks.values()) else "degraded" if ready else "not ready"
    answer = {"status": status, "checks": checks, "ages": ages}
    return JsonResponse(answer, status=200 if ready else 503)


def note_life() -> int:
    """Write down that the clock has just reached a worker; gives 1."""
    Pulse.objects.update_or_create(name="clock", defaults={"at": clock.now()})
    return 1


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return f"{len(waiting)} migrations to run" if waiting else "ok"


def _redis() -> str:
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=REDIS_WAIT, socket_timeout=REDIS_WAIT)
    try:
        client.ping()
    except RedisError:
        return "unreachable"
    finally:
        client.close()
    return "ok"


def _clock() -> tuple[str, int | None]:
    """Whether clock and worker have shown life of late, and how many seconds ago."""
    last = Pulse.objects.filter(name="clock").values_list("at", flat=True).first()
    if last is None:
        return "has not run yet", None
    age = int((clock.now() - last).total_seconds())
    return ("ok" if age <= LATE_SECONDS else "late: clock or worker has stopped"), age


def _proof(table: Any, command: str, lines: Any, written_at: str) -> tuple[str, int | None]:
    """Whether what `command` proves was proven of late for every brand and found whole, and how old the oldest is.

    `table` keeps the proofs; `lines` is what they are about: without any of two days ago nothing is owed yet.
    """
    at, proofs = clock.now(), list(table.objects.newest())
    if not proofs:
        waits = lines.objects.filter(**{f"{written_at}__lt": at - STALE}).exists()
        return ("has not been proven yet" if waits else "ok"), None
    age = int((at - min(proof.at for proof in proofs)).total_seconds())
    if any(proof.broken for proof in proofs):
        return f"broken: run manage.py {command}", age
    return ("late: the nightly proof has stopped" if any(p.is_stale(at) for p in proofs) else "ok"), age
