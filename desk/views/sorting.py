"""How pressing a ticket is, of what type, with which tags, and what it belongs to: all in its head."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import tickets.services
from contactcenter.errors import Refused
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.forms import LinkForm, TagForm, checked
from desk.views.parts import after_deed
from desk.views.ticket import number_in
from tickets.models import Tag, Ticket, TicketLink

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
