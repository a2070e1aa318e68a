"""The sheet behind ?."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from desk.keys import by_group


@desk_view
@require_safe
def keys(request: AgentRequest) -> HttpResponse:
    """All keys by group, out of the table that binds them, and whether single ones are on for this agent."""
    return render(request, "desk/_keys.html", {"groups": by_group()})
