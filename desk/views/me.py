"""The agent's own page: name, zone, language, and how the desk is to look and to be worked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Density, Theme
from agents.preferences import set_preferences
from desk.access import AgentRequest, desk_view
from desk.forms import checked
from desk.own import OwnForm, languages, taken_by
from desk.person_forms import zone_choices
from desk.queue import due_now
from desk.views.parts import go_to


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: AgentRequest) -> HttpResponse:
    """What the agent has set, or with POST what they set now; the page comes anew, for all of it shows."""
    agent = request.user
    if request.method == "POST":
        set_preferences(agent, by=agent, **checked(OwnForm(request.POST)))
        messages.success(request, _("Kept."))
        return go_to(request, reverse("desk:me"))
    zones = zone_choices()
    context: dict[str, Any] = {
        "due": due_now(agent),
        "zones": zones if agent.time_zone in zones else [agent.time_zone, *zones],
        "languages": languages(),
        "densities": Density.choices,
        "themes": Theme.choices,
        "taken": taken_by(agent),
    }
    return render(request, "desk/me.html", context)


@desk_view
@require_POST
def theme(request: AgentRequest) -> HttpResponse:
    """Keep the theme that the button in the bar has just shown."""
    set_preferences(request.user, by=request.user, theme=request.POST.get("theme", ""))
    return HttpResponse(status=204)
