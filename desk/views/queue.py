"""The left pane and the start of the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import tickets.services
from contactcenter import clock
from desk.access import AgentRequest, desk_view
from desk.queue import address_of, asked_for, due_now, queue_pane
from desk.snoozing import choices
from desk.views.parts import parts
from tickets.models import Ticket


def pane_for(request: AgentRequest) -> dict[str, Any]:
    """The queue pane as the address asks for it: ?view=, ?queue=, ?after=, and which ticket is open (?current=)."""
    asked = request.GET
    pane = queue_pane(
        request.user,
        view=asked.get("view", ""),
        queue_id=asked.get("queue", ""),
        cursor=asked.get("after", ""),
    )
    due, more = due_now(request.user), "after" in asked
    bulk = {"bulk_snoozes": choices(clock.now()), "bulk_priorities": Ticket.Priority.choices}
    return {"pane": pane, "due": due, "current": asked.get("current", ""), "more": more, **bulk}


@desk_view
@require_safe
def home(request: AgentRequest) -> HttpResponse:
    """The desk with no ticket open; for who comes back to it only the two panes that change, for who chooses another
    queue only the list."""
    if request.htmx.target == "queue":
        return parts(request, pane_for(request), "_queue.html", "_where.html")
    if request.htmx.target == "conversation":
        return parts(request, pane_for(request) | {"level": "h1"}, "_choose.html", "_nobody.html")
    return render(request, "desk/home.html", pane_for(request))


@desk_view
@require_safe
def queue(request: AgentRequest) -> HttpResponse:
    """The list again, or with ?after= the rows that follow; with another view or queue chosen, what the bar says of it
    too, and the open ticket stays."""
    if "after" in request.GET:
        return render(request, "desk/_rows.html", pane_for(request))
    chosen = ["_where.html"] if request.htmx.target == "queue" else []
    return parts(request, pane_for(request), "_queue.html", *chosen)


@desk_view
@require_POST
def take_next(request: AgentRequest) -> HttpResponse:
    """Take the ticket that is due first of those nobody has; two agents at once get two. The list stays the one they
    work from, and the page says what was done and offers to undo it."""
    waiting: Any = Ticket.objects.visible_to(request.user).unsolved().awake().filter(assignee=None)
    ticket = tickets.services.take_next(waiting, by=request.user)
    asked = asked_for(request.user, view=request.GET.get("view", ""), queue_id=request.GET.get("queue", ""))
    place = address_of(asked.view, asked.queue)
    if ticket is None:
        messages.info(request, _("No ticket waits without an owner."))
        return redirect(reverse("desk:home") + place)
    return redirect(f"{reverse('desk:ticket', args=[ticket.reference])}{place}&taken=1")
