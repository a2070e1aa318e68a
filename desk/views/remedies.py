"""Vouchers, benefits, and letting the customer choose: the second page of the goodwill panel."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

import goodwill.services
from desk import remedies
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import checked, fresh_key
from desk.giving import ORDERS_OFFERED, asked_on, orders_of
from desk.views.parts import after_deed
from goodwill.models import Offer, Reason
from tickets.models import Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST give the one thing, or send two or three to choose from."""
    ticket = ticket_or_404(request, reference)
    reasons = Reason.objects.filter(brand=ticket.brand_id, is_active=True)
    vouchers, benefits = remedies.vouchers_for(ticket), remedies.benefits_for(ticket)
    if request.method == "POST":
        _give(request, ticket, reasons, [*vouchers, *benefits])
        return after_deed(request, reference)
    context = {
        "ticket": ticket,
        "account": account_of(ticket.customer),
        "reasons": reasons,
        "vouchers": vouchers,
        "benefits": benefits,
        "asked": asked_on(ticket, request.user),
        "offered": remedies.offered_on(ticket),
        "alone": remedies.alone(request.user, ticket),
        "orders": orders_of(ticket)[:ORDERS_OFFERED],
        "key": fresh_key(),
    }
    return render(request, "desk/_remedies.html", context)


@desk_view
@require_POST
def withdraw(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Take back what the customer has not chosen from yet."""
    ticket = ticket_or_404(request, reference)
    offers = Offer.objects.visible_to(request.user)
    offer = get_object_or_404(offers, pk=pk, request__ticket__in=ticket.whole())
    goodwill.services.withdraw_offer(offer, by=request.user)
    return after_deed(request, reference)


def _give(
    request: AgentRequest, ticket: Ticket, reasons: QuerySet[Reason], gifts: list[remedies.Givable]
) -> None:
    """Do what was sent; what is over a limit waits for a supervisor, whichever of them it is."""
    form = remedies.RemediesForm(
        request.POST, reasons=reasons, gifts=gifts, member=account_of(ticket.customer) is not None,
        orders=orders_of(ticket),
    )  # fmt: skip
    sent = checked(form)
    deed: dict[str, Any] = {
        "by": request.user,
        "reason": sent["reason"],
        "order": sent["order"],
        "key": sent["key"],
    }
    options = sent["options"]
    if sent["deed"] == "offer":
        goodwill.services.offer(ticket, options, text=sent["text"], **deed)
    elif options[0].gift is not None:
        goodwill.services.ask_gift(ticket, options[0].gift, **deed)
    else:
        goodwill.services.ask(ticket, options[0].points, **deed)
