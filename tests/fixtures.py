"""One of everything, for tests that need no more: all of the brand FF unless the name says otherwise."""

from __future__ import annotations

import pytest

from agents import roles
from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Reason
from loyalty.models import Programme
from tests import make
from tickets.models import Queue, Ticket


@pytest.fixture
def brand(db: None) -> Brand:
    return make.make_brand(code="FF", name="Fern & Feather", time_zone="Europe/Berlin")


@pytest.fixture
def other_brand(db: None) -> Brand:
    return make.make_brand(code="KL", name="Kilo Lamps", time_zone="America/Sao_Paulo")


@pytest.fixture
def programme(brand: Brand) -> Programme:
    return make.make_programme(brand=brand, time_zone="Europe/Berlin")


@pytest.fixture
def agent(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Ada Amsel")


@pytest.fixture
def supervisor(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Sol Specht", role=roles.SUPERVISOR)


@pytest.fixture
def owner(db: None) -> Agent:
    return make.make_owner()


@pytest.fixture
def customer(brand: Brand) -> Customer:
    """A customer who is no member."""
    return make.make_customer(brand=brand, name="Nora Nilsen")


@pytest.fixture
def member(brand: Brand, programme: Programme) -> Customer:
    """A member with 1,000 points, who can be called."""
    return make.make_member(brand=brand, name="Mara Mond", points=1000, phone="+493012345678")


@pytest.fixture
def queue(brand: Brand) -> Queue:
    return make.make_queue(brand=brand, name="Help", address="help@ff.example")


@pytest.fixture
def ticket(member: Customer, queue: Queue) -> Ticket:
    """The member wrote a first mail; nobody has answered yet."""
    return make.make_ticket(customer=member, queue=queue)


@pytest.fixture
def late_parcel(brand: Brand) -> Reason:
    return make.make_reason(brand=brand, code="late-parcel")
