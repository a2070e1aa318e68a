"""The agent's own state, in the bar of every page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from agents.presence.models import Kind, StateReason
from agents.presence.services import beat, set_state
from desk.access import AgentRequest, desk_view
from desk.views.ticket import number_in


@desk_view
@require_POST
def presence(request: AgentRequest) -> HttpResponse:
    """Say that the desk is open, or with `state` (and `reason`) go into it; 204 where `shown` is what it is anyway.

    Every page asks this when it is opened and every 45 seconds: that is the beat by which somebody counts as here.
    """
    if state := request.POST.get("state"):
        mine = StateReason.objects.visible_to(request.user)
        named = request.POST.get("reason")
        reason = get_object_or_404(mine, pk=number_in(named)) if named else None
        present = set_state(request.user, state, by=request.user, reason=reason)
    else:
        present = beat(request.user)
    shown = f"{present.kind}.{present.reason_id or ''}"
    if shown == request.POST.get("shown"):
        return HttpResponse(status=204)
    reasons = StateReason.objects.filter(brand__in=request.user.brands.all(), is_active=True)
    context = {"present": present, "shown": shown, "kinds": Kind.choices, "reasons": reasons}
    return render(request, "desk/_presence.html", context)
