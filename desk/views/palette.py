"""The palette behind ⌘K."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from desk.palette import offered


@desk_view
@require_safe
def palette(request: AgentRequest) -> HttpResponse:
    """What ?q= means beside the open ?ticket=; without words the tickets that ?recent= names, and all deeds."""
    asked = request.GET
    recent = asked.get("recent", "")[:400].split(",")
    shown = offered(request.user, asked.get("q", ""), ticket=asked.get("ticket", ""), recent=recent)
    return render(request, "desk/_offers.html", {"offered": shown})
