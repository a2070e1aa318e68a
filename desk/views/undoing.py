"""Undo, in the line that tells of a deed."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

import tickets.services
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.views.parts import after_deed


@desk_view
@require_POST
def undo(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Take back what the event of this id tells; who has another ticket `open` meanwhile is led back to this one."""
    ticket = ticket_or_404(request, reference)
    tickets.services.undo(ticket, pk, by=request.user)
    if request.POST.get("open", reference) == reference:
        return after_deed(request, reference, first="_undo.html", undoes=True)
    path = reverse("desk:ticket", args=[reference])
    where = json.dumps({"path": path, "target": "#conversation", "swap": "outerHTML"})
    return HttpResponse(status=204, headers={"HX-Location": where})
