"""The page of one customer: who they are, what they allow, and every change to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import customers.services
import loyalty.services
from customers.models import ContactPoint, Customer
from desk import panes
from desk.access import AgentRequest, account_of, customer_or_404, desk_view, ticket_or_404
from desk.forms import checked
from desk.lists import lists_of
from desk.person import person_of
from desk.person_forms import (
    SOURCES,
    AddressForm,
    ConsentForm,
    CorrectionForm,
    EnrolForm,
    ProfileForm,
    country_choices,
    language_choices,
    zone_choices,
)
from desk.views.customer import KINDS
from desk.views.parts import after_deed, go_to, parts
from desk.views.queue import pane_for
from loyalty.statement_admin import shown, taken_along
from loyalty.statements import Period, statement_of
from tickets.models import Ticket


@desk_view
@require_safe
def person(request: AgentRequest, pk: int) -> HttpResponse:
    """The whole desk with this customer and no ticket open, for who comes from the desk only the two panes that change;
    of somebody who was merged, the one who stays.
    """
    customer = customer_or_404(request, pk)
    if customer.pk != pk:
        return redirect("desk:person", customer.pk)
    if request.htmx.target == "conversation":
        return parts(request, person_of(customer, by=request.user), "_person.html", "_customer.html")
    return _page(request, customer)


@desk_view
@require_safe
def pane(request: AgentRequest, pk: int) -> HttpResponse:
    """The right pane as it stands; this is also where Esc leads from a panel."""
    return render(
        request, "desk/_customer.html", panes.customer_pane(customer_or_404(request, pk), by=request.user)
    )


@desk_view
@require_safe
def timeline(request: AgentRequest, pk: int) -> HttpResponse:
    """The timeline of one kind (?only=), or the moments that follow (?after=)."""
    customer, only, cursor = (
        customer_or_404(request, pk),
        request.GET.get("only", ""),
        request.GET.get("after", ""),
    )
    lists = None if cursor else lists_of(customer)
    context = panes.history(customer, lists, cursor=cursor, only=only if only in KINDS else "")
    template = "desk/_moments.html" if cursor else "desk/_timeline.html"
    return render(request, template, context | {"customer": customer})


@desk_view
@require_safe
def statement(request: AgentRequest, pk: int) -> HttpResponse:
    """The statement of the customer's account, or with ?as= the file; nobody's who is no member."""
    customer = customer_or_404(request, pk)
    account = account_of(customer)
    if account is None:
        raise Http404
    asked = statement_of(account, Period.asked(request.GET, account))
    if file := taken_along(asked, request):
        return file
    return _page(request, customer, main="desk/_statement.html", **shown(asked, request))


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AgentRequest, pk: int) -> HttpResponse:
    """The form of the profile, or with POST what was changed in it."""
    customer = customer_or_404(request, pk)
    if request.method == "POST":
        form = ProfileForm(request.POST)
        checked(form)
        customers.services.edit_profile(
            customer, form.profile(), by=request.user, seen=form.seen(), anyway="anyway" in request.POST
        )
        return go_to(request, reverse("desk:person", args=[pk]))
    choices = {
        "languages": language_choices(customer.language),
        "countries": country_choices(),
        "zones": zone_choices(),
    }
    return _page(request, customer, main="desk/_edit_customer.html", **choices)


@desk_view
@require_POST
def add_address(request: AgentRequest, pk: int) -> HttpResponse:
    """One more way to reach the customer."""
    customer = customer_or_404(request, pk)
    form = checked(AddressForm(request.POST))
    customers.services.add_contact_point(customer, form["kind"], form["value"], by=request.user)
    return _changed(request, pk)


@desk_view
@require_POST
def address(request: AgentRequest, pk: int, what: str) -> HttpResponse:
    """Confirm, correct or remove the address `pk`."""
    points: Any = ContactPoint.ever.visible_to(request.user).select_related("customer__brand")
    point = get_object_or_404(points, pk=pk)
    if what == "verify":
        customers.services.verify_contact_point(point, by=request.user)
    elif what == "correct":
        form = checked(CorrectionForm(request.POST))
        customers.services.correct_contact_point(point, form["value"], by=request.user)
    elif what == "remove":
        customers.services.remove_contact_point(point, by=request.user)
    else:
        raise Http404
    return _changed(request, point.customer_id)


@desk_view
@require_POST
def consent(request: AgentRequest, pk: int) -> HttpResponse:
    """What the customer allows or forbids from now on."""
    customer = customer_or_404(request, pk)
    form = checked(ConsentForm(request.POST))
    customers.services.change_consent(
        customer,
        form["purpose"],
        given=form["given"],
        source=form["source"],
        by=request.user,
        seen=form["seen"],
    )
    return _changed(request, pk)


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: AgentRequest, pk: int) -> HttpResponse:
    """The panel that asks for consent to the programme, or with POST the membership; ?ticket= names one beside."""
    customer = customer_or_404(request, pk)
    ticket = _beside(request, customer)
    if request.method == "POST":
        form = checked(EnrolForm(request.POST))
        loyalty.services.enrol(
            customer, by=request.user, source=form["source"], brought_by=form["brought_by"]
        )
        return (
            after_deed(request, ticket.reference) if ticket else _changed(request, pk, first="_customer.html")
        )
    context = {"beside": ticket, "sources": SOURCES}
    if request.htmx:
        return render(request, "desk/_enrol.html", context | {"customer": customer})
    return _page(request, customer, side="desk/_enrol.html", **context)


def _beside(request: AgentRequest, customer: Customer) -> Ticket | None:
    """The ticket of this customer that is open beside the panel."""
    reference = (request.POST if request.method == "POST" else request.GET).get("ticket", "")
    ticket = ticket_or_404(request, reference) if reference else None
    if ticket and ticket.customer_id != customer.pk:
        raise Http404
    return ticket


def _page(request: AgentRequest, customer: Customer, **context: Any) -> HttpResponse:
    """The three panes, with another `main` or `side` where the context names one."""
    return render(
        request, "desk/person.html", pane_for(request) | person_of(customer, by=request.user) | context
    )


def _changed(request: AgentRequest, pk: int, first: str = "_person.html") -> HttpResponse:
    """Both panes as they are after a deed."""
    if not request.htmx:
        return redirect("desk:person", pk)
    others = [name for name in ("_person.html", "_customer.html") if name != first]
    return parts(request, person_of(customer_or_404(request, pk), by=request.user), first, *others)
