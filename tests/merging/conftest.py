"""Two customers of one brand who are one person, each with something of everything."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from customers.models import Customer, Merge
from customers.services import merge, record_consent
from loyalty.models import Programme
from tests import make

merge_twice = partial(merge, reason=Merge.Reason.TWICE)


@pytest.fixture
def kept(brand: Brand, programme: Programme) -> Customer:
    """A member with 1,000 points, an order, a ticket and a phone."""
    return make.make_member(
        brand=brand, name="Mara Mond", points=1000, mail="mara@mail.example", phone="+493012345678"
    )


@pytest.fixture
def twin(brand: Brand, programme: Programme, agent: Agent) -> Customer:
    """The same person again: 600 points that count, an order, a ticket, a promise, a word on being called."""
    twin = make.make_member(
        brand=brand,
        name="Mara  Mond",
        points=600,
        qualifying=600,
        mail="m.mond@work.example",
        phone="+493099999999",
    )
    make.make_order(customer=twin, number="A-77", amount_minor=4000)
    promised = make.make_callback(ticket=make.make_ticket(customer=twin, key="t1"), by=agent)
    assert promised.state == Callback.State.PROMISED
    record_consent(twin, "calls", given=False, source="call", at=clock.now() - timedelta(days=3))
    return twin
