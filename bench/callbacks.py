"""Promises that come due: many at one minute, and a sweep that finds nothing among very many.

BENCH_SCALE (default 1) is 1 for 100,000 due at one minute and a million on file.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, connections

from agents.models import Agent, Brand
from bench.figures import Figure
from callbacks import services
from callbacks.models import Callback, CallbackEvent
from customers.models import Customer

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
DUE, ON_FILE, WORKERS, OWNERS = int(100_000 * SCALE), int(1_000_000 * SCALE), 4, 200
PER_SECOND, SWEEP_MS, SWEEPS = 5_000, 20.0, 25
AT = datetime(2026, 11, 30, 10, tzinfo=UTC)
PATIENCE = 600

# Promises of one brand, spread over its owners; those to come are promised, the others were kept.
ROWS = """
INSERT INTO callbacks_callback (brand_id, customer_id, kind, reason, owner_id, promised_by_id, promised_at,
    window_from, window_to, promised_to, zone, key, request_hash, state, ended_at, look_at)
SELECT %(brand)s, %(customer)s, 'task', 'Bench', a.owner, a.owner, %(at)s, %(at)s, %(at)s + interval '1 hour',
    %(at)s + interval '1 hour', 'UTC', %(mark)s || n, '', %(state)s, CASE WHEN %(state)s = 'kept' THEN %(at)s END,
    CASE WHEN %(state)s = 'promised' THEN %(at)s END
FROM generate_series(1, %(count)s) n
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id AS owner FROM agents_agent
    WHERE email LIKE '%%@bench-calls.example') a ON a.place = n %% %(owners)s
"""


def run() -> list[Figure]:
    """What is due at one minute, handed out by four workers; and the sweeps when nothing is."""
    brand, customer = _people()
    _write(brand, customer, ON_FILE, state="kept", mark="kept", at=AT - timedelta(days=30))
    _write(brand, customer, ON_FILE // 100, state="promised", mark="ahead", at=AT + timedelta(days=30))
    idle = _idle()
    _write(brand, customer, DUE, state="promised", mark="due", at=AT)
    return [_handed_out(), idle]


def _people() -> tuple[Brand, Customer]:
    brand, _made = Brand.objects.get_or_create(code="CALLS", defaults={"name": "Calls"})
    customer, _made = Customer.objects.get_or_create(brand=brand, name="Bench")
    rows = [Agent(email=f"{number}@bench-calls.example", name=f"Caller {number}") for number in range(OWNERS)]
    Agent.objects.bulk_create(rows, ignore_conflicts=True)
    return brand, customer


def _write(brand: Brand, customer: Customer, count: int, **fields: Any) -> None:
    asked = {"brand": brand.pk, "customer": customer.pk, "count": count, "owners": OWNERS, **fields}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, asked)
        cursor.execute("VACUUM ANALYZE callbacks_callback")


def _idle() -> Figure:
    """The three sweeps, one after the other, when nothing is due; the reference is the goal in milliseconds."""
    deeds: list[Callable[..., Any]] = [services.claim_due, services.look_at_next, services.offer_some]
    times = []
    for _ in range(SWEEPS):
        began = time.perf_counter()
        for deed in deeds:
            if deed(at=AT):
                raise RuntimeError("Something was due, and the sweep was to find nothing.")
        times.append((time.perf_counter() - began) * 1000)
    took = statistics.median(times)
    ratio = took / SWEEP_MS
    return Figure(
        "callbacks, idle sweep", "ms", took, SWEEP_MS, ratio, 1.0, 0.5, (min(times) / SWEEP_MS, max(times) / SWEEP_MS),
        detail=f"{Callback.objects.count():,} on file",
    )  # fmt: skip


def _handed_out() -> Figure:
    """How many a second four workers hand out, each exactly once, else 0; beside the goal."""
    connections.close_all()  # a connection is not to be shared with a child
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()
    gate = context.Barrier(WORKERS)
    workers = [context.Process(target=_work, args=(gate, answers)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    told = [answers.get(timeout=PATIENCE) for _ in workers]
    for worker in workers:
        worker.join()
    handed = [pk for pks, _began, _ended in told for pk in pks]
    seconds = max(ended for _pks, _began, ended in told) - min(began for _pks, began, _ended in told)
    logged = CallbackEvent.objects.filter(
        kind="due", callback__in=Callback.objects.filter(reason="Bench")
    ).count()
    exact = len(handed) == len(set(handed)) == logged == DUE
    value, busiest = DUE / seconds if exact else 0.0, max(len(pks) for pks, _began, _ended in told)
    ratio = value / PER_SECOND
    how = "each once" if exact else "NOT EXACT"
    return Figure(
        "callbacks, handed out", "/s", value, PER_SECOND, ratio, 1.0, 2.0, (ratio, ratio), at_least=True,
        detail=f"{DUE:,} by {WORKERS} workers, {how}, the busiest {busiest:,}",
    )  # fmt: skip


def _work(gate: Any, answers: Any) -> None:
    connection.ensure_connection()
    gate.wait()
    began, mine = time.perf_counter(), []
    while handed := services.claim_due(at=AT):
        mine += [one.pk for one in handed]
    answers.put((mine, began, time.perf_counter()))
