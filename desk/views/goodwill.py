"""Putting things right: the goodwill panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import goodwill.services
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import GoodwillForm, Loss, checked, fresh_key, loss_in_minor
from desk.giving import ORDERS_OFFERED, asked_on, effect_of, orders_of
from desk.undoing import to_undo_given
from desk.views.parts import after_deed, back_to
from goodwill.models import Reason, Request
from loyalty.frozen import frozen
from tickets.models import Channel, Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST give the points or ask for them."""
    ticket = ticket_or_404(request, reference)
    reasons = _reasons(ticket)
    if request.method == "POST":
        return after_deed(request, reference, undo=to_undo_given(_give(request, ticket, reasons)))
    context = {
        "ticket": ticket,
        "account": account_of(ticket.customer),
        "reasons": reasons,
        "key": fresh_key(),
        "asked": asked_on(ticket, request.user),
        "orders": orders_of(ticket)[:ORDERS_OFFERED],
    }
    return render(
        request, "desk/_goodwill.html", context | _effect(request, ticket, next(iter(reasons), None))
    )


def _give(request: AgentRequest, ticket: Ticket, reasons: QuerySet[Reason]) -> Request:
    """Give the points, or ask for them where the form says so."""
    form = checked(GoodwillForm(request.POST, reasons=reasons, orders=orders_of(ticket)))
    deed: dict[str, Any] = {
        "by": request.user, "reason": form["reason"], "key": form["key"], "order": form["order"],
        "loss_minor": loss_in_minor(form["loss"]),
    }  # fmt: skip
    if not form["ask"]:
        return goodwill.services.grant(ticket, form["points"], **deed)
    about = {"words": form["words"], "message": form["message"], "is_urgent": form["urgent"]}
    return goodwill.services.ask(ticket, form["points"], **deed, **about)


@desk_view
@require_safe
def effect(request: AgentRequest, reference: str) -> HttpResponse:
    """The part of the panel that follows the chosen reason and points."""
    ticket = ticket_or_404(request, reference)
    reasons, chosen = list(_reasons(ticket)), request.GET.get("reason", "")
    reason = next((reason for reason in reasons if str(reason.pk) == chosen), next(iter(reasons), None))
    context = {"ticket": ticket, "orders": orders_of(ticket)[:ORDERS_OFFERED]}
    return render(request, "desk/_effect.html", context | _effect(request, ticket, reason))


STEPS: dict[str, Callable[..., Request]] = {
    "approve": goodwill.services.approve,
    "decline": goodwill.services.decline,
    "withdraw": goodwill.services.withdraw,
    "undo": goodwill.services.undo,
}


@desk_view
@require_POST
def step(request: AgentRequest, reference: str, pk: int, step: str) -> HttpResponse:
    """Agree to a request of this ticket, decline it, take it back, or undo what was given a moment ago."""
    ticket = ticket_or_404(request, reference)
    asked = get_object_or_404(Request.objects.visible_to(request.user), pk=pk, ticket__in=ticket.whole())
    if step not in STEPS:
        raise Http404
    STEPS[step](asked, by=request.user)
    return back_to(request, reference) or after_deed(request, reference)


def _reasons(ticket: Ticket) -> QuerySet[Reason]:
    reasons = Reason.objects.filter(brand=ticket.brand_id, is_active=True)
    return reasons.said_in(Value(ticket.customer.language))


def _effect(request: AgentRequest, ticket: Ticket, reason: Reason | None) -> dict[str, Any]:
    account = account_of(ticket.customer)
    if account is None or reason is None:
        return {"effect": None}
    asked = request.GET.get("points", "")
    own = asked.isdecimal() and len(asked) < 8 and request.GET.get("for") == str(reason.pk)
    return {
        "effect": effect_of(
            request.user, ticket, account, reason,
            points=int(asked) if own else None, loss_minor=_loss(request.GET.get("loss", "")),
        ),
        "is_apology": reason.kind == Reason.Kind.APOLOGY,
        "by_phone": ticket.channel == Channel.PHONE,
        "frozen": frozen(account),
        "account": account,
    }  # fmt: skip


def _loss(text: str) -> int | None:
    """What was typed as money, in minor units; None where it is no amount."""
    try:
        return loss_in_minor(Loss().clean(text))
    except ValidationError:
        return None
