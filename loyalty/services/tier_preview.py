"""Who would move if a version of the tiers were in force: counted in the database, in queries that do not grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg import sql

from contactcenter import clock
from loyalty import tier_windows
from loyalty.models import Account, Tier, TierSet
from loyalty.services.standing import NOT_BOUGHT, Ladder, ladder_of_version
from loyalty.tier_rules import Level
from loyalty.tier_windows import Window

NAMED = 50

# Each member's windows, what counts in them, and the rank that the best of them reaches beside the one that is held.
WOULD = """
WITH windows AS (
    SELECT a.id AS account, a.customer_id, v.n, v.starts, v.ends
    FROM loyalty_account a {day_of_joining} CROSS JOIN LATERAL (VALUES {spans}) AS v(n, starts, ends)
    WHERE a.programme_id = {programme} AND a.status IN ('active', 'frozen')
), points AS (
    SELECT w.account, w.n, sum(e.qualifying) AS points FROM windows w
    CROSS JOIN LATERAL (
        WITH RECURSIVE own AS (
            SELECT w.account AS id UNION ALL SELECT m.id FROM own JOIN loyalty_account m ON m.merged_into_id = own.id
        ) SELECT id FROM own
    ) own
    JOIN loyalty_entry e ON e.account_id = own.id
        AND e.counts_at >= w.starts AND e.counts_at < w.ends AND e.qualifying <> 0
    GROUP BY w.account, w.n
), bought AS (
    SELECT w.account, w.n, sum(o.total_minor - o.refunded_minor) AS spend,
        count(*) FILTER (WHERE o.refunded_minor < o.total_minor) AS orders
    FROM windows w JOIN customers_order o ON {counts_orders} AND o.customer_id = w.customer_id
        AND o.placed_at >= w.starts AND o.placed_at < w.ends AND o.status <> ALL ({not_bought})
    GROUP BY w.account, w.n
), would AS (
    SELECT w.account, max({rank}) AS would FROM windows w
    LEFT JOIN points p ON p.account = w.account AND p.n = w.n
    LEFT JOIN bought b ON b.account = w.account AND b.n = w.n
    GROUP BY w.account
), moves AS (
    SELECT w.account, coalesce(t.rank, 0) AS held, w.would
    FROM would w JOIN loyalty_account a ON a.id = w.account LEFT JOIN loyalty_tier t ON t.id = a.tier_id
)
"""
COUNTS = "SELECT held, would, count(*) FROM moves GROUP BY held, would ORDER BY held DESC, would DESC"
NAMES = (
    "SELECT account, held, would FROM moves WHERE held <> would ORDER BY would - held, account LIMIT {most}"
)
# The day of joining, the same day this year or last: the year of membership that runs at {at}, and the one before.
JOINED = """
CROSS JOIN LATERAL (SELECT (a.joined_at AT TIME ZONE {zone})::date AS day, {today}::date AS today) j
CROSS JOIN LATERAL (SELECT extract(year FROM j.today)::int - extract(year FROM j.day)::int AS years) y
CROSS JOIN LATERAL (
    SELECT y.years - (j.day + make_interval(years => y.years) > j.today)::int AS years
) since
"""
TURN = "(j.day + make_interval(years => since.years + {turn})) AT TIME ZONE {zone}"


@dataclass(frozen=True)
class Flow:
    """How many members hold a tier now and would hold another, or the same; None: no tier."""

    held: Tier | None
    would: Tier | None
    count: int

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 for who stays."""
        ranks = [tier.rank if tier else 0 for tier in (self.held, self.would)]
        return (ranks[1] > ranks[0]) - (ranks[1] < ranks[0])


@dataclass(frozen=True)
class Preview:
    """Who would move: `flows` by tier, and the first `named` of them, those who fall deepest first.

    Up is at once on the day the version begins; down is at the next review, if nothing more is earned until then.
    """

    flows: list[Flow]
    named: list[tuple[Account, Tier | None, Tier | None]]

    @property
    def up(self) -> int:
        return sum(flow.count for flow in self.flows if flow.direction > 0)

    @property
    def down(self) -> int:
        return sum(flow.count for flow in self.flows if flow.direction < 0)


def preview(version: TierSet, *, at: datetime | None = None) -> Preview | None:
    """Who would move if `version` were in force at `at` (default: now); None where it has no tiers yet."""
    ladder = ladder_of_version(version)
    if ladder is None:
        return None
    tiers: dict[int, Tier] = {tier.rank: tier for tier in version.programme.tiers.all()}
    would = _would(ladder, at or clock.now())
    with connection.cursor() as cursor:
        cursor.execute(sql.Composed([would, sql.SQL(COUNTS)]).as_string())
        flows = [Flow(tiers.get(held), tiers.get(new), count) for held, new, count in cursor.fetchall()]
        cursor.execute(sql.Composed([would, sql.SQL(NAMES).format(most=sql.Literal(NAMED))]).as_string())
        rows = cursor.fetchall()
    accounts = Account.objects.select_related("customer").in_bulk([account for account, _held, _new in rows])
    return Preview(flows, [(accounts[pk], tiers.get(held), tiers.get(new)) for pk, held, new in rows])


def _would(ladder: Ladder, at: datetime) -> sql.Composed:
    version, zone = ladder.version, ladder.version.programme.zone
    window = Window.of(
        version.window,
        zone,
        months=version.months,
        starts=(version.year_month, version.year_day),
        joined_at=at,
    )
    by_joining = version.window == TierSet.Window.ANNIVERSARY
    today = at.astimezone(zone).date()
    joined: Any = sql.SQL("")
    if by_joining:
        joined = sql.SQL(JOINED).format(zone=sql.Literal(str(zone)), today=sql.Literal(today))
    return sql.SQL(WOULD).format(
        day_of_joining=joined,
        spans=_turns(str(zone)) if by_joining else _spans(window, at),
        programme=sql.Literal(version.programme_id),
        counts_orders=sql.Literal(ladder.counts_orders),
        not_bought=sql.Literal([str(status) for status in NOT_BOUGHT]),
        rank=_rank(ladder),
    )


def _spans(window: Window, at: datetime) -> sql.Composed:
    rows = []
    for n, ((start, end), _until) in enumerate(window.still_valid(at)):
        first = "-infinity" if start == tier_windows.BEGINNING else start.isoformat()
        last = "infinity" if end == tier_windows.FOR_EVER else end.isoformat()
        row = sql.SQL("({}, {}::timestamptz, {}::timestamptz)")
        rows.append(row.format(sql.Literal(n), sql.Literal(first), sql.Literal(last)))
    return sql.SQL(", ").join(rows)


def _turns(zone: str) -> sql.Composed:
    def turn(years: int) -> sql.Composed:
        return sql.SQL(TURN).format(turn=sql.Literal(years), zone=sql.Literal(zone))

    row = sql.SQL("({}, {}, {})")
    return sql.SQL(", ").join(row.format(sql.Literal(n), turn(n - 1), turn(n)) for n in (0, 1))


def _rank(ladder: Ladder) -> sql.Composed:
    """The highest rank whose criteria are met, as `Ladder.reached` has it."""
    joint = " AND " if ladder.version.needs == TierSet.Needs.ALL else " OR "
    cases = [
        sql.SQL("CASE WHEN {} THEN {} END").format(
            sql.SQL(joint).join(_asked(level)), sql.Literal(level.rank)
        )
        for level in ladder.levels
    ]
    return sql.SQL("greatest(0, {})").format(sql.SQL(", ").join(cases))


def _asked(level: Level) -> list[sql.Composed]:
    return [
        sql.SQL("coalesce({}, 0) >= {}").format(sql.SQL(column), sql.Literal(needed))
        for column, needed in (
            ("p.points", level.points), ("b.spend", level.spend_minor), ("b.orders", level.orders)
        )
        if needed is not None
    ]  # fmt: skip
