"""One deed on all tickets that were chosen in the queue, and what became of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contactcenter import clock
from contactcenter.errors import Refused
from desk.access import AgentRequest, desk_view
from desk.snoozing import choices
from desk.views.queue import pane_for
from desk.views.ticket import number_in
from tickets.models import Queue, Ticket
from tickets.services import bulk


@desk_view
@require_POST
def deed(request: AgentRequest) -> HttpResponse:
    """Do what was asked for (`deed`, as in priority:4) on each `ticket`; the queue again, with the report."""
    chosen = request.POST.getlist("ticket")[: bulk.AT_MOST + 1]
    numbers = [pk for pk in map(number_in, chosen) if pk is not None]
    tickets = list(
        Ticket.objects.visible_to(request.user).filter(pk__in=numbers).select_related("brand").order_by("pk")
    )
    todo, one = _asked(request, tickets)
    report = bulk.do_on_each(todo, one)
    return render(request, "desk/_queue.html", pane_for(request) | {"report": report})


def _asked(request: AgentRequest, tickets: list[Ticket]) -> tuple[list[Ticket], bulk.Deed]:
    """The tickets that a deed is for, and the deed. Refused: `no_such_deed`, `out_of_range`."""
    by = request.user
    name, _colon, value = request.POST.get("deed", "").partition(":")
    if name == "mine":
        return tickets, bulk.assigning(by, by=by)
    if name == "back":
        return tickets, bulk.assigning(None, by=by)
    if name == "queue":
        queue = get_object_or_404(Queue.objects.visible_to(by), pk=number_in(value))
        return tickets, bulk.moving(queue, by=by)
    if name == "priority":
        return tickets, bulk.prioritising(number_in(value) or 0, by=by)
    if name == "tag":
        return tickets, bulk.tagging(request.POST.get("name", ""), by=by)
    if name == "snooze":
        choice = next((one for one in choices(clock.now()) if one.code == value), None)
        if choice is None:
            raise Refused("out_of_range", _("Choose one of the times that are offered."))
        return tickets, bulk.putting_off(choice.until, by=by)
    if name == "resolve":
        return tickets, bulk.resolving(by=by)
    if name == "merge":
        return bulk.merging(tickets, by=by)
    raise Refused("no_such_deed", _("This cannot be done with several tickets."))
