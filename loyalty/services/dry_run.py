"""What a version of a rule would have given on the orders of the last days, before it goes live. Nothing is written."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from contactcenter import clock
from customers.models import Order, OrderLine
from loyalty import earning
from loyalty.earning import Line, Terms
from loyalty.models import Account, EarningRule, Entry, PendingGrant, Referral, RuleVersion
from loyalty.rulebook import Rule, Rulebook, terms_of
from loyalty.services.earning import FIRST_CODE
from loyalty.services.orders import EARNING_NOTHING, earn_key
from loyalty.services.referral_points import SIDES, points_key
from loyalty.services.referrals import heirs_by_account

DAYS = 90
MOST_ORDERS = 50_000  # the newest; so many take some seconds
AT_A_TIME = 2_000
SHOWN = 10


@dataclass
class Sums:
    """Orders, the points this rule gave for them, and what the version would have given."""

    orders: int = 0
    given: int = 0
    would: int = 0

    @property
    def difference(self) -> int:
        return self.would - self.given

    def add(self, given: int, would: int) -> None:
        self.orders += 1
        self.given += given
        self.would += would


@dataclass
class DryRun:
    """The figures of all orders, by the tier their buyer holds now, and the ten orders most affected.

    `most` holds (how much, order number, given, would), the most first; `is_cut` says that there were more orders
    than are looked at.
    """

    since: datetime
    total: Sums = field(default_factory=Sums)
    tiers: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    most: list[tuple[int, str, int, int]] = field(default_factory=list)
    is_cut: bool = False


def dry_run(version: RuleVersion, *, at: datetime | None = None) -> DryRun | None:
    """What `version` would have given in the `DAYS` before `at`, held against what its rule gave.

    None for an event that leaves nothing to run over; of a referral the order counts that decided it. Whole orders
    count, as they were placed, with the campaigns of then and the tiers of now; caps count from the first of these
    days on.
    """
    event = version.rule.event
    if event != EarningRule.Event.ORDER and event not in SIDES.values():
        return None
    since = (at or clock.now()) - timedelta(days=DAYS)
    programme = version.rule.programme
    run, terms = DryRun(since), terms_of(version)
    rules = Rulebook.of([programme.pk], event).of_programme(programme.pk)
    rule = next((rule for rule in rules if rule.code == terms.rule), Rule(terms.rule))
    used: dict[Any, int] = defaultdict(int)
    if event != EarningRule.Event.ORDER:
        _over_referrals(run, version, terms, rule, until=at or clock.now(), used=used)
        run.most.sort(reverse=True)
        return run
    for orders in _batches(programme.brand_id, since, at or clock.now(), run):
        accounts = _buyers(orders)
        given, lines = _given(orders, terms.rule), _lines(orders, terms)
        for order in orders:
            account = accounts.get(order.customer_id)
            if account is None:
                continue
            day = order.placed_at.astimezone(programme.zone).date()
            would = _would(terms, rule, order, account, lines[order.pk], used=used, day=day)
            _count(run, order, account, given.get(order.pk, 0), would)
    run.most.sort(reverse=True)
    return run


def _batches(brand: int, since: datetime, until: datetime, run: DryRun) -> Iterator[list[Order]]:
    """The orders since then, in the sequence of their days: the newest of them where there are too many."""
    rows = Order.objects.filter(brand=brand, placed_at__gte=since, placed_at__lte=until)
    rows = rows.exclude(status__in=EARNING_NOTHING)
    ids = list(rows.order_by("-placed_at", "-id").values_list("pk", flat=True)[: MOST_ORDERS + 1])
    run.is_cut = len(ids) > MOST_ORDERS
    ids = ids[:MOST_ORDERS][::-1]
    for start in range(0, len(ids), AT_A_TIME):
        found = Order.objects.in_bulk(ids[start : start + AT_A_TIME])
        yield [found[pk] for pk in ids[start : start + AT_A_TIME] if pk in found]


def _buyers(orders: Sequence[Order]) -> dict[int, Account]:
    rows = Account.objects.filter(customer__in={order.customer_id for order in orders}).select_related("tier")
    return {account.customer_id: account for account in rows}


def _given(orders: Sequence[Order], rule: str) -> dict[int, int]:
    """What the rule gave for each order (id), pending or owned; refunds do not matter here."""
    return _told({earn_key(order): order.pk for order in orders}, rule)


def _told(keys: dict[str, int], rule: str) -> dict[int, int]:
    """What the rule gave under each of these keys, by what they stand for."""
    rows: list[tuple[str, Any, int]] = []
    rows += Entry.objects.filter(key__one_of=list(keys)).values_list("key", "breakdown", "points")
    rows += PendingGrant.objects.filter(key__one_of=list(keys)).values_list("key", "breakdown", "granted")
    given = {}
    for key, told, points in rows:
        before_rules = points if "points_per_unit" in told and rule == FIRST_CODE else 0
        parts = [part["points"] for part in told.get("rules", []) if part["rule"] == rule]
        given[keys[key]] = before_rules + sum(parts)
    return given


def _lines(orders: Sequence[Order], terms: Terms) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    if terms.looks_at_lines:
        for line in OrderLine.objects.filter(order__in=[order.pk for order in orders]):
            found[line.order_id].append(Line(line.sku, line.category, line.amount_minor))
    for order in orders:
        found[order.pk] = found[order.pk] or [Line("", "", order.total_minor)]
    return found


def _over_referrals(
    run: DryRun, version: RuleVersion, terms: Terms, rule: Rule, *, until: datetime, used: Any
) -> None:
    """The same over the referrals whose deciding order was placed in these days, for one side of them."""
    side = next(side for side, event in SIDES.items() if event == version.rule.event)
    programme = version.rule.programme
    rows = Referral.objects.filter(brand=programme.brand_id, order__placed_at__gte=run.since)
    rows = rows.filter(order__placed_at__lte=until, why__in=["", Referral.Why.NO_RULE])
    rows = rows.select_related("order").order_by("-order__placed_at", "-pk")
    found = list(rows[: MOST_ORDERS + 1])
    run.is_cut = len(found) > MOST_ORDERS
    found = found[:MOST_ORDERS][::-1]
    given = _told({points_key(referral, side): referral.pk for referral in found}, terms.rule)
    lines = _lines([referral.order for referral in found if referral.order], terms)
    heirs = heirs_by_account({getattr(referral, f"{side}_id") for referral in found})
    accounts = Account.objects.select_related("tier").filter(pk__one_of=list({*heirs.values()})).in_bulk()
    for referral in found:
        order, account = referral.order, accounts[heirs[getattr(referral, f"{side}_id")]]
        if order is None:
            continue
        day = order.placed_at.astimezone(programme.zone).date()
        would = _would(terms, rule, order, account, lines[order.pk], used=used, day=day, once=True)
        _count(run, order, account, given.get(referral.pk, 0), would)


def _would(
    terms: Terms,
    rule: Rule,
    order: Order,
    account: Account,
    lines: Sequence[Line],
    *,
    used: Any,
    day: date,
    once: bool = False,
) -> int:
    """What the version gives for the order, or `once` for an event that the order decided."""
    if (terms.channels and order.channel not in terms.channels) or (
        once and not earning.is_enough(terms, lines)
    ):
        return 0
    tier = account.tier.code if account.tier else ""
    caps = [(terms.cap_per_day, (account.pk, day)), (terms.cap_per_customer, account.pk)]
    left = min((max(0, cap - used[key]) for cap, key in caps if cap is not None), default=None)
    boosts = rule.boosts(tier, order.placed_at)
    base = terms.bonus if once else earning.base_of(terms, lines)[1]
    figures = earning.figures_for(terms, base, tier=tier, boosts=boosts, left=left)
    part = earning.give_once(terms, figures) if once else earning.give(terms, lines, figures)
    used[account.pk, day] += part.points
    used[account.pk] += part.points
    return part.points


def _count(run: DryRun, order: Order, account: Account, given: int, would: int) -> None:
    run.total.add(given, would)
    run.tiers[account.tier.name if account.tier else ""].add(given, would)
    if given != would:
        heapq.heappush(run.most, (abs(would - given), order.number, given, would))
        if len(run.most) > SHOWN:
            heapq.heappop(run.most)
