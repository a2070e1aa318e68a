"""Where a ticket waits and until when, how pressing it is, its type, tags and links: all in its head."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import tickets.services
from contactcenter import clock
from contactcenter.errors import Refused
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.forms import LinkForm, TagForm, checked
from desk.snoozing import choices
from desk.views.parts import after_deed
from desk.views.ticket import number_in
from tickets.models import Queue, Tag, Ticket, TicketLink

TAGS_OFFERED = 50


@desk_view
@require_POST
def priority(request: AgentRequest, reference: str) -> HttpResponse:
    """Make the ticket more or less pressing."""
    ticket = ticket_or_404(request, reference)
    wanted = number_in(request.POST.get("priority", ""))
    tickets.services.set_priority(ticket, wanted or 0, by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
@require_POST
def type(request: AgentRequest, reference: str) -> HttpResponse:
    """Say what sort of thing the ticket is."""
    ticket = ticket_or_404(request, reference)
    tickets.services.set_type(ticket, request.POST.get("type", ""), by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
def tags(request: AgentRequest, reference: str) -> HttpResponse:
    """The brand's tags that the ticket does not bear; with POST one is put on, or with `off` taken off."""
    ticket = ticket_or_404(request, reference)
    known = Tag.objects.filter(brand=ticket.brand_id)
    if request.method != "POST":
        offered = known.exclude(on__ticket=ticket).order_by("name")[:TAGS_OFFERED]
        return render(request, "desk/_tag_names.html", {"tags": offered})
    if off := request.POST.get("off"):
        tickets.services.untag(ticket, get_object_or_404(known, pk=number_in(off)), by=request.user)
    else:
        tickets.services.tag(ticket, checked(TagForm(request.POST))["name"], by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
@require_POST
def links(request: AgentRequest, reference: str) -> HttpResponse:
    """Link the ticket with another one, or with `off` undo a link."""
    ticket = ticket_or_404(request, reference)
    if off := request.POST.get("off"):
        link = get_object_or_404(
            TicketLink.objects.of(ticket).select_related("one", "other"), pk=number_in(off)
        )
        tickets.services.unlink(link.one, link.other, kind=link.kind, by=request.user)
    else:
        form = checked(LinkForm(request.POST))
        seen = Ticket.objects.visible_to(request.user).referred_to_by(form["other"])
        other = seen.select_related("brand").first()
        if other is None:
            raise Refused("no_ticket", _("There is no ticket %s.") % form["other"])
        tickets.services.link(ticket, other, kind=form["kind"], by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
def queues(request: AgentRequest, reference: str) -> HttpResponse:
    """The brand's other queues; with POST the ticket goes to one of them."""
    ticket = ticket_or_404(request, reference)
    others = Queue.objects.filter(brand=ticket.brand_id).exclude(pk=ticket.queue_id)
    if request.method != "POST":
        return render(request, "desk/_queue_names.html", {"queues": others})
    queue = get_object_or_404(others, pk=number_in(request.POST.get("queue", "")))
    tickets.services.move_to(ticket, queue, by=request.user)
    return after_deed(request, reference, first="_head.html")


@desk_view
@require_POST
def snooze(request: AgentRequest, reference: str) -> HttpResponse:
    """Put the ticket off `until` one of the offered times, or with `back` take it up again."""
    ticket = ticket_or_404(request, reference)
    if "back" in request.POST:
        tickets.services.unsnooze(ticket, by=request.user)
        return after_deed(request, reference, first="_head.html")
    wanted = request.POST.get("until", "")
    choice = next((one for one in choices(clock.now()) if one.code == wanted), None)
    if choice is None:
        raise Refused("out_of_range", _("Choose one of the times that are offered."))
    tickets.services.snooze(ticket, choice.until, by=request.user, on_thanks="on_thanks" in request.POST)
    return after_deed(request, reference, first="_head.html")
