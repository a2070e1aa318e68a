"""Finding the caller, and what is done by hand for them: a new customer, a new ticket."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

import customers.services
import tickets.services
from agents.models import Brand
from desk import panes
from desk.access import AgentRequest, customer_or_404, desk_view
from desk.finding import Search
from desk.finding import find as find_callers
from desk.forms import checked, fresh_key
from desk.person_forms import (
    CHANNEL_ICONS,
    NewCustomerForm,
    TicketForm,
    country_choices,
    language_choices,
    zone_choices,
)
from desk.views.parts import go_to
from desk.views.queue import pane_for
from tickets.models import Queue
from tickets.services import BY_HAND

PREFILLED = ("name", "mail", "phone")


@desk_view
@require_safe
def find(request: AgentRequest) -> HttpResponse:
    """Whom ?q= means: the rows while one types, the page when it is sent; who is meant for sure is opened."""
    search = find_callers(request.user, request.GET.get("q", ""))
    if request.htmx:
        return render(request, "desk/_found.html", {"search": search})
    if len(search.rows) == 1 and not search.alike:
        return redirect(_where(search))
    return render(request, "desk/find.html", pane_for(request) | {"search": search})


def _where(search: Search) -> str:
    (found,) = search.rows
    if found.how == "ticket":
        return reverse("desk:ticket", args=[found.what])
    return reverse("desk:person", args=[found.customer.pk])


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def new_customer(request: AgentRequest) -> HttpResponse:
    """The form of a new customer with what was typed in the box, or with POST the customer."""
    brands = Brand.objects.visible_to(request.user)
    if request.method == "POST":
        form = NewCustomerForm(request.POST, brands=brands)
        told = checked(form)
        customer = customers.services.create_customer(
            told["brand"], addresses=form.addresses(), by=request.user, key=told["key"], **form.profile()
        )
        return go_to(request, reverse("desk:person", args=[customer.pk]))
    context: dict[str, Any] = {
        "brands": brands,
        "given": {field: request.GET.get(field, "")[:254] for field in PREFILLED},
        "languages": language_choices(),
        "countries": country_choices(),
        "zones": zone_choices(),
        "key": fresh_key(),
    }
    return render(request, "desk/new_customer.html", pane_for(request) | context)


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: AgentRequest) -> HttpResponse:
    """The form of a ticket for ?customer=, or with POST the ticket, assigned to who opened it."""
    asked = request.POST if request.method == "POST" else request.GET
    number = asked.get("customer", "")
    if not number:
        return redirect("desk:find")
    customer = customer_or_404(request, int(number) if number.isdecimal() and len(number) < 19 else 0)
    if request.method == "POST":
        form = checked(TicketForm(request.POST, customer=customer))
        ticket = tickets.services.open_by_hand(customer, by=request.user, **form)
        return go_to(request, reverse("desk:ticket", args=[ticket.reference]))
    context = {
        "channels": [(channel.value, channel.label, CHANNEL_ICONS[channel]) for channel in BY_HAND],
        "queues_of_brand": Queue.objects.filter(brand=customer.brand_id).order_by("-is_default", "name"),
        "key": fresh_key(),
    }
    return render(
        request,
        "desk/new_ticket.html",
        pane_for(request) | panes.customer_pane(customer, by=request.user) | context,
    )
