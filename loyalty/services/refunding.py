"""Points that follow what was given back, or was never delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from agents.models import Agent
from customers.models import Order, OrderRefund
from loyalty import earning
from loyalty.earning import Figures, Line, Part, Terms
from loyalty.models import Account, Entry, PendingGrant
from loyalty.rulebook import Rulebook
from loyalty.services import pending
from loyalty.services.earning import FIRST_CODE
from loyalty.services.orders import earned_by
from loyalty.services.reversing import undo


@transaction.atomic
def take_back_for_refund(refund: OrderRefund) -> None:
    """Take back the points that a refund's money had earned; an order that earned none: nothing.

    What stays paid keeps what it would have earned by the rules and figures of then. The difference from refund
    to refund goes, so that parts add up to exactly what was earned, however they fall. Pending points shrink.
    """
    order = refund.order
    back = {line.line_id: line.amount_minor for line in refund.lines.all()}
    _take_back(
        order,
        paid_lines(order, back),
        paid_lines(order),
        by=refund.by,
        key=f"refund:{refund.pk}:reverse",
        at=refund.refunded_at,
        reason="refund",
        breakdown={"amount_minor": refund.amount_minor, "currency": order.currency},
    )


@transaction.atomic
def take_back_for_cancel(order: Order, by: Agent | None, at: datetime) -> None:
    """Take back all that a cancelled order has left of what it earned; pending points never come to be."""
    left = order.total_minor - order.refunded_minor
    _take_back(
        order,
        paid_lines(order),
        [],
        by=by,
        key=f"cancel:{order.pk}:reverse",
        at=at,
        reason="cancel",
        breakdown={"amount_minor": left, "currency": order.currency},
    )


def _take_back(
    order: Order, paid: Sequence[Line], stays: Sequence[Line], *, at: datetime, key: str, **deed: Any
) -> None:
    """Take back the difference between what `paid` earned and what `stays` would have."""
    accounts = Account.objects.select_for_update(of=("self",)).filter(customer=order.customer_id)
    list(accounts)  # locked first: a grant may mature while we wait
    for number, earned in enumerate(earned_by(order)):
        points, qualifying = goes_with(earned, paid, stays)
        if points == 0:
            continue
        if isinstance(earned, PendingGrant):
            pending.shrink(earned, points, earned.qualifying - qualifying)
            continue
        undo(
            earned.account, earned, points, at=at, qualifying=qualifying, source=f"order:{order.number}",
            key=f"{key}:{number}" if number else key, **deed,
        )  # fmt: skip


def goes_with(earned: Entry | PendingGrant, paid: Sequence[Line], stays: Sequence[Line]) -> tuple[int, int]:
    """The points, and the qualifying ones, that go when of `paid` only `stays` is left.

    A cap may keep points where qualifying ones would go: these go with the next points. What was taken back by
    hand is not taken again.
    """
    had, keeps = _would_give(earned, paid), _would_give(earned, stays)
    if isinstance(earned, PendingGrant):
        points, qualifying = earned.points if earned.is_open else 0, earned.qualifying
    else:
        before = earned.reversals.aggregate(points=Sum("points"), qualifying=Sum("qualifying"))
        points = earned.points + (before["points"] or 0)
        qualifying = earned.qualifying + (before["qualifying"] or 0)
    return min(had[0] - keeps[0], points), max(0, qualifying - keeps[1])


def _would_give(earned: Entry | PendingGrant, lines: Sequence[Line]) -> tuple[int, int]:
    """Points and qualifying ones of `lines` by the rules and figures by which `earned` was given."""
    parts = parts_told(earned, lines)
    return sum(part.points for part in parts), sum(part.qualifying for part in parts)


def parts_told(earned: Entry | PendingGrant, lines: Sequence[Line]) -> list[Part]:
    """What the rules by which `earned` was given give for `lines`, by the figures of then."""
    told = earned.breakdown
    if "points_per_unit" in told:  # given before there were rules: one rate for the whole order
        terms = Terms(FIRST_CODE, 1, points_per_unit=told["points_per_unit"], counts="all")
        return [earning.give(terms, lines, Figures())]
    programme = earned.account.programme_id
    rules = Rulebook.of([programme])
    return [
        earning.give(rules.terms(programme, one["rule"], one["version"]), lines, earning.figures_of(one))
        for one in told.get("rules", [])
    ]


def paid_lines(order: Order, back: Mapping[int, int] | None = None) -> list[Line]:
    """What is paid for an order now; with `back` (line to minor units), what was before that went back."""
    back = back or {}
    rows = order.lines.all()
    if not rows:
        return [Line("", "", order.total_minor - order.refunded_minor + sum(back.values()))]
    return [
        Line(row.sku, row.category, row.amount_minor - row.refunded_minor + back.get(row.pk, 0))
        for row in rows
    ]
