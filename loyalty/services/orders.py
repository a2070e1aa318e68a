"""Points that follow what was bought, and what was given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from agents.models import Agent
from customers.models import Order, OrderLine, OrderRefund
from loyalty import earning
from loyalty.earning import Line, Part
from loyalty.models import Account, Entry
from loyalty.rulebook import Rule, Rulebook
from loyalty.services import caps
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.reversing import reverse

EARNING_NOTHING = {Order.Status.CANCELLED, Order.Status.RETURNED}  # when an order is first recorded so


def earn_key(order: Order) -> str:
    """The key of the one entry an order earns, whichever way it was recorded."""
    return f"order:{order.brand_id}:{order.number}:earn"


@transaction.atomic
def earn_for_order(order: Order, by: Agent | None = None) -> Entry | None:
    """Points for what was paid, by the rules of the day on which the order was placed; members only.

    Recorded as cancelled or returned: none. `by` brought the order in.
    """
    members = _lock_members([order])
    if order.customer_id not in members:
        return None
    if earlier := Entry.objects.filter(key=earn_key(order), contra="issue.order").first():
        return earlier
    rules = Rulebook.of(account.programme_id for account in members.values())
    for gift in _gifts([order], members, rules):
        return earn(
            members[order.customer_id],
            gift.points,
            contra=gift.contra,
            by=by,
            key=gift.key,
            at=gift.at,
            qualifying=gift.qualifying,
            source=gift.source,
            breakdown=dict(gift.breakdown),
        )
    return None


@transaction.atomic
def earn_for_orders(orders: Sequence[Order]) -> int:
    """The same for many orders at once; gives how many earned something. The rules are read once.

    Where what an order earns depends on the orders before it (a tier reached, a cap), one order of each
    customer is worked off at a time.
    """
    members = _lock_members(orders)
    if not members:
        return 0
    rules = Rulebook.of(account.programme_id for account in members.values())
    if not rules.looks_at_account:
        return earn_many(_gifts(orders, members, rules))
    earned = 0
    keys = {earn_key(order): order for order in orders}
    known = set(Entry.objects.filter(key__one_of=list(keys)).values_list("key", flat=True))
    for number, turn in enumerate(_turns([order for key, order in keys.items() if key not in known])):
        if number:
            members = _lock_members(turn)
        earned += earn_many(_gifts(turn, members, rules))
    return earned


@transaction.atomic
def take_back_for_refund(refund: OrderRefund) -> Entry | None:
    """Take back the points that a refund's money had earned; an order that earned none: nothing.

    What stays paid keeps what it would have earned by the rules and figures of then. The difference from refund
    to refund goes, so that parts add up to exactly what was earned, however they fall.
    """
    order = refund.order
    earned = Entry.objects.filter(key=earn_key(order), contra="issue.order").select_related("account").first()
    if earned is None:
        return None
    Account.objects.select_for_update(of=("self",)).get(pk=earned.account_id)
    back = {line.line_id: line.amount_minor for line in refund.lines.all()}
    points, qualifying = goes_with(earned, order, back)
    if points == 0:
        return None
    return reverse(
        earned.account,
        earned,
        points,
        by=refund.by,
        key=f"refund:{refund.pk}:reverse",
        at=refund.refunded_at,
        qualifying=qualifying,
        source=f"order:{order.number}",
        reason="refund",
        breakdown={"amount_minor": refund.amount_minor, "currency": order.currency},
    )


def goes_with(earned: Entry, order: Order, back: Mapping[int, int]) -> tuple[int, int]:
    """The points, and the qualifying ones, that go with money which has gone back: line (id) to minor units.

    The order and its lines hold what is left after it. A cap may keep points where qualifying ones would go:
    these go with the next points. What was taken back by hand is not taken again.
    """
    before = earned.reversals.aggregate(points=Sum("points"), qualifying=Sum("qualifying"))
    had, keeps = _had_and_keeps(earned, order, back)
    points = min(had[0] - keeps[0], earned.points + (before["points"] or 0))
    return points, max(0, earned.qualifying - keeps[1] + (before["qualifying"] or 0))


def _had_and_keeps(
    earned: Entry, order: Order, back: Mapping[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Points and qualifying ones of what was paid before, and of what stays paid, by the figures of then."""
    told = earned.breakdown
    if "rules" not in told:  # given before there were rules: one rate for the whole order
        rate, left = told["points_per_unit"], order.total_minor - order.refunded_minor
        had, keeps = (left + sum(back.values())) // 100 * rate, left // 100 * rate
        return (had, had), (keeps, keeps)
    rows = order.lines.all()
    after = [Line(row.sku, row.category, row.amount_minor - row.refunded_minor) for row in rows]
    paid = [
        Line(line.sku, line.category, line.amount_minor + back.get(row.pk, 0))
        for row, line in zip(rows, after, strict=True)
    ]
    programme = earned.account.programme_id
    rules = Rulebook.of([programme])
    return _again(rules, programme, told["rules"], paid), _again(rules, programme, told["rules"], after)


def _again(
    rules: Rulebook, programme: int, told: Sequence[Mapping[str, Any]], lines: Sequence[Line]
) -> tuple[int, int]:
    """What the parts of a breakdown would give for `lines`."""
    parts = [
        earning.give(rules.terms(programme, one["rule"], one["version"]), lines, earning.figures_of(one))
        for one in told
    ]
    return sum(part.points for part in parts), sum(part.qualifying for part in parts)


def _lock_members(orders: Iterable[Order]) -> dict[int, Account]:
    """The accounts of those who ordered and are active members, by the customer's id, locked in their order."""
    rows = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    rows = rows.filter(customer__pk__one_of={order.customer_id for order in orders}, status=Account.Status.ACTIVE)
    return {account.customer_id: account for account in rows.order_by("pk")}


def _turns(orders: Sequence[Order]) -> list[list[Order]]:
    """The orders in rounds: in each one order of every customer, those of one customer in their sequence."""
    seen: dict[int, int] = defaultdict(int)
    turns: list[list[Order]] = []
    for order in orders:
        number = seen[order.customer_id]
        seen[order.customer_id] += 1
        if number == len(turns):
            turns.append([])
        turns[number].append(order)
    return turns


def _gifts(orders: Sequence[Order], members: Mapping[int, Account], rules: Rulebook) -> list[Gift]:
    """What these orders earn, those that earn something; of a customer there is one where caps or tiers matter."""
    buying = [
        order for order in orders if order.customer_id in members and order.status not in EARNING_NOTHING
    ]
    lines = _lines_of(buying, rules)
    left = caps.left_for([(members[order.customer_id], order.placed_at) for order in buying], rules)
    gifts = []
    for order in buying:
        account = members[order.customer_id]
        parts = _parts(
            rules.of_programme(account.programme_id), account, order.placed_at, lines[order.pk],
            channel="", left=left.get(account.pk, {}),
        )  # fmt: skip
        if gift := _gift_of(order, account, parts):
            gifts.append(gift)
    return gifts


def _lines_of(orders: Sequence[Order], rules: Rulebook) -> dict[int, list[Line]]:
    """The lines of each order (id), asked for only where a rule looks at them; else one line of the whole sum."""
    found: dict[int, list[Line]] = defaultdict(list)
    if rules.looks_at_lines:
        for line in OrderLine.objects.filter(order__pk__one_of=[order.pk for order in orders]):
            found[line.order_id].append(Line(line.sku, line.category, line.amount_minor))
    for order in orders:
        found[order.pk] = found[order.pk] or [Line("", "", order.total_minor)]
    return found


def _parts(
    rules: Sequence[Rule],
    account: Account,
    at: datetime,
    lines: Sequence[Line],
    *,
    channel: str,
    left: Mapping[str, int],
) -> list[Part]:
    tier = account.tier.code if account.tier else ""
    parts = []
    for rule in rules:
        terms = rule.at(at)
        if terms is None or (terms.channels and channel not in terms.channels):
            continue
        _amount, base = earning.base_of(terms, lines)
        figures = earning.figures_for(
            terms, base, tier=tier, boosts=rule.boosts(tier, at), left=left.get(rule.code)
        )
        parts.append(earning.give(terms, lines, figures))
    return [part for part in parts if part.points > 0]


def _gift_of(order: Order, account: Account, parts: Sequence[Part]) -> Gift | None:
    if not parts:
        return None
    told = {"amount_minor": order.total_minor, "currency": order.currency}
    return Gift(
        account=account.pk,
        points=sum(part.points for part in parts),
        contra="issue.order",
        key=earn_key(order),
        at=order.placed_at,
        qualifying=sum(part.qualifying for part in parts),
        source=f"order:{order.number}",
        breakdown=told | {"rules": [part.told() for part in parts]},
    )
