"""Lists that agents keep under a name, and why the first ticket of a list is the first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

import tickets.services
from agents.models import Brand, Team
from desk.access import AgentRequest, desk_view
from desk.forms import ViewForm, checked
from desk.turns import first_of
from desk.views.parts import go_to
from desk.views.queue import pane_for
from desk.views.ticket import number_in
from tickets.models import SavedView
from tickets.services.views import SHARE


@desk_view
@require_safe
def views(request: AgentRequest) -> HttpResponse:
    """The views an agent may open, and a form for one more or, with ?change=, for one of them; ?query= fills it in.
    In a menu only the names."""
    found = SavedView.objects.on_the_desk_of(request.user).select_related("brand", "team", "owner")
    context: dict[str, Any] = {"views": list(found)}
    if request.htmx.target == "view-names":
        return render(request, "desk/_view_names.html", context)
    change = number_in(request.GET.get("change", ""))
    brands = list(Brand.objects.visible_to(request.user))
    return render(
        request,
        "desk/views.html",
        context
        | pane_for(request)
        | {
            "brands": brands,
            "may_share": request.user.has_perm(SHARE),
            "teams": list(Team.objects.visible_to(request.user).select_related("brand")),
            "query": request.GET.get("query", "")[:400],
            "changed": next((view for view in context["views"] if view.pk == change), None),
        },
    )


@desk_view
@require_POST
def keep(request: AgentRequest) -> HttpResponse:
    """Keep a list under a name, or change the one that is named, and open it."""
    form = checked(ViewForm(request.POST))
    if form["view"]:
        view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=form["view"])
        tickets.services.change_view(view, form["name"], form["query"], by=request.user)
        return go_to(request, f"{reverse('desk:home')}?view=v{view.pk}")
    brand = get_object_or_404(Brand.objects.visible_to(request.user), pk=form["brand"])
    shared = form["shared"] != "no"
    team = None
    if form["shared"].isdecimal():
        team = get_object_or_404(Team.objects.visible_to(request.user), pk=int(form["shared"]))
    view = tickets.services.keep_view(
        form["name"], form["query"], brand=brand, by=request.user, shared=shared, team=team
    )
    return go_to(request, f"{reverse('desk:home')}?view=v{view.pk}")


@desk_view
@require_POST
def drop(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a view away."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    tickets.services.drop_view(view, by=request.user)
    return go_to(request, reverse("desk:views"))


@desk_view
@require_safe
def why_first(request: AgentRequest) -> HttpResponse:
    """Why the ticket that stands first in ?view= and ?queue= does."""
    asked = request.GET
    reasons = first_of(request.user, view=asked.get("view", ""), queue_id=asked.get("queue", ""))
    return render(request, "desk/_why_first.html", {"reasons": reasons})
