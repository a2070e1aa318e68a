"""Promising a call or a task in a ticket."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

import callbacks.services
import customers.services
import tickets.services
from agents.models import Agent, Team
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import Asked, More
from customers.models import ContactPoint
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.forms import AskedForm, PromiseForm, checked, fresh_key
from desk.views.parts import after_deed
from desk.windows import days_and_hours
from tickets.models import Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel with the windows of a day, or with POST promise one of them."""
    ticket = ticket_or_404(request, reference)
    if request.method == "POST":
        _promise(request, ticket)
        return after_deed(request, reference)
    context = {"ticket": ticket, "key": fresh_key()} | days_and_hours(request, _asked(request, ticket))
    if "day" in request.GET:
        return render(request, "desk/_windows.html", context)
    points = list(ticket.customer.contact_points.all())
    policy = CallbackPolicy.objects.of(ticket.brand_id)
    return render(
        request,
        "desk/_promise.html",
        context
        | {
            "owners": _owners(ticket),
            "teams": Team.objects.filter(brand=ticket.brand_id),
            "phones": [point for point in points if point.kind == ContactPoint.Kind.PHONE],
            "by_video": policy.video_url and any(point.kind == ContactPoint.Kind.MAIL for point in points),
        },
    )


@transaction.atomic
def _promise(request: AgentRequest, ticket: Ticket) -> Callback:
    """Make the promise; a number given with it becomes one of the customer's in the same transaction."""
    tickets.services.lock(ticket)  # before the customer, as everywhere
    customer = ticket.customer
    teams = Team.objects.filter(brand=ticket.brand_id)
    form = checked(PromiseForm(request.POST, customer=customer, owners=_owners(ticket), teams=teams))
    return callbacks.services.promise(
        customer,
        form["window"],
        by=request.user,
        owner=form["owner"],
        reason=form["reason"],
        ticket=ticket,
        contact_point=_point(request, ticket, form),
        kind=form["kind"],
        more=More(notes=form["notes"], channel=form["channel"], team=form["team"]),
        key=form["key"],
    )


def _point(request: AgentRequest, ticket: Ticket, form: dict[str, Any]) -> ContactPoint | None:
    """Where the call goes: the number that was chosen or given, for a video call the customer's first mail address."""
    if form["kind"] != Callback.Kind.CALL:
        return None
    if form["channel"] == Callback.Channel.VIDEO:
        return ticket.customer.contact_points.filter(kind=ContactPoint.Kind.MAIL).first()
    point: ContactPoint | None = form["contact_point"]
    if point is None and form["number"]:
        point = customers.services.add_contact_point(
            ticket.customer, ContactPoint.Kind.PHONE, form["number"], by=request.user,
            conversation=tickets.services.conversation_of(ticket),
        )  # fmt: skip
    return point


def _asked(request: AgentRequest, ticket: Ticket) -> Asked:
    """The call that the form asks for so far: whoever promises it calls, at the first number, unless it says else."""
    owners, teams = _owners(ticket), Team.objects.filter(brand=ticket.brand_id)
    points = ticket.customer.contact_points.filter(kind=ContactPoint.Kind.PHONE)
    form = AskedForm(request.GET, points=points, owners=owners, teams=teams)
    said = form.cleaned_data if form.is_valid() else {}
    nobody = "owner" in request.GET and not request.GET["owner"]
    owner = None if nobody and said.get("team") else said.get("owner") or request.user
    return Asked(ticket.customer, owner, said.get("team"), said.get("contact_point") or points.first())


def _owners(ticket: Ticket) -> Any:
    """Who may own a promise to a customer of this brand."""
    return Agent.objects.serving(ticket.brand)
