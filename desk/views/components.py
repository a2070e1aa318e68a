"""What the pages are made of, with all its states: for who writes templates, on a developer's machine only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from desk.queue import due_now


@desk_view
@require_safe
def components(request: AgentRequest) -> HttpResponse:
    """The components; 404 where DEBUG is off."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "desk/components.html", {"due": due_now(request.user)})
