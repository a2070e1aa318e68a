"""Is the house alive, and is it able to serve?"""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

REDIS_WAIT = 0.2  # seconds: a page must never wait longer for what is only an accelerator


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, 503 without the database or with migrations to run.

    A stopped Redis only makes things later, never wrong: it shows as `degraded` with 200.
    """
    checks = {"database": _database(), "redis": _redis()}
    ready = checks["database"] == "ok"
    status = "ready" if all(c == "ok" for c in checks.values()) else "degraded" if ready else "not ready"
    return JsonResponse({"status": status, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
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
