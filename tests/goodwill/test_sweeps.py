"""The sweeps of goodwill wait for nobody: what somebody works on now is passed over and found by the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Reason, Watch
from goodwill.services import (
    Option,
    ask,
    default_due,
    give_out,
    incidents,
    keep_next_pledge,
    lapse_due,
    locking,
    offer,
    pass_on_due,
    watch_nights,
)
from tests import make
from tests.goodwill.hit import an_incident
from tests.together import at_once
from tickets.models import Ticket

pytestmark = pytest.mark.race


@contextmanager
def worked_on(ticket: Ticket) -> Iterator[None]:
    """Somebody works on the ticket for as long as this lasts; whoever waits for them is told so after half a second."""
    there, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                tickets.services.lock(ticket)
                there.set()
                over.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
        held = pool.submit(hold)
        assert there.wait(5)
        cursor.execute("SET lock_timeout = '500ms'")
        try:
            yield
        finally:
            cursor.execute("RESET lock_timeout")
            over.set()
            held.result()


def house() -> tuple[Brand, Agent, Agent, Ticket, Reason]:
    brand = make.make_brand()
    agent, boss = make.make_agent(brands=[brand]), make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    make.make_policy(agent=agent, brand=brand, per_grant=100)
    make.come(boss)
    ticket = make.make_ticket(customer=make.make_member(brand=brand))
    return brand, agent, boss, ticket, make.make_reason(brand=brand)


def waits(**more: Any) -> Ticket:
    _brand, agent, _boss, ticket, reason = house()
    ask(ticket, 200, by=agent, reason=reason, key=make.unique(), **more)
    return ticket


def to_choose() -> Ticket:
    _brand, agent, _boss, ticket, reason = house()
    offer(ticket, [Option(50), Option()], by=agent, reason=reason, key=make.unique(), text="Choose.")
    return ticket


def for_all() -> Ticket:
    brand, agent, _boss, ticket, reason = house()
    incident = an_incident(brand, ticket.customer, by=agent)
    incidents.ask(incident, 50, by=agent, reason=reason, key=make.unique())
    return incident


def agreed_for_all() -> Ticket:
    """Gives the ticket of the customer who is to be given something."""
    brand, agent, boss, ticket, reason = house()
    incident = an_incident(brand, by=agent)
    tickets.services.link(ticket, incident, kind="incident", by=agent)
    incidents.approve(incidents.ask(incident, 50, by=agent, reason=reason, key=make.unique()), by=boss)
    return ticket


def promised() -> Ticket:
    brand, _agent, _boss, _ticket, _reason = house()
    make.make_pledge(brand=brand)
    return make.make_ticket(customer=make.make_member(brand=brand))


SWEEPS: dict[str, tuple[Callable[[], Ticket], Callable[..., int]]] = {
    "lapse_due": (waits, lapse_due),
    "pass_on_due": (partial(waits, is_urgent=True), pass_on_due),
    "default_due": (to_choose, default_due),
    "incidents.lapse_due": (for_all, incidents.lapse_due),
    "give_out": (agreed_for_all, give_out),
    "keep_next_pledge": (promised, keep_next_pledge),
}


def later() -> datetime:
    return clock.now() + timedelta(days=8)


@pytest.mark.parametrize("name", SWEEPS)
def test_what_somebody_works_on_is_passed_over_and_found_by_the_next_run(
    own_db: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    prepared, sweep = SWEEPS[name]
    ticket, at = prepared(), later()
    with worked_on(ticket):
        assert not sweep(at=at)
        assert "lock timeout" not in caplog.text
    assert sweep(at=at) == 1
    assert not sweep(at=at)


def test_a_night_is_looked_at_once_however_many_look(own_db: str) -> None:
    house()
    answers = at_once(*[partial(watch_nights, at=later())] * 3)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert Watch.objects.count() == 1
    assert watch_nights(at=later()) == 0


def test_control_a_sweep_that_claims_nothing_waits(
    own_db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = waits()
    monkeypatch.setattr(locking, "claimed", lambda ticket: True)
    with worked_on(ticket):
        lapse_due(at=later())
    assert "lock timeout" in caplog.text
