"""Tickets by what was written in them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from desk.queue import due_now
from desk.searching import groups
from desk.views.parts import parts
from tickets.search import search as search_tickets


@desk_view
@require_safe
def search(request: AgentRequest) -> HttpResponse:
    """The tickets ?q= means; with ?after= the rows that follow."""
    after = request.GET.get("after", "")
    results = search_tickets(request.user, request.GET.get("q", ""), cursor=after)
    context = {"search": results, "groups": groups(results, request.user), "more": bool(after)}
    if request.htmx.target == "search-more":
        return render(request, "desk/_search_rows.html", context)
    if request.htmx.target == "search-found":
        return parts(request, context, "_search.html", "_search_said.html")
    return render(request, "desk/search.html", context | {"due": due_now(request.user)})
