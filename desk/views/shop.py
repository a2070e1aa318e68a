"""What the shop is asked to do with an order of the ticket's customer: a panel beside the conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import tickets.services
from customers.models import Order
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.asking_shop import effect_of, kind_in, pieces_in, rows_of
from desk.forms import ShopForm, checked, fresh_key
from desk.views.parts import after_deed
from tickets.models import ShopTask, Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """What the shop was asked already, and a form; with POST it is asked."""
    ticket = ticket_or_404(request, reference)
    order = _order_or_404(ticket, pk)
    if request.method == "POST":
        form, kind = checked(ShopForm(request.POST)), kind_in(request.POST)
        pieces = pieces_in(rows_of(order, request.POST), kind)
        tickets.services.ask_shop(
            ticket, order, kind, pieces, by=request.user, key=form["key"], note=form["note"]
        )
        return after_deed(request, reference)
    tasks = ShopTask.objects.filter(order=order).select_related("asked_by").prefetch_related("lines__line")
    context = {"ticket": ticket, "tasks": tasks.order_by("-id"), "kinds": ShopTask.Kind, "key": fresh_key()}
    return render(request, "desk/_shop.html", context | effect_of(order, request.GET))


@desk_view
@require_safe
def effect(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """The part of the panel that follows what is chosen in it."""
    ticket = ticket_or_404(request, reference)
    context = {"ticket": ticket} | effect_of(_order_or_404(ticket, pk), request.GET)
    return render(request, "desk/_shop_effect.html", context)


@desk_view
@require_POST
def withdraw(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Take back what the shop has not taken yet."""
    ticket = ticket_or_404(request, reference)
    task = get_object_or_404(ShopTask.objects.filter(ticket=ticket), pk=pk)
    tickets.services.withdraw_task(task, by=request.user)
    return after_deed(request, reference)


def _order_or_404(ticket: Ticket, pk: int) -> Order:
    orders = Order.objects.filter(customer=ticket.customer_id).select_related("brand")
    return get_object_or_404(orders, pk=pk)
