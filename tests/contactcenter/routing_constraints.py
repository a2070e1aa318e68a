"""What can never be true of presence and routing: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Agent, Brand
from agents.presence.models import Presence, Stretch
from agents.presence.services import set_state
from contactcenter import clock
from tests import make
from tests.contactcenter.behind import change
from tickets.models import RoutingDecision, Ticket


def rows_for_routing(ticket: Ticket, brand: Brand, agent: Agent) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    make.come(agent)
    return {
        "state_reason": make.make_state_reason(brand=brand, code="lunch"),
        "presence": Presence.objects.get(agent=agent),
        "routing": make.make_routing(queue=ticket.queue),
        "capacity": make.make_capacity(agent=agent, brand=brand),
    }


def stretch(world: World, **fields: Any) -> Stretch:
    """A time in a state that is over, written behind the services' back."""
    now = clock.now()
    sound = {"agent": world.agent, "kind": "away", "cause": "chosen", "started_at": now, "ended_at": now}
    return Stretch.objects.create(**(sound | fields))


def decision(world: World, **fields: Any) -> RoutingDecision:
    sound = {
        "brand": world.brand,
        "ticket": world.ticket,
        "step": 0,
        "considered": 0,
        "reasons": ["all_full"],
    }
    return RoutingDecision.objects.create(**(sound | fields))


def lost_and_here(world: World) -> None:
    set_state(world.agent, "busy", by=world.agent)
    change(world.presence, was_lost=True)


CASES: dict[str, Callable[[World], Any]] = {
    "agents_statereason_code_once_a_brand": lambda w: make.make_state_reason(brand=w.brand, code="lunch"),
    "agents_statereason_kind_known": lambda w: change(w.state_reason, kind="asleep"),
    "agents_presence_kind_known": lambda w: change(w.presence, kind="asleep"),
    "agents_presence_lost_is_offline": lost_and_here,
    "agents_stretch_one_running": lambda w: stretch(w, ended_at=None),
    "agents_stretch_runs_forward": lambda w: stretch(w, ended_at=clock.now() - timedelta(hours=1)),
    "agents_stretch_kind_known": lambda w: stretch(w, kind="asleep"),
    "agents_stretch_cause_known": lambda w: stretch(w, cause="dreamt"),
    "tickets_routingpolicy_takes_each": lambda w: change(w.routing, chat=0),
    "tickets_routingpolicy_gives_time": lambda w: change(w.routing, widen_minutes=0),
    "tickets_capacity_once": lambda w: make.make_capacity(agent=w.agent, brand=w.brand),
    "tickets_capacity_channel_known": lambda w: change(w.capacity, channel="pigeon"),
    "tickets_routingdecision_step_known": lambda w: decision(w, step=6),
    "tickets_routingdecision_says_why": lambda w: decision(w, reasons=[]),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_routingpolicy_queue_id_of_one_brand": lambda w: change(w.routing, queue=w.their_queue),
    "tickets_routingdecision_ticket_id_of_one_brand": lambda w: decision(w, ticket=w.their_ticket),
}
