"""The supervisors' wall."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from desk.queue import due_now
from desk.wall import SEES_ALL, board


@desk_view
@permission_required(SEES_ALL, raise_exception=True)
@require_safe
def wall(request: AgentRequest) -> HttpResponse:
    """Queues, people and promises of the moment, for who may look at all of them; the page asks every 15 s for its
    middle alone."""
    shown = {"board": board(request.user)}
    if request.htmx.target == "wall":
        return render(request, "desk/_wall.html", shown)
    return render(request, "desk/wall.html", shown | {"due": due_now(request.user), "now": shown["board"].at})
