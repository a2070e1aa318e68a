"""Putting right what hit many: the panel of an incident."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.forms import IncidentForm, checked, fresh_key
from desk.incidents import incident_of
from goodwill.models import IncidentGrant, Reason
from goodwill.services import incidents
from tickets.models import Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """How many the incident hit and how far it is put right; with POST ask for points for each of them."""
    ticket = ticket_or_404(request, reference)
    reasons = Reason.objects.filter(brand=ticket.brand_id, is_active=True)
    if request.method == "POST":
        form = checked(IncidentForm(request.POST, reasons=reasons))
        incidents.ask(
            ticket, form["points"], by=request.user, reason=form["reason"], key=form["key"], words=form["words"],
            spares=form["spares"],
        )  # fmt: skip
    context = {"ticket": ticket, "reasons": reasons, "key": fresh_key()}
    return render(request, "desk/_incident.html", context | {"incident": incident_of(ticket, request.user)})


STEPS: dict[str, Callable[..., IncidentGrant]] = {
    "approve": incidents.approve,
    "decline": incidents.decline,
    "withdraw": incidents.withdraw,
    "stop": incidents.stop,
    "go-on": incidents.go_on,
}


@desk_view
@require_POST
def step(request: AgentRequest, reference: str, pk: int, step: str) -> HttpResponse:
    """Agree to what was asked for all, decline it, take it back, stop it, or go on with those who came later."""
    ticket: Ticket = ticket_or_404(request, reference)
    grant = get_object_or_404(
        IncidentGrant.objects.visible_to(request.user), pk=pk, ticket__in=ticket.whole()
    )
    if step not in STEPS:
        raise Http404
    STEPS[step](grant, by=request.user)
    context = {"ticket": ticket, "key": fresh_key(), "incident": incident_of(ticket, request.user)}
    context["reasons"] = Reason.objects.filter(brand=ticket.brand_id, is_active=True)
    return render(request, "desk/_incident.html", context)
