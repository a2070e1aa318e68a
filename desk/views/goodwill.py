"""Putting things right: the goodwill panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

import goodwill.services
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import GoodwillForm, checked, fresh_key
from desk.templatetags.desk import money
from desk.views.parts import after_deed
from goodwill.models import Reason
from loyalty import offers
from loyalty.frozen import frozen
from loyalty.offers import Reach
from tickets.models import Ticket


@dataclass(frozen=True)
class Effect:
    """What giving `points` for `reason` would change, and the limit it is held against; all in points."""

    reason: Reason
    points: int
    limit: int
    balance_before: int
    balance_after: int
    sentence: str
    reach: Reach

    @property
    def over(self) -> bool:
        return self.points > self.limit


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST give the points."""
    ticket = ticket_or_404(request, reference)
    reasons = _reasons(ticket)
    if request.method == "POST":
        form = checked(GoodwillForm(request.POST, reasons=reasons))
        goodwill.services.grant(
            ticket, form["points"], by=request.user, reason=form["reason"], key=form["key"]
        )
        return after_deed(request, reference)
    context = {
        "ticket": ticket,
        "account": account_of(ticket.customer),
        "reasons": reasons,
        "key": fresh_key(),
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


def _reasons(ticket: Ticket) -> QuerySet[Reason]:
    return Reason.objects.filter(brand=ticket.brand_id, is_active=True)


def _effect(request: AgentRequest, ticket: Ticket, reason: Reason | None) -> dict[str, Any]:
    account = account_of(ticket.customer)
    limit = goodwill.services.limit_per_grant(request.user)
    if account is None or reason is None:
        return {"effect": None, "limit": limit}
    asked = request.GET.get("points", "")
    own = asked.isdecimal() and len(asked) < 8 and request.GET.get("for") == str(reason.pk)
    points = int(asked) if own else min(reason.default_points, limit or reason.default_points)
    worth = money(account.worth(points), ticket.brand.currency)
    return {
        "limit": limit,
        "effect": Effect(
            reason,
            points,
            limit,
            account.available,
            max(0, account.balance - account.held + points),
            reason.words(points, worth),
            offers.with_more(account, points),
        ),
        "frozen": frozen(account),
        "account": account,
    }
