"""Maria Rossi, whom a visitor sees first: Gold, 4,210 points, 500 of them about to end, 790 to Platinum.

Her figures are exact whatever the day; only the 790 need a year that is at least 60 days old.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from contactcenter.demo import purchases
from contactcenter.demo.brands import BRANDS
from contactcenter.demo.purchases import Purchase
from contactcenter.demo.story import Story

MARIA = "maria-rossi"
TICKET = "parcel-never-came"
# 7,150 points less the 300 of the order her ticket speaks of; where in the counted year each was placed.
THIS_YEAR = [
    (0.05, ("oak-side-table",)),
    (0.16, ("wool-throw",)),
    (0.27, ("floor-lamp",)),
    (0.38, ("cast-iron-pot", "candles")),
    (0.49, ("linen-curtains",)),
    (0.58, ("towels", "carafe")),
    (0.67, ("cutlery",)),
    (0.78, ("beech-stool",)),
    (0.92, ("linen-duvet",)),
]
BEFORE = [
    (230, ("kettle",)),
    (190, ("mugs", "napkins")),
    (150, ("pillow",)),
    (90, ("shelf", "vase")),
    (40, ("vase",)),
]  # days before the counted year


def joined(now: datetime) -> datetime:
    """She has been a member for two and a half years."""
    return now - timedelta(days=975)


def bought(now: datetime) -> list[Purchase]:
    """All her orders but the one that never came."""
    start, end = purchases.counted_year("FF", now)
    end = min(end, now - timedelta(days=13))
    orders = [Purchase(MARIA, "FF", start + (end - start) * share, skus) for share, skus in THIS_YEAR]
    return orders + [Purchase(MARIA, "FF", start - timedelta(days=days), skus) for days, skus in BEFORE]


def plan(story: Story) -> None:
    """She spends three times, and is given 500 points that end nine days from now."""
    start, end = purchases.counted_year("FF", story.now)
    early = start + (min(end, story.now - timedelta(days=30)) - start) * 0.6
    last = story.now - timedelta(days=24)
    for turn, (at, points) in enumerate([(early, 2000), (last, 3000), (last + timedelta(hours=5), 500)]):
        story.add(at, partial(purchases.spend, story, MARIA, points, at=at, turn=turn))
    zone = ZoneInfo(BRANDS["FF"]["time_zone"])
    day = purchases.day_months_ago((story.now + timedelta(days=9)).astimezone(zone).date(), 1)
    at = datetime.combine(day, time(9), tzinfo=zone).astimezone(UTC)
    story.add(at, partial(purchases.give, story, MARIA, 500, at=at, source="campaign:name-day"))
