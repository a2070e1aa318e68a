"""What a suggestion depends on, as it stands on a ticket now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from customers.models import Order
from goodwill.limits import Limit
from goodwill.models import Budget, Reason, Request
from goodwill.suggestion import Figures
from loyalty.models import Account
from tickets.models import Message, Ticket, TicketLink

MISHAPS_WITHIN = timedelta(days=90)
EVERYDAY = 2  # the severity that leaves the reason's usual points as they are


def figures_of(
    ticket: Ticket,
    reason: Reason,
    account: Account,
    *,
    limits: Iterable[Limit],
    budget: Budget | None,
    at: datetime,
    loss_minor: int | None = None,
    but: Request | None = None,
) -> Figures:
    """The figures for what to give on `ticket` for `reason` at `at`. One query.

    `loss_minor` is the money the customer lost; `limits` and `budget` are what bounds the giver: those that count
    points cut the suggestion, those that count grants say who decides and not how much. Delight makes nothing good:
    of trouble and loss it knows nothing. `but` is a request that is not counted.
    """
    found = Ticket.objects.filter(pk=ticket.pk).values(**_asked(ticket, at, but)).get()
    programme, tier = account.programme, account.tier
    trouble: dict[str, Any] = {"severity": EVERYDAY}
    if reason.kind == Reason.Kind.APOLOGY:
        trouble = {
            "severity": reason.severity,
            "loss": in_points(loss_minor, account),
            "further_mishaps": found["all_mishaps"],
            "messages": found["all_messages"],
            "days_waited": max(0, (at - ticket.opened_at).days),
            "affected": max(1, found["all_affected"]),
        }
    return Figures(
        min_points=reason.min_points,
        default_points=reason.default_points,
        max_points=reason.max_points,
        tier_rank=tier.rank if tier else 0,
        tier_percent=tier.goodwill_percent if tier else 0,
        already_given=found["all_given"],
        spend=in_points(found["all_spend"] or 0, account) if found["buys"] else None,
        spend_percent=programme.goodwill_spend_percent,
        limits=[*_left(limits), *_left_of(budget)],
        **trouble,
    )


def in_points(minor: int | None, account: Account) -> int | None:
    """Money in minor units as points of this account, half up; None where neither is known."""
    worth = account.programme.point_value_minor
    if minor is None or not worth:
        return None
    return (minor + worth // 2) // worth


def _left(limits: Iterable[Limit]) -> list[tuple[str, int]]:
    return [(one.code, one.left) for one in limits if not one.counts_grants]


def _left_of(budget: Budget | None) -> list[tuple[str, int]]:
    return [("budget", max(0, budget.left))] if budget is not None and budget.is_hard else []


def _asked(ticket: Ticket, at: datetime, but: Request | None) -> dict[str, Any]:
    counted = Request.objects.counting().exclude(pk=but.pk if but else 0)
    whole = Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk)
    orders = Order.objects.filter(customer=ticket.customer_id)
    others = counted.filter(
        ticket__customer=ticket.customer_id,
        reason__kind=Reason.Kind.APOLOGY,
        asked_at__gt=at - MISHAPS_WITHIN,
    ).exclude(whole)
    causes = TicketLink.objects.filter(one=ticket.pk, kind=TicketLink.Kind.INCIDENT)
    hit = TicketLink.objects.filter(kind=TicketLink.Kind.INCIDENT, other__in=causes.values("other"))
    heard = Message.objects.filter(whole, kind=Message.Kind.INBOUND)
    return {
        "all_given": _of_all(counted.filter(whole), Sum("points")),
        "all_mishaps": _of_all(others, Count("ticket", distinct=True)),
        "all_messages": _of_all(heard, Count("pk")),
        "all_affected": _of_all(hit, Count("one__customer", distinct=True)),
        "all_spend": Subquery(orders.of_twelve_months(at).spent()),
        "buys": ExpressionWrapper(Exists(orders), output_field=BooleanField()),
    }


def _of_all(rows: Any, total: Any) -> Any:
    """One figure over all `rows`, 0 for none: grouped by a constant, it is one row."""
    one = rows.order_by().annotate(all=Value(1)).values("all").annotate(total=total).values("total")
    return Coalesce(Subquery(one), 0)
