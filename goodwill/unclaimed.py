"""What became of the points that were given: spent, ended, taken back, or still there and never spent.

Read from lots and what used them, also where the points went on: to another account by a transfer or a merge, into a
lot of its own when a spend was undone after its end. A lot that went on is found by the entry that opened it, so what
is read grows with what was given in the time asked for, and with nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from agents.models import Brand

# Every lot the points of a grant are, or were, in: the one it opened, and those that went on from it.
KIN = """
WITH RECURSIVE born AS MATERIALIZED (
    SELECT lot.id AS lot, lot.granted, request.reason_id AS reason,
        date_trunc('month', request.asked_at AT TIME ZONE %(zone)s)::date AS month
    FROM goodwill_request AS request
    JOIN loyalty_lot AS lot ON lot.entry_id = request.entry_id AND lot.origin_id IS NULL
    WHERE request.brand_id = %(brand)s AND request.asked_at >= %(since)s AND request.asked_at < %(until)s
        AND request.state IN ('posted', 'undone', 'reversed')
), kin AS (
    SELECT born.lot AS root, born.lot, 0 AS restored, NULL::varchar AS undone FROM born
    UNION
    SELECT kin.root, heir.id, heir.granted, heir.undone
    FROM kin JOIN loyalty_lotuse AS used ON used.lot_id = kin.lot JOIN loyalty_entry AS took ON took.id = used.entry_id
    CROSS JOIN LATERAL (
        SELECT next.id, 0 AS granted, NULL::varchar AS undone
        FROM loyalty_entry AS came JOIN loyalty_lot AS next ON next.entry_id = came.id
        WHERE took."group" <> '' AND came."group" = took."group" AND next.origin_id = kin.lot
        UNION ALL
        SELECT next.id, next.granted, took.kind
        FROM loyalty_entry AS back JOIN loyalty_lot AS next ON next.entry_id = back.id
        WHERE back.reverses_id IS NOT NULL AND back.reverses_id = took.id AND next.origin_id = kin.lot
    ) AS heir
), flows AS (
    SELECT kin.root, lot.remaining AS open, -kin.restored * (kin.undone = 'redeem')::int AS spent,
        -kin.restored * (kin.undone = 'expire')::int AS expired
    FROM kin JOIN loyalty_lot AS lot ON lot.id = kin.lot
    UNION ALL
    SELECT kin.root, 0, used.points * ('redeem' IN (took.kind, was.kind))::int,
        used.points * ('expire' IN (took.kind, was.kind))::int
    FROM kin JOIN loyalty_lotuse AS used ON used.lot_id = kin.lot JOIN loyalty_entry AS took ON took.id = used.entry_id
    LEFT JOIN loyalty_entry AS was ON was.id = took.reverses_id
), sums AS (
    SELECT root, sum(open) AS open, sum(coalesce(spent, 0)) AS spent, sum(coalesce(expired, 0)) AS expired
    FROM flows GROUP BY root
)
SELECT reason.label, born.month, count(*), sum(born.granted), sum(sums.spent), sum(sums.expired), sum(sums.open)
FROM born JOIN sums ON sums.root = born.lot JOIN goodwill_reason AS reason ON reason.id = born.reason
GROUP BY reason.label, born.month ORDER BY born.month, reason.label
"""


@dataclass(frozen=True)
class Row:
    """The grants of one reason in one month, in points: `granted`, and of it `spent`, `expired` and still `open`."""

    reason: str
    month: date
    grants: int
    granted: int
    spent: int
    expired: int
    open: int

    @property
    def gone(self) -> int:
        """What was taken back, or paid a debt."""
        return self.granted - self.spent - self.expired - self.open

    @property
    def unclaimed(self) -> int:
        """What was never spent: still there, or ended."""
        return self.open + self.expired

    @property
    def percent(self) -> int:
        """How much of what was not taken back was never spent, 0 to 100."""
        kept = self.granted - self.gone
        return self.unclaimed * 100 // kept if kept > 0 else 0


def unclaimed(brand: Brand, *, since: datetime, until: datetime) -> list[Row]:
    """What became of the points asked for in [since, until) and given, by reason and month of the brand's time zone.

    As it stands now. One question, however many were given.
    """
    asked: dict[str, Any] = {"brand": brand.pk, "zone": brand.time_zone, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(KIN, asked)
        rows = cursor.fetchall()
    return [Row(reason, month, *(int(figure) for figure in figures)) for reason, month, *figures in rows]


def total(rows: list[Row]) -> Row:
    """All of them together."""
    sums = [
        sum(getattr(row, name) for row in rows) for name in ("grants", "granted", "spent", "expired", "open")
    ]
    return Row("", min((row.month for row in rows), default=date.min), *sums)
