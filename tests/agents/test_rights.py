"""Every deed asks who does it, whatever page, command or endpoint it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import callbacks.services
import customers.services
import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter.errors import Refused
from customers.models import Customer, Order, OrderRefund
from loyalty.models import Entry
from tests import make
from tickets.models import Message, Ticket, TicketEvent


@dataclass
class World:
    ticket: Ticket
    callback: Callback
    member: Customer
    reason: Any
    order: Order


@pytest.fixture
def world(brand: Brand, member: Customer) -> World:
    ticket = make.make_ticket(customer=member)
    return World(
        ticket,
        make.make_callback(customer=member),
        member,
        make.make_reason(brand=brand),
        make.make_order(customer=member),
    )


def tomorrow() -> tuple[Any, Any]:
    return make.next_day("UTC", 15)  # by day for the customer, whenever the tests run


DEEDS: dict[str, Callable[[World, Agent], Any]] = {
    "reply": lambda w, by: tickets.services.reply(w.ticket, "Hello", by=by, key="k"),
    "note": lambda w, by: tickets.services.note(w.ticket, "Hello", by=by, key="k"),
    "assign": lambda w, by: tickets.services.assign(w.ticket, None, by=by),
    "set_status": lambda w, by: tickets.services.set_status(w.ticket, "on_hold", by=by),
    "resolve": lambda w, by: tickets.services.resolve(w.ticket, by=by),
    "reopen": lambda w, by: tickets.services.reopen(w.ticket, by=by),
    "take_next": lambda w, by: tickets.services.take_next(Ticket.objects.all(), by=by),
    "open_ticket": lambda w, by: tickets.services.open_ticket(
        w.member, queue=w.ticket.queue, subject="", channel="phone", key="k", by=by
    ),
    "grant": lambda w, by: goodwill.services.grant(w.ticket, 100, by=by, reason=w.reason, key="k"),
    "redeem": lambda w, by: loyalty.services.redeem(w.member.account, 10, by=by, key="k"),
    "adjust": lambda w, by: loyalty.services.adjust(w.member.account, 10, by=by, reason="r", key="k"),
    "refund_order": lambda w, by: customers.services.refund_order(
        w.order, [customers.services.Refund(w.order.lines.get(), 100)], by=by, key="k"
    ),
    "promise": lambda w, by: callbacks.services.promise(
        w.member, tomorrow(), by=by, reason="r", key="k", kind="task"
    ),
    "done": lambda w, by: callbacks.services.done(w.callback, by=by, key="k"),
    "no_answer": lambda w, by: callbacks.services.no_answer(w.callback, by=by, key="k"),
    "move": lambda w, by: callbacks.services.move(w.callback, tomorrow(), by=by, key="k"),
    "cancel": lambda w, by: callbacks.services.cancel(w.callback, by=by),
}


def traces() -> tuple[int, ...]:
    rows = (Message, TicketEvent, Entry, Ticket, Callback, OrderRefund)
    return tuple(model._default_manager.count() for model in rows)


@pytest.mark.parametrize("deed", DEEDS)
def test_who_has_no_role_does_nothing(deed: str, world: World, brand: Brand) -> None:
    nobody = make.make_agent(brands=[brand], role=None)
    before = traces()
    with pytest.raises(Refused) as refusal:
        DEEDS[deed](world, nobody)
    assert refusal.value.code == "not_allowed"
    assert traces() == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_supervisor_of_another_brand_does_nothing(deed: str, world: World, other_brand: Brand) -> None:
    stranger = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    before = traces()
    with pytest.raises(Refused) as refusal:
        DEEDS[deed](world, stranger)
    assert refusal.value.code == "not_allowed"
    assert traces() == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_supervisor_of_the_brand_may_do_all_of_it(deed: str, world: World, supervisor: Agent) -> None:
    DEEDS[deed](world, supervisor)
