"""Two tickets that are one, one that is taken apart again, and a message that becomes a ticket of its own."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import tickets.services
from contactcenter.errors import Refused
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.views.parts import after_deed, go_to
from tickets.models import Message, Ticket

OFFERED = 10


@desk_view
def merge(request: AgentRequest, reference: str) -> HttpResponse:
    """The customer's other open tickets; with POST the ticket goes into the one that was chosen, and so do we."""
    ticket = ticket_or_404(request, reference)
    if request.method != "POST":
        others = Ticket.objects.filter(customer=ticket.customer_id).unsolved().exclude(pk=ticket.pk)
        shown = others.select_related("brand").order_by("-opened_at")[:OFFERED]
        return render(request, "desk/_merge_choices.html", {"tickets": shown})
    into = named(request, request.POST.get("choice") or request.POST.get("into", ""))
    kept = tickets.services.merge(ticket, into, by=request.user)
    return go_to(request, reverse("desk:ticket", args=[kept.reference]))


@desk_view
@require_POST
def apart(request: AgentRequest, reference: str) -> HttpResponse:
    """Take a merged ticket out again; shows the one it is taken out of."""
    ticket = ticket_or_404(request, reference)
    kept = ticket.where_it_goes_on()
    tickets.services.unmerge(ticket, by=request.user)
    return after_deed(request, kept.reference, first="_head.html")


@desk_view
@require_POST
def split(request: AgentRequest, pk: int) -> HttpResponse:
    """Make a ticket of its own of a message, and go there."""
    seen = Message.objects.visible_to(request.user).select_related("ticket__brand")
    new = tickets.services.split(get_object_or_404(seen, pk=pk), by=request.user)
    return go_to(request, reverse("desk:ticket", args=[new.reference]))


def named(request: AgentRequest, reference: str) -> Ticket:
    """The ticket somebody named by its reference. Refused: `no_ticket`."""
    reference = reference.strip()
    ticket = Ticket.objects.visible_to(request.user).referred_to_by(reference).select_related("brand").first()
    if ticket is None:
        raise Refused("no_ticket", _("There is no ticket %s.") % reference)
    return ticket
