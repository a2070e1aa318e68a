"""Words that are not sent: kept as they are typed, seen by colleagues, undone, put off, and the files with them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

import tickets.services
from contactcenter.errors import Refused
from desk import panes, written
from desk.access import AgentRequest, desk_view, shown_or_404, ticket_or_404
from desk.forms import DraftForm, HourForm, checked
from desk.views.parts import parts
from desk.views.ticket import number_in
from tickets import rich
from tickets.models import Attachment, Draft, Ticket


@desk_view
def draft(request: AgentRequest, reference: str) -> HttpResponse:
    """With POST one's own words, to be kept; without, what colleagues have begun."""
    ticket = ticket_or_404(request, reference)
    return _of_others(request, ticket) if request.method in ("GET", "HEAD") else _keep(request, ticket)


def _of_others(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    """Which colleagues have begun something, with ?of= what it is."""
    others = Draft.objects.written().filter(ticket=ticket).select_related("agent")
    if "of" not in request.GET:
        begun = others.exclude(agent=request.user).exclude(text="").order_by("pk")
        return _begun(request, {"ticket": ticket, "begun_by_others": begun})
    other = get_object_or_404(others, pk=number_in(request.GET.get("of", "")) or 0)
    html = written.html_of(other.text, other.files.all())
    return render(request, "desk/_begun.html", {"draft": other, "html": html})


def _keep(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    """Keep what was typed so far; where another tab of theirs wrote meanwhile the agent chooses."""
    form = checked(DraftForm(request.POST))
    macros = [pk for text in request.POST.getlist("macro")[:20] if (pk := number_in(text)) is not None]
    try:
        kept = tickets.services.save_draft(ticket, by=request.user, macros=macros, **form)
    except Refused as refusal:
        if refusal.code != "draft_moved":
            raise
        return render(request, "desk/_draft_moved.html", {"refusal": refusal}, status=409)
    return JsonResponse({"version": kept.version if kept else 0})


@desk_view
@require_POST
def held(request: AgentRequest, pk: int, what: str) -> HttpResponse:
    """Undo a reply that waits, send it now, or let it go out at another hour."""
    waiting = Draft.objects.visible_to(request.user).select_related("ticket__brand").filter(pk=pk).first()
    if waiting is None:
        if Draft.objects.filter(pk=pk).exists():
            raise Http404
        raise tickets.services.gone_already()
    if what == "undo":
        tickets.services.take_back(waiting, by=request.user)
        if waiting.agent_id == request.user.pk:
            return _to_ticket(request, waiting.ticket.reference)
    elif what == "now":
        tickets.services.send_held(waiting, by=request.user)
    elif what == "change":
        tickets.services.change_hour(waiting, checked(HourForm(request.POST))["later_at"], by=request.user)
    else:
        raise Http404
    return HttpResponse(status=204, headers={"HX-Trigger": "said"})


@desk_view
@require_POST
def preview(request: AgentRequest, reference: str) -> HttpResponse:
    """What was typed as the customer will see it."""
    ticket = ticket_or_404(request, reference)
    text = request.POST.get("text", "")[: rich.MOST_CHARACTERS]
    files = Attachment.objects.filter(draft__ticket=ticket, draft__agent=request.user)
    pictures = {file.pk: reverse("desk:picture", args=[file.pk]) for file in files}
    return render(
        request, "desk/_preview.html", {"html": rich.rendered(text, pictures), "is_empty": not text.strip()}
    )


@desk_view
@require_POST
def add_file(request: AgentRequest, reference: str) -> HttpResponse:
    """Keep a file with the draft; the answer is its chip, and for a picture its id."""
    ticket = ticket_or_404(request, reference)
    given = request.FILES.get("file")
    if given is None:
        raise Http404
    is_inline = request.POST.get("inline") == "1"
    try:
        file = tickets.services.add_file(
            ticket, given.name or "", given.read(), by=request.user, is_inline=is_inline
        )
    except Refused as refusal:
        return render(request, "desk/_refusal.html", {"refusal": refusal}, status=409)
    answer = render(request, "desk/_draft_file.html", {"file": file})
    answer["X-File"], answer["X-Draft-Version"] = str(file.pk), str(file.draft.version if file.draft else 0)
    return answer


@desk_view
@require_POST
def drop_file(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a file away from one's draft."""
    file = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    tickets.services.drop_file(file, by=request.user)
    return HttpResponse("")


def _begun(request: AgentRequest, context: dict[str, Any]) -> HttpResponse:
    """Who has begun something; beside it the composer anew, where it `is_empty` and words of one's own came back."""
    own = Draft.objects.written().filter(ticket=context["ticket"], agent=request.user).exclude(returned="")
    shown = number_in(request.GET.get("shown", ""))
    if not request.GET.get("is_empty") or not own.exclude(version=shown or 0).exists():
        return render(request, "desk/_begun_by_others.html", context)
    page = shown_or_404(request, context["ticket"].reference)
    whole = panes.conversation(page) | panes.composer(page, by=request.user)
    return parts(request, whole | context, "_begun_by_others.html", "_composer.html")


def _to_ticket(request: AgentRequest, reference: str) -> HttpResponse:
    """To the ticket whose composer has the words again, wherever the agent is by now, and in the list they work from.
    `Desk-Words` puts the cursor behind them."""
    asked = parse_qs(urlsplit(request.htmx.current_url or "").query)
    kept = urlencode([(name, asked[name][0]) for name in ("view", "queue") if name in asked])
    where = {
        "path": reverse("desk:ticket", args=[reference]) + (f"?{kept}" if kept else ""),
        "target": "#conversation",
        "swap": "outerHTML",
        "headers": {"Desk-Words": "1"},
    }
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(where)})
