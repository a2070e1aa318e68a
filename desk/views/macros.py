"""Macros in the composer: which there are, and what one would say and do on this ticket."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contactcenter import clock
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.written import does
from tickets.filling import filled_for
from tickets.models import Macro

OFFERED = 200


@desk_view
@require_safe
def names(request: AgentRequest, reference: str) -> HttpResponse:
    """The macros that this agent may use on the ticket, by their titles."""
    ticket = ticket_or_404(request, reference)
    macros = Macro.objects.offered_to(request.user, ticket.brand).order_by("title")[:OFFERED]
    return render(request, "desk/_macro_names.html", {"ticket": ticket, "macros": macros})


@desk_view
@require_safe
def macro(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """The macro's text with everything in place for the composer, and what is done when it is sent."""
    ticket = ticket_or_404(request, reference)
    chosen = get_object_or_404(Macro.objects.offered_to(request.user, ticket.brand), pk=pk)
    text, missing = filled_for(chosen.text, ticket, by=request.user, at=clock.now())
    return render(
        request, "desk/_macro.html", does(chosen, ticket.brand) | {"text": text, "missing": missing}
    )
