"""An order's points: why there are none, those that are due, and what a refund would take."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

import loyalty.services
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from desk.access import AgentRequest, account_of, customer_or_404, desk_view
from desk.forms import Keyed, checked, fresh_key
from loyalty import progress
from loyalty.absent import Why
from loyalty.progress import Outlook


@desk_view
@require_safe
def absent(request: AgentRequest, pk: int) -> HttpResponse:
    """Why the order with the number ?order= earned this customer what it earned, also if somebody else bought it.

    Beside a ?ticket= the shop can be asked to do something with it.
    """
    customer, number = customer_or_404(request, pk), request.GET.get("order", "").strip()
    order = Order.objects.visible_to(request.user).filter(brand=customer.brand_id, number=number).first()
    context: dict[str, Any] = {"number": number}
    if order:
        why = loyalty.services.explain_order(order, customer=customer)
        context |= {"order": order, "why": why, "key": fresh_key(), "outlook": _outlook(customer, order, why)}
        if order.customer_id == customer.pk:
            context["ticket"] = request.GET.get("ticket", "")
    return render(request, "desk/_absent.html", context)


@desk_view
@require_POST
def missing(request: AgentRequest, pk: int) -> HttpResponse:
    """Post what the order should have earned; then why it has what it has."""
    order = _order_or_404(request, pk)
    posted: Any = None
    refusal: Refused | None = None
    try:
        key = checked(Keyed(request.POST))["key"]
        posted = loyalty.services.post_missing(order, by=request.user, key=key)
    except Refused as refused:
        if refused.code != "nothing_missing":
            raise
        refusal = refused  # somebody was quicker: say how things stand now
    context = {
        "order": order,
        "why": loyalty.services.explain_order(order),
        "posted": posted,
        "refusal": refusal,
    }
    return render(request, "desk/_absent.html", context | {"number": order.number, "key": fresh_key()})


@desk_view
@require_safe
def refund(request: AgentRequest, pk: int) -> HttpResponse:
    """What giving back the lines ?line= (none: the whole order) would take from the points."""
    order = _order_or_404(request, pk)
    lines = list(order.lines.all())
    chosen = {int(line) for line in request.GET.getlist("line") if line.isdecimal()}
    named = {line.pk: 0 for line in lines if line.pk in chosen}
    context = {"order": order, "lines": [(line, not named or line.pk in named) for line in lines]}
    try:
        refunds = loyalty.services.left_of(order, named)
        context["preview"] = loyalty.services.refund_preview(order, refunds)
    except Refused as refused:  # nothing left, or cancelled: the answer to the question, not a fault
        context["refusal"] = refused
    return render(request, "desk/_refund.html", context)


def _order_or_404(request: AgentRequest, pk: int) -> Order:
    orders = Order.objects.visible_to(request.user).select_related("brand")
    return get_object_or_404(orders, pk=pk)


def _outlook(customer: Customer, order: Order, why: Why) -> Outlook | None:
    """What the points that are missing would make of the tier; None where none are, or they count for none."""
    account, qualifying = account_of(customer), why.facts.missing_qualifying
    if account is None or not why.due or not qualifying:
        return None
    found = progress.if_earned(account, points=qualifying, at=order.placed_at)
    over = (
        found.last_day is not None and found.last_day < clock.now().astimezone(account.programme.zone).date()
    )
    return None if found.is_raised and over else found
