"""What members have done towards a tier: the version in force, what counts in a window, and the tier that gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from customers.models import Order
from loyalty import tier_rules
from loyalty.models import Account, Criterion, Programme, Tier, TierSet
from loyalty.tier_rules import Level, Measures
from loyalty.tier_windows import Span, Window

NOT_BOUGHT = (Order.Status.CANCELLED, Order.Status.RETURNED)
# Each pair of account and window is one range of the index on what qualifies; a merged account counts for its heir.
# Whose points count is an array beforehand: the planner has no other way then, whatever it believes of a young table.
POINTS = """
WITH asked AS MATERIALIZED (
    SELECT n, starts, ends, account || ARRAY(
        WITH RECURSIVE merged AS (
            SELECT id FROM loyalty_account WHERE merged_into_id = account
            UNION ALL SELECT m.id FROM merged JOIN loyalty_account m ON m.merged_into_id = merged.id
        ) SELECT id FROM merged
    ) AS own
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS w(account, starts, ends, n)
)
SELECT 'points', n, sum(e.qualifying), 0 FROM asked JOIN loyalty_entry e
    ON e.account_id = ANY (own) AND e.counts_at >= starts AND e.counts_at < ends AND e.qualifying <> 0
GROUP BY n
"""
BOUGHT = """
UNION ALL
SELECT 'bought', w.n, sum(o.total_minor - o.refunded_minor), count(*) FILTER (WHERE o.refunded_minor < o.total_minor)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS w(account, starts, ends, n)
JOIN loyalty_account a ON a.id = w.account
JOIN customers_order o ON o.customer_id = a.customer_id AND o.placed_at >= w.starts AND o.placed_at < w.ends
    AND o.status <> ALL (%s)
GROUP BY w.n
"""


@dataclass(frozen=True)
class Ladder:
    """The version of a programme's tiers that is in force: its rules, and its tiers by rank."""

    version: TierSet
    levels: tuple[Level, ...]
    tiers: Mapping[int, Tier]

    @property
    def counts_orders(self) -> bool:
        return any(level.spend_minor is not None or level.orders is not None for level in self.levels)

    def window(self, account: Account) -> Window:
        """The window of this member; its programme must be loaded."""
        return Window.of(
            self.version.window,
            account.programme.zone,
            months=self.version.months,
            starts=(self.version.year_month, self.version.year_day),
            joined_at=account.joined_at,
        )

    def reached(self, measures: Measures) -> int:
        """The highest rank these measures reach, 0 for none."""
        return tier_rules.reached(self.levels, measures, all_of_them=self.version.needs == TierSet.Needs.ALL)

    def ends(self, rank: int, valid_until: datetime | None) -> datetime | None:
        """When a tier of this rank is to be reviewed: never, where it is open to all or no tier at all."""
        level = next((level for level in self.levels if level.rank == rank), None)
        return None if level is None or level.is_open_to_all else valid_until


@dataclass(frozen=True)
class Standing:
    """What was counted in a window, the rank it reaches, and how long that is held (None: for ever)."""

    rank: int
    valid_until: datetime | None
    span: Span
    measures: Measures

    def snapshot(self, version: TierSet) -> dict[str, Any]:
        """The facts for the history, as JSON."""
        return {
            "version": version.version,
            "from": self.span[0].isoformat(),
            "to": self.span[1].isoformat(),
            "points": self.measures.points,
            "spend_minor": self.measures.spend_minor,
            "orders": self.measures.orders,
        }


def ladder_of(programme: Programme, at: datetime) -> Ladder | None:
    """The ladder that is in force at the instant `at`; None where the programme has no tiers then. One query."""
    version = TierSet.objects.in_force(programme, at)
    return _ladder(Criterion.objects.filter(tier_set=version.values("pk")))


def ladder_of_version(version: TierSet) -> Ladder | None:
    """The ladder of one version, in force or not."""
    return _ladder(Criterion.objects.filter(tier_set=version))


def _ladder(criteria: Any) -> Ladder | None:
    rows: list[Criterion] = list(criteria.select_related("tier", "tier_set").order_by("tier__rank"))
    if not rows:
        return None
    levels = tuple(Level(row.tier.rank, row.qualifying_points, row.spend_minor, row.orders) for row in rows)
    return Ladder(rows[0].tier_set, levels, {row.tier.rank: row.tier for row in rows})


def entry_tier(programme: Programme, at: datetime) -> Tier | None:
    """The tier that members begin with: the highest that is open to all."""
    ladder = ladder_of(programme, at)
    return ladder.tiers.get(ladder.reached(Measures())) if ladder else None


def measure(ladder: Ladder, asked: Sequence[tuple[int, Span]]) -> list[Measures]:
    """What each of these accounts (ids) did in the window beside it. One query."""
    if not asked:
        return []
    arrays: list[Any] = [
        [one[0] for one in asked],
        [one[1][0] for one in asked],
        [one[1][1] for one in asked],
    ]
    statement, parameters = POINTS, arrays
    if ladder.counts_orders:
        statement, parameters = POINTS + BOUGHT, [*arrays, *arrays, list(NOT_BOUGHT)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = {(what, int(n)): (int(total), int(orders)) for what, n, total, orders in cursor.fetchall()}
    return [
        Measures(found.get(("points", n), (0, 0))[0], *found.get(("bought", n), (0, 0)))
        for n in range(1, len(asked) + 1)
    ]


def standings(ladder: Ladder, asked: Sequence[tuple[Account, Span, datetime | None]]) -> list[Standing]:
    """The standing of each account in the window beside it, and until when that window gives a tier."""
    measured = measure(ladder, [(account.pk, span) for account, span, _until in asked])
    found = []
    for (_account, span, until), measures in zip(asked, measured, strict=True):
        rank = ladder.reached(measures)
        found.append(Standing(rank, ladder.ends(rank, until), span, measures))
    return found


def best(found: Sequence[Standing]) -> Standing:
    """The one that reaches highest and, of equals, is held longest."""
    return max(found, key=lambda one: (one.rank, one.valid_until is None, one.valid_until or one.span[0]))


def standings_at(ladder: Ladder, accounts: Sequence[Account], at: datetime) -> list[Standing]:
    """What a review of each account at `at` finds: the best of the windows whose tiers are still held then."""
    asked = [
        (account, span, until)
        for account in accounts
        for span, until in ladder.window(account).still_valid(at)
    ]
    found: dict[int, list[Standing]] = {}
    for (account, _span, _until), standing in zip(asked, standings(ladder, asked), strict=True):
        found.setdefault(account.pk, []).append(standing)
    return [best(found[account.pk]) for account in accounts]
