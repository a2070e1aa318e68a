"""Points that follow what was bought, and what was given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from agents.models import Agent
from contactcenter import clock
from customers.models import Order, OrderLine
from loyalty import earning
from loyalty.earning import Line, Part
from loyalty.models import Account, Entry, PendingGrant
from loyalty.rulebook import Rule, Rulebook
from loyalty.services import caps, pending
from loyalty.services.giving import Gift, earn, earn_many

MOST_POSTINGS = 20  # of one order: one, and one for each rule that was missing
EARNING_NOTHING = {Order.Status.CANCELLED, Order.Status.RETURNED}  # when an order is first recorded so


def earn_key(order: Order) -> str:
    """The key of the one entry an order earns, whichever way it was recorded."""
    return f"order:{order.brand_id}:{order.number}:earn"


@transaction.atomic
def earn_for_order(order: Order, by: Agent | None = None) -> Entry | PendingGrant | None:
    """Points for what was paid, by the rules of the day on which the order was placed; members only.

    They are pending first where the programme says so. Recorded as cancelled or returned: none. `by` brought the
    order in.
    """
    members = _lock_members([order])
    if order.customer_id not in members:
        return None
    if earlier := earned_by(order):
        return earlier[0]
    rules = Rulebook.of(account.programme_id for account in members.values())
    for gift in _gifts([order], members, rules):
        account = members[order.customer_id]
        if pending.matures_at(account.programme, gift.at) > clock.now():
            return pending.put_by([gift], {account.pk: account})[0]
        return earn(
            account,
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
        return _post(_gifts(orders, members, rules), members)
    earned = 0
    keys = {earn_key(order): order for order in orders}
    known = {
        *Entry.objects.filter(key__one_of=list(keys)).values_list("key", flat=True),
        *PendingGrant.objects.filter(key__one_of=list(keys)).values_list("key", flat=True),
    }
    for number, turn in enumerate(_turns([order for key, order in keys.items() if key not in known])):
        if number:
            members = _lock_members(turn)
        earned += _post(_gifts(turn, members, rules), members)
    return earned


def earned_by(order: Order) -> list[Entry | PendingGrant]:
    """What an order earned: entries, or points that are or were pending; more than one where some came later."""
    keys = [earn_key(order), *(f"{earn_key(order)}:{number}" for number in range(1, MOST_POSTINGS))]
    entries = (
        Entry.objects.filter(key__in=keys, contra="issue.order").select_related("account").order_by("id")
    )
    grants = (
        PendingGrant.objects.filter(key__in=keys).select_related("account", "entry__account").order_by("id")
    )
    return [*entries, *(grant.entry or grant for grant in grants)]


def _post(gifts: Sequence[Gift], members: Mapping[int, Account]) -> int:
    """Give what is due at once, put by what is pending; gives how many gifts there were that are new."""
    accounts = {account.pk: account for account in members.values()}
    now = clock.now()
    later = [gift for gift in gifts if pending.matures_at(accounts[gift.account].programme, gift.at) > now]
    waiting = {gift.key for gift in later}
    pending.put_by(later, accounts)
    return len(later) + earn_many([gift for gift in gifts if gift.key not in waiting], accounts)


def _lock_members(orders: Sequence[Order]) -> dict[int, Account]:
    """The accounts of those who ordered and are active members, by the customer's id, locked in their order."""
    buyers = {order.customer_id for order in orders}
    rows = Account.objects.select_for_update(of=("self",)).filter(
        customer__pk__one_of=buyers, status=Account.Status.ACTIVE
    )
    shared = ("programme", "tier")  # of many accounts one object each, of one with it in a single query
    rows = rows.select_related(*shared) if len(buyers) == 1 else rows.prefetch_related(*shared)
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
            channel=order.channel, left=left.get(account.pk, {}),
        )  # fmt: skip
        if gift := gift_of(order, account, parts):
            gifts.append(gift)
    return gifts


def parts_of(order: Order, account: Account, lines: Sequence[Line]) -> list[Part]:
    """What each rule of the order's day gives for `lines`, also where that is nothing, as the account stands now."""
    rules = Rulebook.of([account.programme_id])
    left = caps.left_for([(account, order.placed_at)], rules).get(account.pk, {})
    return _parts(
        rules.of_programme(account.programme_id),
        account,
        order.placed_at,
        lines,
        channel=order.channel,
        left=left,
    )


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
    return parts


def gift_of(order: Order, account: Account, parts: Sequence[Part]) -> Gift | None:
    """What `parts` of an order's rules give, None for nothing."""
    parts = [part for part in parts if part.points > 0]
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
