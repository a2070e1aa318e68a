"""Why the customer wrote, its checklist, the brand's own fields, and the agent's release: all in the ticket's head."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

import tickets.services
from desk import filling
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.views.parts import after_deed
from desk.views.ticket import number_in


@desk_view
def reasons(request: AgentRequest, reference: str) -> HttpResponse:
    """What may be chosen, to be typed in; with POST it is set, or with `off` taken back."""
    ticket = ticket_or_404(request, reference)
    if request.method != "POST":
        return render(request, "desk/_reason_options.html", {"paths": filling.paths_of(ticket)})
    wanted = "" if "off" in request.POST else request.POST.get("reason", "")
    reason = None if "off" in request.POST else filling.reason_named(ticket, wanted)
    tickets.services.set_reason(ticket, reason, by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
def checklist(request: AgentRequest, reference: str) -> HttpResponse:
    """What is to be asked and done; with POST a line is ticked, or with `off` the tick is taken back."""
    ticket = ticket_or_404(request, reference)
    if request.method == "POST":
        lines = tickets.services.checklist_of(ticket)
        item = get_object_or_404(lines, pk=number_in(request.POST.get("item", "")))
        deed = tickets.services.untick if "off" in request.POST else tickets.services.tick
        deed(ticket, item, by=request.user)
    context = {"ticket": ticket, "checklist": filling.checklist(ticket)}
    return render(request, "desk/_checklist.html", context)


@desk_view
def fields(request: AgentRequest, reference: str) -> HttpResponse:
    """The brand's own fields; with POST what stands in them is what was sent."""
    ticket = ticket_or_404(request, reference)
    if request.method != "POST":
        return render(request, "desk/_fields.html", {"ticket": ticket, "fields": filling.filled(ticket)})
    with transaction.atomic():
        filling.fill_in(ticket, filling.sent_in(request.POST), by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
@require_POST
def wrapped_up(request: AgentRequest, reference: str) -> HttpResponse:
    """The agent is done with what was left to do."""
    ticket_or_404(request, reference)
    tickets.services.end_wrap_up(by=request.user)
    return after_deed(request, reference, first="_head.html")
