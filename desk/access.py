"""Who may open the desk, and what they find there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from agents.models import Agent
from customers.models import Customer
from desk.lists import Shown, shown, version_of
from loyalty.models import Account
from tickets.models import Ticket


class AgentRequest(HttpRequest):
    """A request of somebody who is signed in to the desk."""

    user: Agent
    htmx: HtmxDetails


def desk_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Only people who may work tickets; visitors are asked to sign in, everybody else is told no."""
    return login_required(permission_required("tickets.work_ticket", raise_exception=True)(view))


def ticket_or_404(request: AgentRequest, reference: str) -> Ticket:
    """The ticket that FF-4812 names, for a deed or a panel; one of a foreign brand is not there.

    Whoever looks at one that was merged is shown the one it went into; a deed on it is refused by the services.
    """
    ticket: Ticket = get_object_or_404(_named(request, reference))
    if _looks_at_merged(request, ticket):
        ticket = get_object_or_404(_seen_by(request), pk=ticket.merged_into_id)
    return _of_one_brand(ticket)


def shown_or_404(request: AgentRequest, reference: str) -> Shown:
    """The ticket that FF-4812 names with everything its page shows of it, in one statement; as for `ticket_or_404`."""
    found = shown(_named(request, reference))
    if found and _looks_at_merged(request, found[0].ticket):
        found = shown(_seen_by(request).filter(pk=found[0].ticket.merged_into_id))
    if not found:
        raise Http404
    _of_one_brand(found[0].ticket)
    return found[0]


def version_or_404(request: AgentRequest, reference: str) -> str:
    """Only the word that says whether anything is new in the ticket that FF-4812 names: for who asks every 8 s."""
    version = version_of(Ticket.objects.visible_to(request.user).referred_to_by(reference))
    if not version:
        raise Http404
    return version


def _named(request: AgentRequest, reference: str) -> Any:
    return _seen_by(request).referred_to_by(reference)


def _seen_by(request: AgentRequest) -> Any:
    tickets: Any = Ticket.objects.visible_to(request.user)
    return tickets.select_related(
        "brand", "queue", "assignee", "reason__parent__parent__parent",
        "customer__account__programme", "customer__account__tier",
    )  # fmt: skip


def _looks_at_merged(request: AgentRequest, ticket: Ticket) -> bool:
    return ticket.merged_into_id is not None and request.method in ("GET", "HEAD")


def _of_one_brand(ticket: Ticket) -> Ticket:
    """The database holds customer and account to the brand of the ticket: one row is enough for all three."""
    ticket.customer.brand = ticket.brand
    if account := account_of(ticket.customer):
        account.programme.brand = ticket.brand
    return ticket


def account_of(customer: Customer) -> Account | None:
    """The customer's membership, None for who is no member; loaded with the ticket, so it costs no query."""
    return getattr(customer, "account", None)


def customer_or_404(request: AgentRequest, pk: int) -> Customer:
    """The customer with everything the page shows of them; one of a foreign brand is not there.

    Whoever looks at somebody who was merged is shown the one who stays; a deed on them is refused by the services.
    """
    customers: Any = Customer.objects.visible_to(request.user)
    customer: Customer = get_object_or_404(
        customers.select_related("brand", "account__programme__brand", "account__tier"), pk=pk
    )
    if customer.merged_into_id and request.method in ("GET", "HEAD"):
        return customer_or_404(request, customer.who_stays().pk)
    return customer
