"""Given, then accounts merged, then spent, all within a day: how points leave an account that nobody looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta

from django.db.models import F

from customers.models import Merge
from goodwill.radar.facts import Gift, Kind, Sign
from loyalty.models import Entry

WITHIN = timedelta(hours=24)  # from the gift to the spending


def merged(gifts: Collection[Gift], brand: int) -> list[Sign]:
    """Gifts after which the customer was merged with another and points were spent within 24 hours.

    Whoever merged and whoever spent: the evidence names them. Once is enough. One question.
    """
    if not gifts:
        return []
    merges = Merge.objects.filter(
        brand=brand,
        kept__tickets__goodwill__brand=brand,
        kept__tickets__goodwill__asked_at__gte=min(gift.at for gift in gifts),
        at__gte=F("kept__tickets__goodwill__asked_at"),
        at__lte=F("kept__tickets__goodwill__asked_at") + WITHIN,
        kept__account__entries__kind=Entry.Kind.REDEEM,
        kept__account__entries__occurred_at__gte=F("at"),
        kept__account__entries__occurred_at__lte=F("kept__tickets__goodwill__asked_at") + WITHIN,
    )
    rows = merges.order_by("pk").values_list(
        "pk", "by", "kept__tickets__goodwill", "kept__account__entries", "kept__account__entries__actor"
    )
    known = {gift.pk: gift for gift in gifts}
    given: dict[tuple[int, int], dict[int, Gift]] = defaultdict(dict)
    told: dict[tuple[int, int], dict[str, int | None]] = {}
    for merge, by, request, entry, actor in rows:
        if gift := known.get(request):
            pair = gift.agent, gift.customer
            given[pair][gift.pk] = gift
            told[pair] = {"merge": merge, "merged_by": by, "entry": entry, "spent_by": actor}
    return [
        Sign(
            Kind.MERGED,
            agent,
            tuple(rows.values()),
            {**told[agent, customer], "hits": len(rows)},
            customer=customer,
        )
        for (agent, customer), rows in given.items()
    ]
