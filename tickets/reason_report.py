"""How many tickets each reason brought, what their customers are worth, by tier, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from agents.models import Brand
from loyalty.models import Tier
from tickets.models import ContactReason, Queue
from tickets.models.reasons import picture_of

YEAR = timedelta(days=365)  # as the customer’s pane counts what was spent in twelve months
ALL, NONE = 0, -1  # instead of a reason's id: every ticket, and those without a reason
# The tickets of the period by the index over (brand, resolved_at); each counts for its reason, all above it, and ALL.
SOLVED = """
WITH RECURSIVE up AS (
    SELECT id AS reason, id AS above, parent_id FROM tickets_contactreason WHERE brand_id = %(brand)s
    UNION ALL
    SELECT up.reason, r.id, r.parent_id FROM up JOIN tickets_contactreason r ON r.id = up.parent_id
), solved AS MATERIALIZED (
    SELECT customer_id, coalesce(reason_id, -1) AS reason, coalesce(resolved_tier_id, 0) AS tier,
        extract(epoch FROM resolved_at - opened_at) AS seconds
    FROM tickets_ticket
    WHERE brand_id = %(brand)s AND resolved_at >= %(since)s AND resolved_at < %(until)s
        AND resolved_at IS NOT NULL AND (%(queue)s::bigint IS NULL OR queue_id = %(queue)s)
), counted AS (
    SELECT up.above AS reason, tier, customer_id, seconds FROM solved JOIN up USING (reason)
    UNION ALL SELECT -1, tier, customer_id, seconds FROM solved WHERE reason = -1
    UNION ALL SELECT 0, tier, customer_id, seconds FROM solved
)
"""
VOLUME = "".join(
    [
        SOLVED,
        """
SELECT reason, tier, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
FROM counted GROUP BY GROUPING SETS ((reason), (reason, tier))
""",
    ]
)
VALUE = "".join(
    [
        SOLVED,
        """
, worth AS (
    SELECT customer_id, sum(total_minor - refunded_minor) AS minor FROM customers_order
    WHERE customer_id IN (SELECT customer_id FROM solved) AND status <> 'cancelled'
        AND placed_at >= %(year_before)s AND placed_at < %(until)s
    GROUP BY customer_id
), people AS (
    SELECT reason, tier, customer_id FROM counted
    GROUP BY GROUPING SETS ((reason, customer_id), (reason, tier, customer_id))
)
SELECT reason, tier, count(*), coalesce(sum(minor), 0)
FROM people LEFT JOIN worth USING (customer_id) GROUP BY reason, tier
""",
    ]
)


@dataclass
class Figures:
    """Tickets, how many customers they are of, what those spent (minor units), and the median of seconds taken."""

    tickets: int = 0
    customers: int = 0
    value_minor: int = 0
    median_seconds: int = 0


@dataclass
class Row:
    """A reason with its place in the tree, or all tickets, or those without one; in `tiers` the same by tier."""

    name: str
    label: str
    depth: int
    total: Figures
    tiers: list[tuple[str, Figures]] = field(default_factory=list)


def report(brand: Brand, *, since: datetime, until: datetime, queue: Queue | None = None) -> list[Row]:
    """The tickets of `brand` that were resolved from `since` to before `until` (UTC), all of them first.

    A reason counts what lies under it, too. The value is what the customers of these tickets spent in the 365 days
    before `until`, cancelled orders and refunds left out: each customer once in a row. The tier is that of the
    instant in which the ticket was resolved. Four questions, however many reasons and tickets.
    """
    asked = {
        "brand": brand.pk, "since": since, "until": until, "queue": queue.pk if queue else None,
        "year_before": until - YEAR,
    }  # fmt: skip
    found: dict[tuple[int, int | None], Figures] = {}
    for reason, tier, count, median in _rows(VOLUME, asked):
        found[reason, tier] = Figures(tickets=count, median_seconds=round(median))
    for reason, tier, count, minor in _rows(VALUE, asked):
        figures = found[reason, tier]
        figures.customers, figures.value_minor = count, int(minor)
    tiers = list(Tier.objects.filter(programme__brand=brand).order_by("-rank").values_list("pk", "name"))
    reasons = picture_of(list(ContactReason.objects.filter(brand=brand).with_parents()))
    places = [(one.pk, path, one.label, one.depth) for one, path in reasons]
    everything = [
        (ALL, _("All tickets"), _("All tickets"), 0),
        *places,
        (NONE, _("No reason"), _("No reason"), 1),
    ]
    return [
        Row(name, label, depth, found[pk, None], _by_tier(found, pk, [*tiers, (0, _("no tier"))]))
        for pk, name, label, depth in everything
        if (pk, None) in found
    ]


def _by_tier(
    found: dict[tuple[int, int | None], Figures], reason: int, tiers: list[tuple[int, str]]
) -> list[tuple[str, Figures]]:
    return [(name, found[reason, tier]) for tier, name in tiers if (reason, tier) in found]


def _rows(sql: str, asked: dict[str, Any]) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        yield from cursor.fetchall()
