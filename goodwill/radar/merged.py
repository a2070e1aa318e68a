"""Given, then accounts merged, then spent, all within a day: how points leave an account that nobody looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F

from customers.models import Merge
from goodwill.radar.facts import Gift, Kind, Sign
from loyalty.models import Entry

WITHIN = timedelta(hours=24)  # from the gift to the spending
SIDES = "kept", "merged"  # whose the ticket is now: the second of who was parted again


def merged(gifts: Collection[Gift], brand: int) -> list[Sign]:
    """Gifts after which the customer was merged with another and spent points, or the voucher, within 24 hours.

    The hours begin when it could be spent, not when it was asked for. Whoever merged and whoever spent: the evidence
    names them, also where the two are parted again. Once is enough. Four questions.
    """
    known = {gift.pk: gift for gift in gifts if gift.given_at is not None}
    given: dict[tuple[int, int], dict[int, Gift]] = defaultdict(dict)
    told: dict[tuple[int, int], dict[str, int | None]] = {}
    for merge, by, request, entry, spent_by in _ways(known.values(), brand):
        if gift := known.get(request):
            pair = gift.agent, gift.customer
            given[pair][gift.pk] = gift
            told[pair] = {"merge": merge, "merged_by": by, "entry": entry, "spent_by": spent_by}
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


def _ways(gifts: Collection[Gift], brand: int) -> Iterator[Any]:
    """Merge, who merged, request, entry (None for a voucher), who spent: in the order in which they were merged."""
    if not gifts:
        return
    since = min(gift.at for gift in gifts)
    for side in SIDES:
        request = f"{side}__tickets__goodwill"
        here: Any = Merge.objects.filter(
            brand=brand, **{f"{request}__brand": brand, f"{request}__asked_at__gte": since}
        )
        at, last = f"{request}__entry__occurred_at", F(f"{request}__entry__occurred_at") + WITHIN
        spent = "kept__account__entries"
        points = here.filter(at__gte=F(at), at__lte=last).filter(
            **{
                f"{spent}__kind": Entry.Kind.REDEEM,
                f"{spent}__occurred_at__gte": F("at"),
                f"{spent}__occurred_at__lte": last,
            }
        )
        yield from points.order_by("pk").values_list("pk", "by", request, spent, f"{spent}__actor")
        gift = f"{request}__redemption"
        at, last = f"{gift}__asked_at", F(f"{gift}__asked_at") + WITHIN
        used = f"{gift}__voucher__used_at"
        vouchers = here.filter(**{"at__gte": F(at), f"{used}__gte": F("at"), f"{used}__lte": last})
        for merge, by, pk, user in vouchers.order_by("pk").values_list(
            "pk", "by", request, f"{gift}__voucher__used_by"
        ):
            yield merge, by, pk, None, user
