"""The bell in the bar: how much an agent was told and has not read, and what."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

import agents.telling
from contactcenter import clock
from desk.access import AgentRequest, desk_view
from desk.bell import told_to, unread_by
from desk.views.ticket import number_in


@desk_view
@require_safe
def bell(request: AgentRequest) -> HttpResponse:
    """The figure at the bell; the page asks for it by itself, so that no page waits for it."""
    return render(request, "desk/_bell_count.html", {"unread": unread_by(request.user)})


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: AgentRequest) -> HttpResponse:
    """The list behind the bell; with POST all that stands in it is read."""
    if request.method == "POST":
        up_to = number_in(request.POST.get("up_to", "")) or 0
        agents.telling.read(request.user, up_to=up_to, at=clock.now())
        if not request.htmx:
            return redirect("desk:notifications")
    context = {"told": told_to(request.user), "unread": unread_by(request.user)}
    page = "desk/_told.html" if request.htmx else "desk/notifications.html"
    return render(request, page, context | {"oob": bool(request.htmx)})
