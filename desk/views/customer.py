"""The right pane: who asks, what they have, what was before."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from desk import panes
from desk.access import AgentRequest, desk_view, shown_or_404, ticket_or_404
from goodwill.models import Reason
from loyalty.explain import explain
from loyalty.models import Entry

KINDS = ("entry", "order", "ticket", "callback", "survey", "tier", "notice")


@desk_view
@require_safe
def customer(request: AgentRequest, reference: str) -> HttpResponse:
    """The pane as it stands; this is also where Esc leads from a panel."""
    context = panes.pane_of(shown_or_404(request, reference), by=request.user)
    return render(request, "desk/_customer.html", context)


@desk_view
@require_safe
def timeline(request: AgentRequest, reference: str) -> HttpResponse:
    """The timeline of one kind (?only=), or the moments that follow (?after=)."""
    only = request.GET.get("only", "")
    cursor = request.GET.get("after", "")
    only = only if only in KINDS else ""
    if cursor:
        ticket = ticket_or_404(request, reference)
        context = panes.history(ticket.customer, beside=ticket, cursor=cursor, only=only)
    else:
        page = shown_or_404(request, reference)
        context = panes.history(page.ticket.customer, page.beside, beside=page.ticket, only=only)
    return render(request, "desk/_moments.html" if cursor else "desk/_timeline.html", context)


@desk_view
@require_safe
def why(request: AgentRequest, pk: int) -> HttpResponse:
    """Where the points of an entry come from: rule and figures, articles, and the lots that were used or restored."""
    entries = Entry.objects.visible_to(request.user).select_related(
        "account__programme__brand", "actor", "reverses", "redemption__reward"
    )
    entry = get_object_or_404(entries, pk=pk)
    reason = None
    if entry.contra == "issue.goodwill":
        reason = Reason.objects.filter(brand=entry.account.brand_id, code=entry.reason).first()
    return render(request, "desk/_why.html", {"entry": entry, "behind": explain(entry), "reason": reason})
