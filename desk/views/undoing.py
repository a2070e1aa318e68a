"""Undo, in the line that tells of a deed."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

import tickets.services
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.views.parts import after_deed, back_to


@desk_view
@require_POST
def undo(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Take back what the event of this id tells; who has another ticket `open` meanwhile is led back to this one."""
    ticket = ticket_or_404(request, reference)
    tickets.services.undo(ticket, pk, by=request.user)
    return back_to(request, reference) or after_deed(request, reference, first="_undo.html", undoes=True)
