"""The call that is proposed when a ticket was solved: one line, promised or declined with one press."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

import callbacks.services
from contactcenter import clock
from desk.access import AgentRequest, desk_view, ticket_or_404


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: AgentRequest, reference: str) -> HttpResponse:
    """What is proposed on a solved ticket, nothing where nothing is; with POST it is promised or declined.

    The page asks for it once it stands: what may be promised never stands in the way of solving a ticket.
    """
    ticket = ticket_or_404(request, reference)
    if request.method != "POST":
        may = request.user.has_perm(callbacks.services.KEEP)
        proposal = callbacks.services.proposal_for(ticket, clock.now()) if may else None
        return render(request, "desk/_follow_up.html", {"ticket": ticket, "proposal": proposal})
    context: dict[str, Any] = {"ticket": ticket}
    if request.POST.get("deed") == "promise":
        context["promised"] = callbacks.services.promise_proposed(ticket, by=request.user)
    else:
        callbacks.services.decline_proposed(ticket, by=request.user)
    answer = render(request, "desk/_follow_up.html", context)
    answer["HX-Trigger"] = "said"  # the conversation shows what was decided
    return answer
