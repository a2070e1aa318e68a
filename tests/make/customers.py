"""Customers, how to reach them, what they ordered."""

from __future__ import annotations

from typing import Any

import customers.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from customers.contact import Kind
from customers.models import ContactPoint, Customer, Duplicate, Merge, Order
from customers.services import Line
from tests.make.names import next_number, unique
from tests.make.people import make_agent, make_brand


def make_customer(
    *, brand: Brand | None = None, mail: str | None = None, phone: str | None = "", **fields: Any
) -> Customer:
    """A customer with a mail address (`mail`: left out a unique one, "" for none) and, if given, a `phone`."""
    number = next_number()
    mail = f"customer{number}@mail.example" if mail is None else mail
    pairs = ((Kind.MAIL, mail), (Kind.PHONE, phone))
    addresses = [(kind, value) for kind, value in pairs if value]
    fields.setdefault("name", f"Customer {number}")
    return customers.services.create_customer(brand or make_brand(), addresses=addresses, **fields)


def make_phone(*, customer: Customer | None = None, number: str = "") -> ContactPoint:
    """A phone number of `customer`, in E.164 and unique when left out."""
    number = number or f"+49301{next_number():07d}"
    return customers.services.add_contact_point(customer or make_customer(), Kind.PHONE, number)


def make_mail(*, customer: Customer) -> ContactPoint:
    """One more mail address of `customer`."""
    return customers.services.add_contact_point(customer, Kind.MAIL, f"{unique('also')}@mail.example")


def make_caller(customer: Customer, *, by: Agent) -> None:
    """That `by` was satisfied by what `customer` said, and a code that waits to be read out."""
    customers.services.judge(customer, by=by)
    point = customer.contact_points.get(kind=Kind.MAIL)
    customers.services.send_code(customers.services.verify_contact_point(point, by=by), by=by)


def make_alike(*, brand: Brand, by: Agent, name: str = "") -> Merge:
    """Four customers of `brand`: two who were merged by a supervisor, two proposed as one, and told to be two."""
    fields = {"name": name} if name else {}
    one, other, third, fourth = (make_customer(brand=brand, **fields) for _number in range(4))
    customers.services.not_the_same(one, third, by=by)
    Duplicate.objects.create(brand=brand, one=one, other=fourth, score=85, reasons=["birthday", "name"])
    boss = make_agent(brands=[brand], role=roles.SUPERVISOR, **fields)
    return customers.services.merge(one, other, by=boss, reason="twice", key=unique("merge"))


def make_order(
    *, customer: Customer | None = None, amount_minor: int = 5000, number: str = "", **fields: Any
) -> Order:
    """An order of one article, by way of the service: a member gets points for it."""
    fields = {"placed_at": clock.now()} | fields
    lines = fields.pop("lines", [Line("SKU-1", "Rain jacket", amount_minor)])
    number = number or unique("A-")
    return customers.services.record_order(customer or make_customer(), number, lines=lines, **fields)
