"""What stands for the placeholders of a text on one ticket."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format

from agents.models import Agent
from loyalty.models import Account
from loyalty.progress import expiring_soon
from tickets.models import Ticket
from tickets.placeholders import filled, used_in


def filled_for(text: str, ticket: Ticket, *, by: Agent, at: datetime) -> tuple[str, list[str]]:
    """The text as `by` would send it on `ticket` at `at`, and the placeholders for which nothing is known."""
    return filled(text, values_of(ticket, used_in(text), by=by, at=at))


def values_of(ticket: Ticket, names: Collection[str], *, by: Agent, at: datetime) -> dict[str, str]:
    """Values of the placeholders; "" for what is not known. The account is asked for by those that need it."""
    known = {
        "customer first name": " ".join(ticket.customer.name.split()[:1]),
        "ticket number": ticket.reference,
        "agent name": str(by),
    }
    if set(names) <= known.keys():
        return known
    account = Account.objects.select_related("programme", "tier").filter(customer=ticket.customer_id).first()
    if account is None:
        return known
    known |= {"tier": account.tier.name if account.tier else "", "balance": intcomma(account.balance)}
    if expiring := expiring_soon(account, at=at):
        known["expiring points"] = intcomma(expiring.points)
        known["expires on"] = date_format(expiring.last_day, "LONG_DATE")
    return known
