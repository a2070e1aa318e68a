"""Promised calls and their rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import callbacks.services
from agents.models import Agent, Brand
from callbacks.models import Callback, CallbackPolicy, ContactHours, FollowUp, QuietHours, RetryRule
from callbacks.models import Line as DialledLine
from customers.contact import Kind
from customers.models import Customer
from tests.make.customers import make_customer, make_phone
from tests.make.names import next_day, unique
from tests.make.people import make_agent, make_team
from tickets.models import Ticket


def make_callback(
    *,
    customer: Customer | None = None,
    ticket: Ticket | None = None,
    by: Agent | None = None,
    window: tuple[datetime, datetime] | None = None,
    kind: str = Callback.Kind.CALL,
    **fields: Any,
) -> Callback:
    """A promise to call tomorrow at ten of the customer's time; the customer gets a phone if there is none."""
    customer = customer or (ticket.customer if ticket else make_customer())
    phone = fields.pop("contact_point", None) or customer.contact_points.filter(kind=Kind.PHONE).first()
    if kind == Callback.Kind.CALL and phone is None:
        phone = make_phone(customer=customer)
    fields = {"reason": "Where the parcel is", "key": unique("promise"), "contact_point": phone} | fields
    return callbacks.services.promise(
        customer,
        window or next_day(customer.zone),
        by=by or make_agent(brands=[customer.brand]),
        ticket=ticket,
        kind=kind,
        **fields,
    )


def make_callback_rules(*, brand: Brand, customer: Customer, by: Agent, mark: str = "") -> CallbackPolicy:
    """What a brand can set up for its callbacks, one row of each table, as it holds without them.

    Names bear `mark`; `customer` wants to be called from 8:00 to 21:00, and `by` has a line.
    """
    team = make_team(brand=brand, name=mark or unique("Callers "))
    QuietHours.objects.create(brand=brand, country="")
    RetryRule.objects.create(brand=brand, outcome="busy", after_minutes=10, times=4, other_hour=False)
    FollowUp.objects.create(brand=brand, sign="late", about=mark or unique("Ask "))
    DialledLine.objects.create(agent=by, address=unique("line"))
    for weekday in ContactHours.Weekday.values:
        ContactHours.objects.create(
            brand=brand, customer=customer, weekday=weekday, opens="08:00", closes="21:00"
        )
    return CallbackPolicy.objects.create(brand=brand, team=team)
