"""What customers chose where they were offered a choice: in all, by reason, by tier, and by both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from agents.models import Brand
from goodwill.models import Reason, Remedy
from loyalty.models import Tier

KINDS: list[str] = list(Remedy.Kind.values)
COUNTED = ", ".join(
    f"count(*) FILTER (WHERE '{kind}' = ANY(on_offer)), count(*) FILTER (WHERE kind = '{kind}' AND state = 'chosen')"
    for kind in KINDS
)
CHOICES = f"""
WITH sent AS MATERIALIZED (
    SELECT o.id, o.state, r.reason_id, coalesce(o.tier_id, 0) AS tier, chosen.kind,
        CASE WHEN r.state = 'posted' THEN r.points ELSE 0 END AS points
    FROM goodwill_offer o JOIN goodwill_request r ON r.id = o.request_id
        LEFT JOIN goodwill_remedy chosen ON chosen.id = o.chosen_id
    WHERE o.brand_id = %(brand)s AND o.sent_at >= %(since)s AND o.sent_at < %(until)s
), offered AS (
    SELECT sent.*, ARRAY(SELECT m.kind FROM goodwill_remedy m WHERE m.offer_id = sent.id) AS on_offer FROM sent
)
SELECT reason_id, tier, count(*), count(*) FILTER (WHERE state = 'chosen'),
    count(*) FILTER (WHERE state = 'defaulted'), count(*) FILTER (WHERE state = 'open'),
    count(*) FILTER (WHERE state = 'withdrawn'), sum(points), {COUNTED}
FROM offered GROUP BY GROUPING SETS ((), (reason_id), (tier), (reason_id, tier))
"""  # noqa: S608  our own words


@dataclass(frozen=True)
class Choices:
    """Offers that were `sent`, what became of them, and the points that were given; of each kind of remedy, on how
    many it was offered and by how many it was chosen. What the default gave was chosen by nobody.
    """

    sent: int = 0
    chosen: int = 0
    defaulted: int = 0
    open: int = 0
    withdrawn: int = 0
    points: int = 0
    kinds: tuple[tuple[int, int], ...] = ((0, 0),) * len(KINDS)


@dataclass(frozen=True)
class Chosen:
    """All of it, and rows of (reason, tier, figures), of those with the most offers first; "" stands for any."""

    total: Choices
    by_reason: list[tuple[str, str, Choices]]
    by_tier: list[tuple[str, str, Choices]]
    by_both: list[tuple[str, str, Choices]]

    @property
    def rows(self) -> list[tuple[str, str, Choices]]:
        return [("", "", self.total), *self.by_reason, *self.by_tier, *self.by_both]


def choices(brand: Brand, *, since: datetime, until: datetime) -> Chosen:
    """What became of the offers of `brand` that were sent from `since` to before `until`; the tier is that of then.

    Three questions, however many offers.
    """
    asked: dict[str, Any] = {"brand": brand.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(CHOICES, asked)
        rows = cursor.fetchall()
    reasons = {row.pk: row.label for row in Reason.objects.filter(pk__in={row[0] for row in rows})}
    tiers = {row.pk: row.name for row in Tier.objects.filter(pk__in={row[1] for row in rows})}
    found: dict[tuple[bool, bool], list[tuple[str, str, Choices]]] = {}
    for reason, tier, *figures in rows:
        by = (reason is not None, tier is not None)
        names = (reasons[reason] if by[0] else "", tiers.get(tier, _("none")) if by[1] else "")
        found.setdefault(by, []).append((*names, _figures([int(figure or 0) for figure in figures])))
    for part in found.values():
        part.sort(key=lambda row: (-row[2].sent, row[:2]))
    ((_any, _all, total),) = found[False, False]
    by_one = found.get((True, False), []), found.get((False, True), [])
    return Chosen(total, *by_one, found.get((True, True), []))


def _figures(figures: list[int]) -> Choices:
    sent, chosen, defaulted, still_open, withdrawn, points, *kinds = figures
    pairs = tuple(zip(kinds[::2], kinds[1::2], strict=True))
    return Choices(sent, chosen, defaulted, still_open, withdrawn, points, pairs)
