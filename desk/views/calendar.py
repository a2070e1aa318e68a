"""The address at which an agent's own calendar program reads their promises."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from callbacks import feeds
from desk.access import AgentRequest, desk_view


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: AgentRequest) -> HttpResponse:
    """The address there is, if any; POST makes a new one (`deed` renew), or lets the old one open nothing (revoke)."""
    deed = request.POST.get("deed")
    if deed == "renew":
        feeds.renew(request.user)
    elif deed == "revoke":
        feeds.revoke(request.user)
    return render(request, "desk/_calendar.html", {"address": feeds.address_of(request.user)})
