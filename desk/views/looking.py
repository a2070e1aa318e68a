"""Who else is at the tickets before one's eyes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from contactcenter import clock
from desk import looking
from desk.access import AgentRequest, desk_view
from desk.views.ticket import number_in


@desk_view
@require_POST
def looks(request: AgentRequest) -> HttpResponse:
    """Say which `ticket` one looks at, which one was `left` and what one is `typing`; who else is there and in `rows`.

    What one may not see is as if it were not there, for saying as for asking.
    """
    asked, agent, at = request.POST, request.user, clock.now()
    ticket, left = number_in(asked.get("ticket", "")), number_in(asked.get("left", ""))
    rows = [number_in(pk) for pk in asked.get("rows", "").split(",", looking.AT_MOST)[: looking.AT_MOST]]
    seen = looking.visible(agent, {pk for pk in (ticket, left, *rows) if pk})
    if left in seen:
        looking.leave(left, seen[left], agent)
    if ticket in seen:
        looking.look(ticket, seen[ticket], agent, types=asked.get("typing", ""), at=at)
    there = looking.lookers((pk for pk in seen if pk != left), but=agent, at=at)
    if ticket in seen:
        here = {one.agent.pk for one in there.setdefault(ticket, [])}
        there[ticket] += [one for one in looking.begun(ticket, but=agent) if one.agent.pk not in here]
    return render(request, "desk/_looking.html", {"there": there.items()})
