"""The call itself: dialled, followed while it runs, hung up."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

import callbacks.services
from callbacks.models import Attempt, Callback
from desk.access import AgentRequest, desk_view
from desk.calls import call_of
from desk.forms import Keyed, checked
from desk.views.callbacks import seen_by, shown


@desk_view
@require_POST
def dial(request: AgentRequest, pk: int) -> HttpResponse:
    """Call the customer; where no dialler rings, the page shows the number to open.

    Nothing of it may stand in one transaction: the dialler is asked over the network.
    """
    callback = get_object_or_404(seen_by(request), pk=pk)
    callbacks.services.dial(callback, by=request.user, key=checked(Keyed(request.POST))["key"])
    return shown(request, pk)


@desk_view
@require_POST
def hang_up(request: AgentRequest, pk: int) -> HttpResponse:
    """End the call one is in; what came of it is still to be said."""
    callbacks.services.hang_up(get_object_or_404(seen_by(request), pk=pk), by=request.user)
    return shown(request, pk)


@desk_view
@require_safe
def state(request: AgentRequest, pk: int) -> HttpResponse:
    """How the call stands; the page asks every two seconds while it runs."""
    rows: Any = Callback.objects.visible_to(request.user).select_related("contact_point")
    chosen = get_object_or_404(rows, pk=pk)
    attempts: Any = Attempt.objects.visible_to(request.user).filter(callback=chosen)
    return render(request, "desk/_call_state.html", {"chosen": chosen, "call": call_of(attempts.last())})
