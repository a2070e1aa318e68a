"""Promises: making one in a ticket, and keeping those that are due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import callbacks.services
import customers.services
import tickets.services
from agents.models import Agent
from callbacks import windows
from callbacks.models import Callback
from contactcenter import clock
from contactcenter.errors import Invalid
from customers.models import ContactPoint, Customer
from desk import panes
from desk.access import AgentRequest, desk_view, shown_or_404, ticket_or_404
from desk.forms import OutcomeForm, PromiseForm, checked, fresh_key
from desk.queue import due_now
from desk.quoting import split_quoted
from desk.views.parts import after_deed, parts
from tickets.models import Message, Ticket

AGENDA = 100


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel with the windows of a day, or with POST promise one of them."""
    ticket = ticket_or_404(request, reference)
    if request.method == "POST":
        _promise(request, ticket)
        return after_deed(request, reference)
    context = {"ticket": ticket, "owners": _owners(ticket), "key": fresh_key()} | _windows(
        request, ticket.customer
    )
    template = "desk/_windows.html" if "day" in request.GET else "desk/_promise.html"
    phones = [p for p in ticket.customer.contact_points.all() if p.kind == ContactPoint.Kind.PHONE]
    return render(request, template, context | {"phones": phones})


@transaction.atomic
def _promise(request: AgentRequest, ticket: Ticket) -> Callback:
    """Make the promise; a number given with it becomes one of the customer's in the same transaction."""
    tickets.services.lock(ticket)  # before the customer, as everywhere
    customer = ticket.customer
    form = checked(PromiseForm(request.POST, customer=customer, owners=_owners(ticket)))
    point = form["contact_point"]
    if form["kind"] == Callback.Kind.CALL and point is None and form["number"]:
        conversation = tickets.services.conversation_of(ticket)
        point = customers.services.add_contact_point(
            customer, ContactPoint.Kind.PHONE, form["number"], by=request.user, conversation=conversation
        )
    return callbacks.services.promise(
        customer,
        form["window"],
        by=request.user,
        owner=form["owner"],
        reason=form["reason"],
        ticket=ticket,
        contact_point=point if form["kind"] == Callback.Kind.CALL else None,
        kind=form["kind"],
        key=form["key"],
    )


@desk_view
@require_safe
def agenda(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    """My promises of today and what comes, with one of them open."""
    mine = _mine(request)
    chosen = get_object_or_404(_all(request), pk=pk) if pk else next(iter(mine), None)
    context = _agenda(mine) | {"chosen": chosen, "due": due_now(request.user)}
    if chosen:
        context |= _brief(request, chosen)
    if request.htmx.target == "conversation":
        return parts(request, context, "_call.html", "_customer.html")
    return render(request, "desk/callbacks.html", context)


@desk_view
@require_safe
def due(request: AgentRequest) -> HttpResponse:
    """What is due for this agent now; every page asks every few seconds."""
    return render(request, "desk/_due.html", {"due": due_now(request.user)})


@desk_view
@require_safe
def windows_of(request: AgentRequest, pk: int) -> HttpResponse:
    """The windows of a day to move a promise into."""
    callback = get_object_or_404(_all(request), pk=pk)
    return render(
        request, "desk/_windows.html", {"callback": callback} | _windows(request, callback.customer)
    )


@desk_view
@require_POST
def outcome(request: AgentRequest, pk: int, what: str) -> HttpResponse:
    """What came of it: done, no-answer, move or cancel."""
    callback = get_object_or_404(_all(request), pk=pk)
    form = checked(OutcomeForm(request.POST))
    deed: dict[str, Any] = {"by": request.user, "key": form["key"], "note": form["note"]}
    if what == "done":
        callbacks.services.done(callback, **deed)
    elif what == "no-answer":
        callbacks.services.no_answer(callback, **deed)
    elif what == "move":
        if form["window"] is None:
            raise Invalid("invalid", str(PromiseForm.base_fields["window"].error_messages["required"]))
        callbacks.services.move(callback, form["window"], **deed)
    elif what == "cancel":
        callbacks.services.cancel(callback, by=request.user)
    else:
        raise Http404
    context = _agenda(_mine(request)) | {"chosen": get_object_or_404(_all(request), pk=pk)}
    context |= _brief(request, context["chosen"])
    return parts(request, context, "_call.html", "_agenda.html", "_customer.html")


def _all(request: AgentRequest) -> Any:
    return Callback.objects.visible_to(request.user).select_related(
        "customer__brand", "customer__account__tier", "customer__account__programme__brand",
        "contact_point", "owner", "promised_by", "ticket__brand", "ticket__queue",
    )  # fmt: skip


def _mine(request: AgentRequest) -> list[Callback]:
    """Open promises of this agent and what was kept today, at most a hundred, in the order of their windows."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    own = _all(request).filter(owner=request.user)
    rows = own.filter(state__in=Callback.OPEN) | own.filter(state=Callback.State.KEPT, ended_at__gte=midnight)
    return sorted(
        rows.order_by("window_from", "id")[:AGENDA], key=lambda row: row.state != Callback.State.DUE
    )


def _agenda(mine: list[Callback]) -> dict[str, Any]:
    today = timezone.localdate()
    states = Callback.State
    promised = [row for row in mine if row.state == states.PROMISED]
    return {
        "due_rows": [row for row in mine if row.state == states.DUE],
        "today_rows": [row for row in promised if timezone.localdate(row.window_from) <= today],
        "later_rows": [row for row in promised if timezone.localdate(row.window_from) > today],
        "kept_rows": [row for row in mine if row.state == states.KEPT],
        "now": clock.now(),
    }


def _brief(request: AgentRequest, callback: Callback) -> dict[str, Any]:
    """Everything worth knowing before one speaks."""
    context: dict[str, Any] = {"attempts": callback.attempts.select_related("by"), "key": fresh_key()}
    if callback.ticket:
        page = shown_or_404(request, callback.ticket.reference)
        context |= panes.pane_of(page, by=request.user)
        heard = page.ticket.said().filter(kind=Message.Kind.INBOUND)
        said = heard.order_by("-created_at", "-pk").first()
        context["last_words"] = split_quoted(said.text)[0][:400] if said else ""
    else:
        context |= panes.customer_pane(callback.customer, by=request.user)
    return context | _windows(request, callback.customer)


def _owners(ticket: Ticket) -> Any:
    """Who may own a promise to a customer of this brand."""
    return Agent.objects.serving(ticket.brand)


def _windows(request: AgentRequest, customer: Customer) -> dict[str, Any]:
    """The hours of one day in the customer's zone, today unless ?day= names one to come, and the days beside it."""
    zone, now = ZoneInfo(customer.zone), clock.now()
    today = now.astimezone(zone).date()
    asked = _day(request.GET.get("day", ""))
    day = asked if asked and today <= asked <= today + windows.FARTHEST else today
    hours = windows.offered(day, zone, now=now, rules=windows.rules_for(zone))
    return {
        "here": request.path,  # where another day is asked for, unless the page around it says so
        "zone": customer.zone,
        "now": now,
        "day": day,
        "today": today,
        "days": [today + timedelta(days=n) for n in range(4)],
        "hours": [window for window in hours if window.why_not != "past"],
    }


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
