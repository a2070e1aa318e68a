"""What the demo's customers bought, and what became of the points: earned, spent, given, ended."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import customers.services
import loyalty.services
from contactcenter.demo import goods
from contactcenter.demo.brands import BRANDS
from contactcenter.demo.customers import Profile
from contactcenter.demo.story import Story
from customers.models import Order
from loyalty import tier_windows
from loyalty.models import Account

POINTS_PER_UNIT = 5
VALIDITY_MONTHS = 24
SETTLED = timedelta(days=60)  # a year younger than this has given nobody a tier yet; the last one has
EAGER_BELOW, ONE_IN, SHORT_OF_SILVER = (
    1450,
    12,
    1350,
)  # points: who, how many of them, and up to where they buy
VOUCHER = 500
LATELY = timedelta(days=40)
SMALL_CHANGE = 16  # units of currency that are not worth an order of their own
# Numbers ascend by date; they are set so that the showcase order bears the one on its ticket.
PREFIX = {"FF": "A-", "AH": "H-"}
SHOWCASE_NUMBER = {"FF": ("parcel-never-came", 20931), "AH": ("lamp-arrived-broken", 50712)}


@dataclass(frozen=True)
class Purchase:
    """An order to be: who, what, when, and the ticket that speaks of it, if any."""

    customer: str
    brand: str
    at: datetime
    skus: tuple[str, ...]
    status: str = ""
    ticket: str = ""

    @property
    def price(self) -> int:
        """In whole units of the brand's currency."""
        return goods.price(self.brand, self.skus)


def counted_year(brand: str, now: datetime) -> tuple[datetime, datetime]:
    """The window [start, end) whose orders give the tiers: this year so far, in its first weeks the last year."""
    zone = ZoneInfo(BRANDS[brand]["time_zone"])
    start, _end = tier_windows.calendar_year(now, zone)
    if now - start >= SETTLED:
        return start, now
    return tier_windows.calendar_year(start - timedelta(days=1), zone)[0], start


def day_months_ago(day: date, months: int) -> date:
    """The day `months` before `day`, the last of its month where there is none; points of then end on `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def of_customer(profile: Profile, spoken_of: list[Purchase], now: datetime) -> list[Purchase]:
    """All orders of one customer: those tickets speak of, and what fills the counted year up to their points."""
    if profile.points is None:
        return spoken_of
    chance = profile.chance
    start, end = counted_year(profile.brand, now)
    begin = max(start, profile.joined)
    budget = profile.points // POINTS_PER_UNIT
    budget -= sum(order.price for order in spoken_of if start <= order.at < end)
    bought = _fill(profile, chance, budget, begin, end - timedelta(days=1))
    if end < now and _is_eager(profile.points):
        bought += _fill(profile, chance, SHORT_OF_SILVER // POINTS_PER_UNIT, end, now)
    since = max(profile.joined, now - timedelta(days=715))
    share = min(1.0, max(timedelta(0), begin - since) / timedelta(days=365))
    if share > 0.1:
        earlier = int(profile.points // POINTS_PER_UNIT * chance.uniform(0.2, 0.7) * share)
        bought += _fill(profile, chance, earlier, since, begin)
    for days in (profile.expiring, -profile.lapsed):
        if days:
            at = _ends_in(profile, now, days)
            bought.append(Purchase(profile.key, profile.brand, at, (_small(profile.brand, chance),)))
    return bought + spoken_of


def _is_eager(points: int) -> bool:
    """Who has bought so much in the first weeks of a year that they stand shortly below Silver already."""
    return points < EAGER_BELOW and points // POINTS_PER_UNIT % ONE_IN == 0


def _fill(
    profile: Profile, chance: random.Random, budget: int, start: datetime, end: datetime
) -> list[Purchase]:
    """Orders within [start, end) that come as close to `budget` (units of currency) as the prices allow."""
    bought = []
    while budget >= SMALL_CHANGE and (basket := _basket(profile.brand, chance, budget)):
        at = start + (end - start) * chance.random()
        bought.append(Purchase(profile.key, profile.brand, at, basket))
        budget -= goods.price(profile.brand, basket)
    return bought


def _basket(brand: str, chance: random.Random, budget: int) -> tuple[str, ...]:
    basket: list[str] = []
    for _ in range(chance.choice((2, 3, 4, 5))):
        left = budget - goods.price(brand, tuple(basket))
        fitting = [good.sku for good in goods.CATALOGUE[brand].values() if good.price <= left]
        if fitting:
            basket.append(chance.choice(fitting))
    return tuple(basket)


def _small(brand: str, chance: random.Random) -> str:
    return chance.choice([good.sku for good in goods.CATALOGUE[brand].values() if 30 <= good.price <= 120])


def _ends_in(profile: Profile, now: datetime, days: int) -> datetime:
    """When an order was placed whose points end `days` from now (negative: have ended)."""
    zone = ZoneInfo(BRANDS[profile.brand]["time_zone"])
    day = day_months_ago((now + timedelta(days=days)).astimezone(zone).date(), VALIDITY_MONTHS)
    return datetime.combine(day, time(11, 20), tzinfo=zone).astimezone(UTC)


def number(bought: list[Purchase]) -> list[tuple[str, Purchase]]:
    """Each order with its number, ascending by date within its brand."""
    numbered = []
    for brand, (ticket, wanted) in SHOWCASE_NUMBER.items():
        ordered = sorted((order for order in bought if order.brand == brand), key=lambda order: order.at)
        showcase = next(rank for rank, order in enumerate(ordered) if order.ticket == ticket)
        first = wanted - showcase
        numbered += [(f"{PREFIX[brand]}{first + rank}", order) for rank, order in enumerate(ordered)]
    return numbered


def plan(
    story: Story,
    profiles: list[Profile],
    numbered: list[tuple[str, Purchase]],
    *,
    given: list[tuple[str, datetime]],
) -> None:
    """Orders are recorded (points follow), points end in their time, some are spent, some given for a birthday.

    `given`: who is given points by somebody else, and when. The orders of a month are recorded many at once, which
    takes a tenth of the time, but for those whose points are moved otherwise in the same month, and the latest.
    """
    members = {profile.key for profile in profiles if profile.points is not None}
    birthdays = _plan_birthdays(story, profiles)
    ends = [
        (order.customer, end_of(order.brand, order.at))
        for _number, order in numbered
        if order.customer in members
    ]
    moved = {(key, _month(at)) for key, at in [*given, *birthdays, *ends]}
    spenders = {profile.key for profile in profiles if profile.spends}
    many: dict[tuple[str, tuple[int, int]], list[tuple[str, Purchase]]] = {}
    for order_number, order in numbered:
        lately = story.now - order.at < LATELY
        if lately or order.customer in spenders or (order.customer, _month(order.at)) in moved:
            story.add(order.at, partial(_record, story, order_number, order))
        else:
            many.setdefault((order.brand, _month(order.at)), []).append((order_number, order))
    for (brand, _of), orders in many.items():
        story.add(max(order.at for _number, order in orders), partial(_record_many, story, brand, orders))
    for key, at in ends:
        if at <= story.now:
            story.add(at, partial(_expire, story, key, at))
    for profile in profiles:
        if profile.spends:
            _plan_spending(story, profile)


def _plan_birthdays(story: Story, profiles: list[Profile]) -> list[tuple[str, datetime]]:
    birthdays = []
    for rank, profile in enumerate(profiles):
        if not profile.spends and profile.points and rank % 8 == 3:
            at = story.now - timedelta(days=5 + rank % 15)
            story.add(at, partial(give, story, profile.key, 200, at=at, source="campaign:birthday"))
            birthdays.append((profile.key, at))
    return birthdays


def _month(at: datetime) -> tuple[int, int]:
    return at.year, at.month


def plan_end(story: Story, key: str, brand: str, at: datetime, *, months: int) -> None:
    """What the customer `key` was given at `at` ends so many months on, if that is over by now."""
    ends = end_of(brand, at, months)
    if ends <= story.now:
        story.add(ends, partial(_expire, story, key, ends))


def end_of(brand: str, at: datetime, months: int = VALIDITY_MONTHS) -> datetime:
    """When points given at `at` end, `months` on."""
    return tier_windows.months_on(at, months, ZoneInfo(BRANDS[brand]["time_zone"]))


def _plan_spending(story: Story, profile: Profile) -> None:
    start, _end = counted_year(profile.brand, story.now)
    begin = max(start, profile.joined)
    for turn, share in enumerate((0.6, 0.9)):
        at = begin + (story.now - begin) * share
        story.add(at, partial(_spend_half, story, profile.key, turn, at))


def give(story: Story, key: str, points: int, *, at: datetime, source: str) -> None:
    """A gift of `points` to the customer `key` that lives one month and counts nothing towards tiers."""
    loyalty.services.earn(
        account_of(story, key), points, contra="issue.campaign", by=None, key=f"demo:{key}:{source}", at=at,
        months=1, source=source, reason=source.partition(":")[2],
    )  # fmt: skip


def spend(story: Story, key: str, points: int, *, at: datetime, turn: int) -> None:
    """The customer turns `points` into a voucher in the shop at `at`."""
    loyalty.services.redeem(
        account_of(story, key), points, by=None, key=f"demo:{key}:voucher:{turn}", at=at,
        source=f"voucher:{points // 100}", reason="voucher",
    )  # fmt: skip


def account_of(story: Story, key: str) -> Account:
    """The account as it stands at this point of the story."""
    return Account.objects.get(customer=story.customers[key])


def _spend_half(story: Story, key: str, turn: int, at: datetime) -> None:
    points = account_of(story, key).available // 2 // VOUCHER * VOUCHER
    if points:
        spend(story, key, points, at=at, turn=turn)


def _expire(story: Story, key: str, at: datetime) -> None:
    loyalty.services.expire(account_of(story, key), at=at)


def _record(story: Story, order_number: str, order: Purchase) -> None:
    customers.services.record_order(
        story.customers[order.customer],
        order_number,
        lines=[goods.line(order.brand, sku) for sku in order.skus],
        placed_at=order.at,
        status=order.status or _status(story.now - order.at),
    )


def _record_many(story: Story, brand: str, orders: list[tuple[str, Purchase]]) -> None:
    rows = [
        customers.services.many.Purchase(
            number=order_number,
            customer=story.customers[order.customer].pk,
            placed_at=order.at,
            lines=[goods.line(order.brand, sku) for sku in order.skus],
            status=order.status or _status(story.now - order.at),
        )
        for order_number, order in orders
    ]
    customers.services.record_orders(story.brands[brand], rows)


def _status(age: timedelta) -> str:
    if age < timedelta(days=2):
        return Order.Status.PLACED
    return Order.Status.SHIPPED if age < timedelta(days=6) else Order.Status.DELIVERED
