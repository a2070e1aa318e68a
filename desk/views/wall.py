"""The supervisors' wall."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

import goodwill.services
from desk.access import AgentRequest, desk_view
from desk.queue import due_now
from desk.wall import SEES_ALL, board
from goodwill.models import Request


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


STEPS = {"approve": goodwill.services.approve, "decline": goodwill.services.decline}


@desk_view
@require_POST
def answer(request: AgentRequest, pk: int, step: str) -> HttpResponse:
    """Agree to goodwill that waits or decline it, from the wall; the services say who may. The board as it is then."""
    asked = get_object_or_404(Request.objects.visible_to(request.user), pk=pk)
    if step not in STEPS:
        raise Http404
    if not request.user.has_perms(SEES_ALL):
        raise PermissionDenied
    done = STEPS[step](asked, by=request.user)
    return render(request, "desk/_wall.html", {"board": board(request.user), "answered": done})
