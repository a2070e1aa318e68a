"""One deed on all tickets that were chosen in the queue, and what became of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contactcenter import clock
from contactcenter.errors import Refused
from desk.access import AgentRequest, desk_view
from desk.snoozing import choices
from desk.undoing import to_undo_on_each
from desk.views.parts import parts
from desk.views.queue import pane_for
from desk.views.ticket import number_in
from tickets.models import Queue, Ticket, TicketEvent
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
    since = clock.now()
    report = bulk.do_on_each(todo, one)
    is_merge = request.POST.get("deed") == "merge"  # taken apart in the ticket
    undo = None if is_merge else to_undo_on_each(report, by=request.user, since=since)
    return parts(request, pane_for(request) | {"report": report, "undo": undo}, "_queue.html", "_undo.html")


@desk_view
@require_POST
def undo(request: AgentRequest) -> HttpResponse:
    """Take back what each of the `events` tells (ids with commas between); the queue again, with the report."""
    ids = request.POST.get("events", "").split(",")[: bulk.AT_MOST + 1]
    known = TicketEvent.objects.visible_to(request.user).filter(
        pk__in=[pk for pk in map(number_in, ids) if pk]
    )
    events = dict(known.values_list("ticket", "pk"))
    tickets = (
        Ticket.objects.visible_to(request.user).filter(pk__in=events).select_related("brand").order_by("pk")
    )
    report = bulk.do_on_each(list(tickets), bulk.undoing(events, by=request.user))
    return parts(request, pane_for(request) | {"report": report, "undone": True}, "_queue.html", "_undo.html")


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
