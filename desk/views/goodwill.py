"""Putting things right: the goodwill panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import goodwill.services
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import GoodwillForm, checked, fresh_key
from desk.giving import Effect, asked_on, limits_shown
from desk.templatetags.desk import money
from desk.views.parts import after_deed
from goodwill.limits import most_alone
from goodwill.models import Reason, Request
from loyalty import offers
from loyalty.frozen import frozen
from tickets.models import Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST give the points or ask for them."""
    ticket = ticket_or_404(request, reference)
    reasons = _reasons(ticket)
    if request.method == "POST":
        form = checked(GoodwillForm(request.POST, reasons=reasons))
        deed: dict[str, Any] = {"by": request.user, "reason": form["reason"], "key": form["key"]}
        if form["ask"]:
            goodwill.services.ask(ticket, form["points"], words=form["words"], **deed)
        else:
            goodwill.services.grant(ticket, form["points"], **deed)
        return after_deed(request, reference)
    context = {
        "ticket": ticket,
        "account": account_of(ticket.customer),
        "reasons": reasons,
        "key": fresh_key(),
        "asked": asked_on(ticket, request.user),
    }
    return render(
        request, "desk/_goodwill.html", context | _effect(request, ticket, next(iter(reasons), None))
    )


@desk_view
@require_safe
def effect(request: AgentRequest, reference: str) -> HttpResponse:
    """The part of the panel that follows the chosen reason and points."""
    ticket = ticket_or_404(request, reference)
    reasons, chosen = list(_reasons(ticket)), request.GET.get("reason", "")
    reason = next((reason for reason in reasons if str(reason.pk) == chosen), next(iter(reasons), None))
    return render(request, "desk/_effect.html", {"ticket": ticket} | _effect(request, ticket, reason))


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
    asked = get_object_or_404(Request.objects.visible_to(request.user), pk=pk, ticket=ticket)
    if step not in STEPS:
        raise Http404
    STEPS[step](asked, by=request.user)
    return after_deed(request, reference)


def _reasons(ticket: Ticket) -> QuerySet[Reason]:
    return Reason.objects.filter(brand=ticket.brand_id, is_active=True)


def _effect(request: AgentRequest, ticket: Ticket, reason: Reason | None) -> dict[str, Any]:
    account = account_of(ticket.customer)
    if account is None or reason is None:
        return {"effect": None}
    asked = request.GET.get("points", "")
    own = asked.isdecimal() and len(asked) < 8 and request.GET.get("for") == str(reason.pk)
    limits = limits_shown(request.user, ticket, int(asked) if own else reason.default_points)
    points = int(asked) if own else min(reason.default_points, most_alone(limits) or reason.default_points)
    if not own:
        limits = [replace(one, asked=1 if one.counts_grants else points) for one in limits]
    worth = money(account.worth(points), ticket.brand.currency)
    return {
        "effect": Effect(
            reason,
            points,
            account.available,
            max(0, account.balance - account.held + points),
            reason.words(points, worth),
            offers.with_more(account, points),
            limits,
        ),
        "frozen": frozen(account),
        "account": account,
    }
