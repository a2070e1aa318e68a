"""Giving money of an order back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Invalid, Refused
from customers.models import Order, OrderLine, OrderLineRefund, OrderRefund
from customers.services.orders import expect_happened

# What upper rooms do when money was given back (points follow it); registered in their `apps.ready()`.
REFUND_STEPS: list[Callable[[OrderRefund], object]] = []


@dataclass(frozen=True)
class Refund:
    """How much of one article goes back, in minor units; `quantity` of them were returned, 0 when none was."""

    line: OrderLine
    amount_minor: int
    quantity: int = 0


@transaction.atomic
def refund_order(
    order: Order,
    refunds: Sequence[Refund],
    *,
    key: str,
    by: Agent | None = None,
    at: datetime | None = None,
) -> OrderRefund:
    """Write down that money of `order` was given back, each line at most once; the points follow at once.

    `at` is when it was given back (default: now). The same `key` with the same content gives the refund that
    is there. Refused: `not_allowed` for a `by` without the right, `in_future`, `before_order`, `key_conflict`,
    `nothing_to_refund`, `not_positive`, `order_cancelled`, `unknown_line`, `line_twice`, `more_than_paid`,
    `more_than_bought`.
    """
    if by is not None:
        expect_right(by, "customers.refund_order", order.brand_id)
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    keys.claim(OrderRefund, key)
    asked = sorted((refund.line.pk, refund.amount_minor, refund.quantity) for refund in refunds)
    request = keys.digest("refund", order.pk, asked)
    if earlier := OrderRefund.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    at = _expect_after(order, at)
    lines = expect_refundable(order, refunds)
    total = sum(refund.amount_minor for refund in refunds)
    _move(order, lines, refunds)
    made = OrderRefund.objects.create(
        order=order, amount_minor=total, key=key, request_hash=request, refunded_at=at, by=by
    )
    OrderLineRefund.objects.bulk_create(
        OrderLineRefund(
            order=order,
            refund=made,
            line=refund.line,
            amount_minor=refund.amount_minor,
            quantity=refund.quantity,
        )
        for refund in refunds
    )
    for step in REFUND_STEPS:
        step(made)
    return made


def _expect_after(order: Order, at: datetime | None) -> datetime:
    """When the money went back: not before the order, as far as its clock goes with ours, and not tomorrow."""
    now = clock.now()
    at = at or now
    expect_happened(at)
    if at < min(order.placed_at, now):
        raise Invalid("before_order", _("Order %s was placed later than that.") % order.number)
    return at


def expect_refundable(order: Order, refunds: Sequence[Refund]) -> dict[int, OrderLine]:
    """The lines of a locked order by id, once all that is asked for can be given back."""
    if order.status == Order.Status.CANCELLED:
        raise Refused("order_cancelled", _("Order %s was cancelled; nothing was paid for it.") % order.number)
    if not refunds:
        raise Refused("nothing_to_refund", _("Say what is to be given back."))
    if len({refund.line.pk for refund in refunds}) < len(refunds):
        raise Refused("line_twice", _("Name each article once."))
    rows = order.lines.annotate(returned=Sum("refunds__quantity", default=0))
    lines: dict[int, OrderLine] = {line.pk: line for line in rows}
    for refund in refunds:
        if refund.line.pk not in lines:
            raise Refused("unknown_line", _("Order %s has no such article.") % order.number)
        _expect_within(lines[refund.line.pk], refund)
    if order.refunded_minor + sum(refund.amount_minor for refund in refunds) > order.total_minor:
        raise Refused("more_than_paid", _("More was asked for than was paid for order %s.") % order.number)
    return lines


def _expect_within(line: OrderLine, refund: Refund) -> None:
    if refund.amount_minor <= 0 or refund.quantity < 0:
        raise Refused("not_positive", _("Give an amount above zero."))
    left = line.amount_minor - line.refunded_minor
    if refund.amount_minor > left:
        raise Refused(
            "more_than_paid",
            _("Of “%(article)s” no more than %(amount).2f can be given back.")
            % {"article": line.name, "amount": left / 100},
            details={"line": line.pk, "amount_minor": left},
        )
    there = line.quantity - line.returned  # type: ignore[attr-defined]
    if refund.quantity > there:
        raise Refused(
            "more_than_bought",
            _("Of “%(article)s” no more than %(quantity)d can come back.")
            % {"article": line.name, "quantity": there},
            details={"line": line.pk, "quantity": there},
        )


def _move(order: Order, lines: dict[int, OrderLine], refunds: Sequence[Refund]) -> None:
    """Let the sums on the lines and on the order follow."""
    for refund in refunds:
        line = lines[refund.line.pk]
        line.refunded_minor += refund.amount_minor
        line.save(update_fields=["refunded_minor"])
        order.refunded_minor += refund.amount_minor
    order.save(update_fields=["refunded_minor"])
