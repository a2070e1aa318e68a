"""The middle pane: reading a ticket and every word and deed on it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

import tickets.services
from agents.models import Agent
from contactcenter import clock
from desk import panes, sending
from desk.access import AgentRequest, desk_view, shown_or_404, ticket_or_404, version_or_404
from desk.filling import take_along
from desk.forms import ComposerForm, checked
from desk.going_on import next_in
from desk.queue import address_of, asked_for
from desk.undoing import to_undo
from desk.views.parts import after_deed, after_word, parts, with_undo
from desk.views.queue import pane_for
from tickets.models import Ticket

COLLEAGUES_SHOWN = 30
REFERENCE = re.compile(r"[A-Z0-9]{1,9}-[0-9]{1,10}")


@desk_view
@require_safe
def ticket(request: AgentRequest, reference: str) -> HttpResponse:
    """The whole desk with this ticket; for a click in the list only the two panes that change."""
    page = shown_or_404(request, reference)
    context = (
        panes.conversation(page)
        | panes.composer(page, by=request.user)
        | panes.pane_of(page, by=request.user)
    )
    context["solved"] = _solved(request)
    if request.htmx.target == "conversation":
        return parts(request, context, "_conversation.html", "_customer.html")
    current: dict[str, Any] = {"current": page.ticket.reference}
    if "taken" in request.GET:
        current["undo"] = to_undo(page.ticket, context["thread"].items, by=request.user)
    return render(request, "desk/ticket.html", context | pane_for(request) | current)


@desk_view
@require_safe
def thread(request: AgentRequest, reference: str) -> HttpResponse:
    """With ?before= what was said earlier, else what is new in the conversation."""
    before = number_in(request.GET.get("before", ""))
    return _news(request, reference) if before is None else _earlier(request, reference, before)


def _earlier(request: AgentRequest, reference: str, before: int) -> HttpResponse:
    """The page of the conversation that ends before this message."""
    page = shown_or_404(request, reference)
    return render(request, "desk/_items.html", panes.conversation(page, before=before))


def _news(request: AgentRequest, reference: str) -> HttpResponse:
    """The conversation as it stands; 204 where the ?version= that is shown is the newest."""
    if "version" in request.GET and request.GET["version"] == version_or_404(request, reference):
        return HttpResponse(status=204)
    page = shown_or_404(request, reference)
    read = ["_read.html"] if "read" in request.GET else []
    return parts(request, panes.conversation(page), "_thread.html", "_head.html", "_seen.html", *read)


@desk_view
@require_POST
def say(request: AgentRequest, reference: str) -> HttpResponse:
    """Send a reply or leave a note, and go on as the agent asked: stay, resolve, or resolve and next."""
    ticket = ticket_or_404(request, reference)
    form = checked(ComposerForm(request.POST))
    if form["kind"] == "note":
        how = {"by": request.user, "key": form["key"], "version": form["version"] or 0}
        return after_word(request, tickets.services.note(ticket, form["text"], **how))
    if form["then"] not in ("resolve", "next"):
        return after_word(request, sending.reply(ticket, form, by=request.user))
    place = ticket.turn_at, ticket.pk
    at = clock.now()  # of one instant: who undoes the reply takes back what was chosen with it
    with transaction.atomic():
        take_along(ticket, request.POST, by=request.user, at=at)
        sent = sending.reply(ticket, form, by=request.user, at=at)
    if form["then"] == "next":
        return with_undo(_go_on(request, ticket.reference, place), sent)
    return after_word(request, sent)


@desk_view
def assign(request: AgentRequest, reference: str) -> HttpResponse:
    """The colleagues who serve the brand; with POST the ticket goes to the one `to` names, to nobody without."""
    ticket, to = ticket_or_404(request, reference), request.POST.get("to", "")
    if request.method != "POST":
        serving = Agent.objects.serving(ticket.brand).exclude(pk=request.user.pk).only("name", "email")
        return render(request, "desk/_colleagues.html", {"colleagues": serving[:COLLEAGUES_SHOWN]})
    colleague = get_object_or_404(Agent.objects.visible_to(request.user), pk=number_in(to)) if to else None
    tickets.services.assign(ticket, colleague, by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
@require_POST
def status(request: AgentRequest, reference: str) -> HttpResponse:
    """Resolve, reopen, park or take up the ticket."""
    ticket, wanted = ticket_or_404(request, reference), request.POST.get("status", "")
    if wanted == Ticket.Status.RESOLVED:
        with transaction.atomic():
            take_along(ticket, request.POST, by=request.user)
            tickets.services.resolve(ticket, by=request.user, seen=_seen(request))
    elif wanted == Ticket.Status.OPEN and ticket.status in Ticket.ENDED:
        tickets.services.reopen(ticket, by=request.user)
    else:
        tickets.services.set_status(ticket, wanted, by=request.user)
    return after_deed(request, reference, first="_head.html")


def _seen(request: AgentRequest) -> int:
    """The last message the agent had before their eyes; a form that does not say has seen none."""
    return number_in(request.POST.get("seen", "")) or 0


def number_in(text: str) -> int | None:
    """A number that can be one of ours; None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _solved(request: AgentRequest) -> str:
    """The ticket that was solved a moment ago, on the way to this one: its follow-up is proposed here."""
    named = request.GET.get("solved", "")
    return named if REFERENCE.fullmatch(named) else ""


def _go_on(request: AgentRequest, solved: str, place: tuple[datetime | None, int]) -> HttpResponse:
    """From the `solved` one to the row after its `place` in the list the agent works from, or to the empty desk when
    all is answered. `Desk-Next` names the follow-up to propose there: what was fetched ahead does not know of it."""
    asked = asked_for(request.user, view=request.POST.get("view", ""), queue_id=request.POST.get("queue", ""))
    following = next_in(asked, place, reader=request.user)
    if following is None:
        home = reverse("desk:home") + address_of(asked.view, asked.queue)
        return HttpResponse(status=204, headers={"HX-Redirect": home})
    where = {
        "path": f"{following}&solved={solved}",
        "target": "#conversation",
        "swap": "outerHTML",
        "headers": {"Desk-Next": reverse("desk:follow_up", args=[solved])},
    }
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(where)})
