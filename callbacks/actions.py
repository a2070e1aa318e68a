"""What this room adds to macros and rules: the promise of a call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent
from callbacks import services
from callbacks.models import Callback
from contactcenter.errors import Refused
from customers.models import ContactPoint
from tickets.actions import Action, Deed, Parameters
from tickets.models import Ticket


class Promise(Parameters):
    hours = forms.IntegerField(
        min_value=1, max_value=24 * 30, label=gettext_lazy("Hours"),
        help_text=gettext_lazy("From now; where nothing is free then, the first hour after it that is."),
    )  # fmt: skip
    about = forms.CharField(max_length=160, label=gettext_lazy("About"))


def _promise(deed: Deed, given: dict[str, Any]) -> None:
    """The first free hour from `hours` on, kept by whoever has the ticket; refused without a number (`no_number`)."""
    customer = deed.ticket.customer
    number = customer.contact_points.filter(kind=ContactPoint.Kind.PHONE).first()
    if number is None:
        raise Refused("no_number", _("We have no phone number of this customer."))
    owner = Ticket.objects.select_related("assignee").get(pk=deed.ticket.pk).assignee or deed.by
    after = deed.at + timedelta(hours=given["hours"])
    window = services.expect_next(services.Asked(customer, owner, point=number), after, at=deed.at)
    services.promise(
        customer, window, by=deed.by, owner=owner, reason=given["about"],
        ticket=deed.ticket, contact_point=number, key=deed.short_key, at=deed.at,
    )  # fmt: skip


def _said(given: dict[str, Any]) -> str:
    return _("Promise a call in %(hours)d hours: %(about)s") % given


def _lock_calls(ticket: Ticket, _by: Agent) -> None:
    list(Callback.objects.select_for_update(of=("self",)).filter(ticket=ticket).order_by("pk"))


PROMISE_CALL = Action(
    "promise_call", gettext_lazy("Promise a call"), form=Promise, do=_promise, says=_said,
    locks={"callback": _lock_calls},
)  # fmt: skip
