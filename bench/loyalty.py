"""The ledger beside the database alone: what the services add to the statements that any ledger must make.

BENCH_SCALE (default 0.1) says how long the ledger is, 1 for a million entries; BENCH_SECONDS (default 2) how long each
row of deeds is measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from agents.models import Brand
from bench import bare, ledger_rows, writers
from bench.figures import Figure
from bench.writers import Make, Speed, write
from contactcenter import clock
from loyalty import proof, services
from loyalty.models import Account, Entry, Programme
from loyalty.services import Gift
from loyalty.statements import Period, statement_of
from loyalty.tasks import expire_due

SCALE = float(os.environ.get("BENCH_SCALE", "0.1"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
SMALL, LARGE, EACH = 10_000, 1_000_000, 100  # entries before and after, and of each account
WRITTEN = 300  # accounts that deeds are spread over
BULK, LOTS, LONG = 5_000, 60_000, 100_000
PLENTY = 1_000_000


def run() -> list[Figure]:
    """Every row of the ledger."""
    brand = Brand.objects.filter(code="LEDGER").first() or Brand.objects.create(code="LEDGER", name="Ledger")
    Programme.objects.get_or_create(brand=brand, defaults={"code": "bench", "name": "Bench"})
    accounts = _with_points(brand, WRITTEN)
    _grow(brand, SMALL)
    small = write(writers.redemptions, accounts, processes=1, seconds=SECONDS)
    _grow(brand, LARGE - SMALL)
    large = write(writers.redemptions, accounts, processes=1, seconds=SECONDS)
    return [
        _flat(small, large),
        *_deeds("grants", writers.grants, bare.GRANTS, accounts),
        *_deeds("redemptions", writers.redemptions, bare.REDEMPTIONS, accounts),
        _hot(brand),
        _median(accounts),
        _bulk(brand),
        *_expiry(brand),
        _statement(brand),
        _proof(),
    ]


def _with_points(brand: Brand, count: int) -> list[int]:
    """Members with three lots that no benchmark ever spends up."""
    accounts = ledger_rows.accounts(brand, count)
    for number in range(3):
        services.earn_many(
            [
                Gift(one, PLENTY, "issue.bench", f"plenty:{one}:{number}", clock.now(), months=12 + number)
                for one in accounts
            ]
        )
    return accounts


def _grow(brand: Brand, entries: int) -> None:
    ledger_rows.lines(ledger_rows.accounts(brand, max(1, int(entries * SCALE) // EACH)), EACH)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # now, and not beside what is measured


def _row(name: str, unit: str, value: float, reference: float, goal: float, **more: object) -> Figure:
    ratio = value / reference
    told: dict[str, object] = {"ratio": ratio, "spread": (ratio, ratio), "reach": goal} | more
    return Figure(name, unit, value=value, reference=reference, goal=goal, **told)  # type: ignore[arg-type]


def _deeds(name: str, product: Make, script: str, accounts: list[int]) -> list[Figure]:
    """Deeds a second at 1, 4 and 16 connections beside the bare statements; 1 has no goal."""
    rows = []
    for processes in (1, 4, 16):
        ours = write(product, accounts, processes=processes, seconds=SECONDS)
        raw = bare.write(script, accounts, connections=processes, seconds=SECONDS)
        rows.append(
            _row(
                f"{name} at {processes}", "/s", ours.per_second, raw.per_second, 0.5 if processes > 1 else 0.0,
                at_least=True, detail=f"median {ours.median:.2f} ms, raw {raw.median:.2f} ms",
            )
        )  # fmt: skip
    return rows


def _hot(brand: Brand) -> Figure:
    """Sixteen writers on one account, beside sixteen on one row; inexact counts as 0."""
    ours_on, raw_on = _with_points(brand, 2)
    before = Account.objects.get(pk=ours_on)
    ours = write(writers.redemptions, [ours_on], processes=16, seconds=SECONDS)
    after = Account.objects.get(pk=ours_on)
    done = ours.count + 16  # each process does one before the start
    exact = (before.balance - after.balance, after.version - before.version) == (done, done)
    sound = not any(proof.broken(check, account=ours_on).findings for check in proof.CHECKS)
    raw = bare.write(bare.REDEMPTIONS, [raw_on], connections=16, seconds=SECONDS)
    value = ours.per_second if exact and sound else 0.0
    detail = f"{done} spends, {'exact' if exact and sound else 'NOT EXACT'}"
    return _row("one hot account", "/s", value, raw.per_second, 0.25, at_least=True, detail=detail)


def _median(accounts: list[int]) -> Figure:
    """How much longer a redemption takes than the bare one; the ratio is the difference in milliseconds."""
    ours = write(writers.redemptions, accounts, processes=1, seconds=SECONDS).median
    raw = bare.write(bare.REDEMPTIONS, accounts, connections=1, seconds=SECONDS).median
    over = ours - raw
    return _row("redemption, ms over raw", "ms", ours, raw, 1.5, ratio=over, spread=(over, over))


def _flat(small: Speed, large: Speed) -> Figure:
    words = f"{int(SMALL * SCALE):,} and {int(LARGE * SCALE):,} entries"
    return _row("redemption, long ledger", "ms", large.median, small.median, 1.25, detail=words)


def _bulk(brand: Brand) -> Figure:
    """Gifts of many accounts in one deed, beside INSERT … SELECT of the same rows."""
    ours, theirs = (ledger_rows.accounts(brand, BULK) for _ in range(2))
    gifts = [Gift(one, 10, "issue.bench", f"bulk:{one}", clock.now()) for one in ours]
    service = _seconds(lambda: services.earn_many(gifts))
    raw = _seconds(lambda: ledger_rows.lines(theirs, 1, open_lots=1))
    return _row("bulk grants", "/s", BULK / service, BULK / raw, 0.4, at_least=True)


def _expiry(brand: Brand) -> list[Figure]:
    """All that ended, by the job of the clock, in lots a second: as it is, and beside the bare statements."""
    ended = clock.now() - timedelta(days=400)
    ours, theirs = (ledger_rows.accounts(brand, LOTS // 20) for _ in range(2))
    ledger_rows.lines(theirs, 20, open_lots=20, ends=ended)
    raw = LOTS / _seconds(lambda: ledger_rows.end(theirs))
    ledger_rows.lines(ours, 20, open_lots=20, ends=ended)
    taken = _seconds(lambda: expire_due(at=clock.now()))
    left = Account.objects.filter(brand=brand, next_expiry__lte=clock.now()).count()
    value = 0 if left else LOTS / taken
    detail = f"{LOTS:,} lots of {LOTS // 20:,} accounts" + (f", {left} NOT DONE" if left else "")
    return [
        _row("batch expiry, lots", "/s", value, 30_000, 1.0, at_least=True, detail=detail),
        _row(
            "batch expiry over raw",
            "/s",
            value,
            raw,
            0.5,
            at_least=True,
            detail="the same rows in bare statements",
        ),
    ]


def _statement(brand: Brand) -> Figure:
    """Milliseconds of the database for a page in the middle of an account of 100,000 lines."""
    (pk,) = ledger_rows.accounts(brand, 1)
    ledger_rows.lines([pk], LONG, open_lots=50)
    account = Account.objects.select_related("programme").get(pk=pk)
    first = Entry.objects.get(account=pk, seq=1).posted_at.date() - timedelta(days=1)
    period = Period.of_days(first, clock.now().date() + timedelta(days=1), account.programme)
    cursor = statement_of(account, period).page().cursor
    asked: list[tuple[str, object]] = []

    def note(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        statement = statement_of(account, period)
        statement.page(cursor)
        statement.endings()
    value = min(sum(_execution(sql, params) for sql, params in asked) for _ in range(20))
    return _row("statement page", "ms", value, 1.0, 1.0)


def _proof() -> Figure:
    """Seconds for a million entries, by those that are there."""
    entries = sum(proof.entries_by_brand().values())
    passed = _seconds(lambda: [proof.broken(check) for check in proof.CHECKS])
    value = passed * 1_000_000 / entries
    detail = f"{entries:,} entries in {passed:.2f} s"
    return _row("proof of a million", "s", value, 10.0, 1.0, detail=detail)


def _execution(sql: str, params: object) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)  # type: ignore[arg-type]
        return float(cursor.fetchone()[0][0]["Execution Time"])


def _seconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began
