"""The small lists that stand beside a ticket and beside its customer, asked for in the one statement that finds them.

One more list is three lines in `ticket.py` or `customer.py`: its rows in `asked_of` (by `nested`, with the columns the
page prints), a field of the lists, and its rows made of what came. It costs no further question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contactcenter.nested import Columns
from customers.models import Customer
from desk.lists import customer as beside
from desk.lists import ticket as own
from desk.lists.customer import CustomerLists
from desk.lists.ticket import TicketLists, version_of
from tickets.models import Ticket

__all__ = ["CustomerLists", "Shown", "TicketLists", "lists_of", "shown", "version_of"]


@dataclass(frozen=True)
class Shown:
    """A ticket with everything its page shows of it, its conversation and the customer's history apart."""

    ticket: Ticket
    lists: TicketLists
    beside: CustomerLists


def shown(tickets: Any) -> list[Shown]:
    """`tickets` (a query set with brand and customer selected) with all their lists, in one statement."""
    of_customer = Columns(**beside.asked_of("customer", account="customer__account"))
    found = tickets.annotate(asked=Columns(**own.asked_of(), customer=of_customer))
    return [
        Shown(one, own.made_of(one, one.asked), beside.made_of(one, one.asked["customer"])) for one in found
    ]


def lists_of(customer: Customer) -> CustomerLists:
    """The lists of a customer without a ticket beside it. One query."""
    asked = Columns(**beside.asked_of("pk", account="account"))
    return beside.made_of(
        customer, Customer.objects.filter(pk=customer.pk).values_list(asked, flat=True).get()
    )
