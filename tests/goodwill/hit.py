"""An incident, and the tickets of the customers it hit."""

from __future__ import annotations

from agents.models import Agent, Brand
from customers.models import Customer
from loyalty.models import Account
from tests import make
from tickets.models import Ticket
from tickets.services import link


def an_incident(brand: Brand, *members: Customer, by: Agent) -> Ticket:
    """The ticket of an incident that caused a ticket of each of `members`."""
    incident = make.make_ticket(brand=brand, subject="The warehouse burnt down")
    for member in members:
        hit(incident, member, by=by)
    return incident


def hit(incident: Ticket, member: Customer, *, by: Agent) -> Ticket:
    """A further ticket that the incident has caused."""
    ticket = make.make_ticket(customer=member)
    link(ticket, incident, kind="incident", by=by)
    return ticket


def points_of(*members: Customer) -> list[int]:
    """What the members have now; of one that was merged, 0."""
    return [Account.objects.get(pk=member.account.pk).balance for member in members]
