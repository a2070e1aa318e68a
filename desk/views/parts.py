"""Answers made of several parts of the page: one that was asked for, others swapped beside it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from desk import panes, sending
from desk.access import AgentRequest, shown_or_404
from desk.forms import fresh_key
from desk.undoing import Undo, to_undo
from tickets.models import Draft, Message


def parts(request: AgentRequest, context: dict[str, Any], first: str, *others: str) -> HttpResponse:
    """Render `first` for the target of the request and every one of `others` into its own place (out of band)."""
    html = render_to_string(f"desk/{first}", context, request)
    beside = {**context, "oob": True}
    return HttpResponse(html + "".join(render_to_string(f"desk/{name}", beside, request) for name in others))


def after_word(request: AgentRequest, sent: Message | Draft) -> HttpResponse:
    """An empty composer after a word of ours; thread and customer hear `said` and ask for what is new."""
    ticket = sent.ticket
    context = {
        "ticket": ticket,
        "recipient": getattr(sent, "recipient", None) or ticket.answer_goes_to() or "",
        "key": fresh_key(),
        "thread": {"seen": getattr(sent, "seq", ticket.message_seq)},
        "later": sending.choices(ticket),
    }
    answer = render(request, "desk/_composer.html", context)
    answer["HX-Trigger"] = "said"
    return with_undo(answer, sent)


def with_undo(answer: HttpResponse, sent: Message | Draft) -> HttpResponse:
    """The page is told of a reply that can still be undone, and for how long."""
    if isinstance(sent, Draft):
        said: dict[str, Any] = {"said": None, "desk:held": sending.told(sent)}
        answer["HX-Trigger"] = json.dumps(said)
    return answer


def after_deed(
    request: AgentRequest,
    reference: str,
    first: str = "_customer.html",
    *,
    undoes: bool = False,
    undo: Undo | None = None,
) -> HttpResponse:
    """The page after a deed that said nothing: what was typed stays in the composer. Undo is offered where there is
    one, unless the deed itself `undoes`; `undo` is of a deed that knows its own."""
    page = shown_or_404(request, reference)
    context = panes.conversation(page) | panes.pane_of(page, by=request.user)
    if undo is None and not undoes:
        undo = to_undo(page.ticket, context["thread"].items, by=request.user)
    all_parts = ("_customer.html", "_head.html", "_thread.html", "_seen.html", "_undo.html")
    others = [name for name in all_parts if name != first]
    return parts(request, context | {"undo": undo}, first, *others)


def back_to(request: AgentRequest, reference: str) -> HttpResponse | None:
    """Who has another ticket `open` meanwhile is led back to this one; None for who has this one."""
    if request.POST.get("open", reference) == reference:
        return None
    path = reverse("desk:ticket", args=[reference])
    where = json.dumps({"path": path, "target": "#conversation", "swap": "outerHTML"})
    return HttpResponse(status=204, headers={"HX-Location": where})


def go_to(request: AgentRequest, address: str) -> HttpResponse:
    """To another page after a deed, from a form that htmx sent as well as from one that the browser sent."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
