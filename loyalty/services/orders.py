"""Points that follow what was bought, and what was given back."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models import Agent
from customers.models import Order, OrderRefund
from loyalty.models import Account, Entry
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.reversing import reverse

EARNING_NOTHING = {Order.Status.CANCELLED, Order.Status.RETURNED}  # when an order is first recorded so


def points_for(amount_minor: int, rate: int) -> int:
    """`rate` points for every whole unit of currency in `amount_minor`."""
    return amount_minor // 100 * rate


def earn_key(order: Order) -> str:
    """The key of the one entry an order earns, whichever way it was recorded."""
    return f"order:{order.brand_id}:{order.number}:earn"


def earn_for_order(order: Order, by: Agent | None = None) -> Entry | None:
    """Points for what was paid, `points_per_unit` for every whole unit of currency; members only.

    All of them qualify, in the year in which the order was placed. Recorded as cancelled or returned: none.
    `by` brought the order in.
    """
    gift = _gift_for(order, _members([order]).get(order.customer_id))
    if gift is None:
        return None
    return earn(
        Account(pk=gift.account),
        gift.points,
        contra=gift.contra,
        by=by,
        key=gift.key,
        at=gift.at,
        qualifying=gift.qualifying,
        source=gift.source,
        breakdown=dict(gift.breakdown),
    )


def earn_for_orders(orders: Sequence[Order]) -> int:
    """The same for many orders at once; gives how many earned something."""
    members = _members(orders)
    gifts = [gift for order in orders if (gift := _gift_for(order, members.get(order.customer_id)))]
    return earn_many(gifts)


def _members(orders: Sequence[Order]) -> dict[int, tuple[int, int]]:
    """Account (id) and rate of those who ordered and are active members, by the customer's id."""
    accounts = Account.objects.filter(
        customer__pk__one_of={order.customer_id for order in orders}, status=Account.Status.ACTIVE
    )
    rows = accounts.values_list("customer", "pk", "programme__points_per_unit")
    return {customer: (account, rate) for customer, account, rate in rows}


def _gift_for(order: Order, member: tuple[int, int] | None) -> Gift | None:
    if member is None or order.status in EARNING_NOTHING:
        return None
    account, rate = member
    points = points_for(order.total_minor, rate)
    if points <= 0:
        return None
    return Gift(
        account=account,
        points=points,
        contra="issue.order",
        key=earn_key(order),
        at=order.placed_at,
        qualifying=points,
        source=f"order:{order.number}",
        breakdown={"points_per_unit": rate, "amount_minor": order.total_minor, "currency": order.currency},
    )


def take_back_for_refund(refund: OrderRefund) -> Entry | None:
    """Take back the points that a refund's money had earned; an order that earned none: nothing.

    What stays paid keeps what it would have earned by the rate of then, in whole units of currency. The
    difference from refund to refund goes, so that parts add up to exactly what was earned, however they fall.
    """
    order = refund.order
    earned = Entry.objects.filter(key=earn_key(order), contra="issue.order").first()
    if earned is None:
        return None
    rate = earned.breakdown["points_per_unit"]
    paid_after = order.total_minor - order.refunded_minor
    points = points_for(paid_after + refund.amount_minor, rate) - points_for(paid_after, rate)
    if points == 0:
        return None
    return reverse(
        earned.account,
        earned,
        points,
        by=refund.by,
        key=f"refund:{refund.pk}:reverse",
        at=refund.refunded_at,
        qualifying=points,
        source=f"order:{order.number}",
        reason="refund",
        breakdown={"points_per_unit": rate, "amount_minor": refund.amount_minor, "currency": order.currency},
    )
