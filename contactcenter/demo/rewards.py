"""What the demo's customers can have for their points: the catalogues of both brands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from loyalty.models import Programme, Reward

CONFIRM_ABOVE = 2500  # points; above, the customer reads out a code
VOUCHER = "Here is your voucher {code} for {name}. It can be used once, until {until}."
SHIPPED = "{name} is on its way to you, with our thanks."


class Offer(NamedTuple):
    """A reward of the catalogue; `ends` in days from the day the demo is told, None for one that stays."""

    code: str
    name: str
    points: int | None
    tiers: dict[str, int]
    stock: int | None
    kind: str = Reward.Kind.VOUCHER
    ends: int | None = None


CATALOGUE = {
    "FF": [
        Offer("free-delivery", "Free delivery", 300, {"gold": 200, "platinum": 100}, None),
        Offer("tote-bag", "Linen tote bag", 400, {}, 38, Reward.Kind.SHIPPED),
        Offer("voucher-5", "€5 voucher", 500, {}, None),
        Offer("candle-box", "Advent candles, box of four", 800, {"gold": 650}, 3, Reward.Kind.SHIPPED, 32),
        Offer("voucher-10", "€10 voucher", 1000, {"platinum": 900}, None),
        Offer("knife-care", "Knife sharpening for a year", 1800, {}, None),
        Offer("voucher-25", "€25 voucher", 2500, {"platinum": 2250}, None),
        Offer("wool-throw", "Wool throw, fjord blue", 4500, {"gold": 4290, "platinum": 3900}, 6, Reward.Kind.SHIPPED),
        Offer("styling-hour", "An hour with our interior stylist", None, {"gold": 3000, "platinum": 1500}, 12),
    ],
    "AH": [
        Offer("free-delivery", "Free delivery", 300, {"gold": 150, "platinum": 100}, None),
        Offer("bulb-set", "Warm light bulbs, set of three", 450, {}, 60, Reward.Kind.SHIPPED),
        Offer("voucher-5", "£5 voucher", 500, {}, None),
        Offer("voucher-10", "£10 voucher", 1000, {"platinum": 900}, None),
        Offer("collection", "Collection of an old armchair", 1200, {"gold": 900}, None, Reward.Kind.VOUCHER, 45),
        Offer("cushion", "Moor cushion, moss", 1900, {}, 4, Reward.Kind.SHIPPED),
        Offer("voucher-25", "£25 voucher", 2500, {"platinum": 2250}, None),
        Offer("assembly", "Assembly at home, two hours", 3200, {"platinum": 2400}, None),
        Offer("preview-evening", "Preview evening for two", None, {"platinum": 800}, 10),
    ],
}  # fmt: skip


def stock(programme: Programme, now: datetime) -> None:
    """Write the catalogue of a programme down as it is offered at `now`."""
    programme.confirm_above = CONFIRM_ABOVE
    programme.save(update_fields=["confirm_above"])
    for rank, entry in enumerate(CATALOGUE[programme.brand.code]):
        sentence = VOUCHER if entry.kind == Reward.Kind.VOUCHER else SHIPPED
        Reward.objects.create(
            brand=programme.brand,
            programme=programme,
            code=entry.code,
            name=entry.name,
            sentence=sentence.replace("{name}", entry.name),
            kind=entry.kind,
            points=entry.points,
            tier_prices=entry.tiers,
            stock=entry.stock,
            ends_at=now + timedelta(days=entry.ends) if entry.ends else None,
            rank=rank,
        )
