"""The small lists that stand beside a ticket and beside its customer, asked for in the one statement that finds them.

One more list is three lines in `ticket.py` or `customer.py`: its rows in `asked_of` (by `nested`, with the columns the
page prints), a field of the lists, and its rows made of what came. It costs no further question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contactcenter import clock
from contactcenter.nested import Columns
from contactcenter.prepared import Prepared
from customers.models import Customer
from desk.lists import customer as beside
from desk.lists import ticket as own
from desk.lists.customer import CustomerLists
from desk.lists.ticket import TicketLists, version_of
from tickets.models import Ticket

__all__ = ["CustomerLists", "Shown", "TicketLists", "lists_of", "shown", "version_of"]

# The outer rows that the lists speak of.
OF_TICKET, OF_CUSTOMER = ("pk",), ("pk", "account__pk")


@dataclass(frozen=True)
class Shown:
    """A ticket with everything its page shows of it, its conversation and the customer's history apart."""

    ticket: Ticket
    lists: TicketLists
    beside: CustomerLists


def shown(tickets: Any) -> list[Shown]:
    """`tickets` (a query set with brand and customer selected) with all their lists, in one statement."""
    theirs = (f"customer__{path}" for path in OF_CUSTOMER)
    found = tickets.annotate(asked=Prepared(_of_tickets, *OF_TICKET, *theirs, at=clock.now()))
    return [
        Shown(one, own.made_of(one, one.asked), beside.made_of(one, one.asked["customer"])) for one in found
    ]


def lists_of(customer: Customer) -> CustomerLists:
    """The lists of a customer without a ticket beside it. One query."""
    asked = Prepared(_of_customers, *OF_CUSTOMER, at=clock.now())
    return beside.made_of(
        customer, Customer.objects.filter(pk=customer.pk).values_list(asked, flat=True).get()
    )


def _of_tickets() -> Any:
    of_customer = Columns(**beside.asked_of("customer", account="customer__account"))
    return Ticket.objects.annotate(it=Columns(**own.asked_of(), customer=of_customer))


def _of_customers() -> Any:
    return Customer.objects.annotate(it=Columns(**beside.asked_of("pk", account="account")))
