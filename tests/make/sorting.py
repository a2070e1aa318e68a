"""What tickets are sorted by, and who is given them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import tickets.services
from agents.models import Agent, Brand, Skill
from contactcenter import clock
from customers.models import Order
from tests.make.customers import make_order
from tests.make.names import unique
from tickets.models import (
    Capacity,
    ContactReason,
    FieldQueue,
    Queue,
    RoutingDecision,
    RoutingPolicy,
    ShopTask,
    Ticket,
    TicketField,
    WrapUp,
)


def make_contact_reason(*, brand: Brand, parent: ContactReason | None = None, **fields: Any) -> ContactReason:
    """A contact reason of `brand`, at the top or under `parent`."""
    sound = {"label": unique("Reason "), "depth": parent.depth + 1 if parent else 1}
    return ContactReason.objects.create(brand=brand, parent=parent, **(sound | fields))


def make_field(
    *, brand: Brand, kind: str = "text", choices: Sequence[str] = (), **fields: Any
) -> TicketField:
    """A field of the brand's tickets, with `choices` in their order."""
    fields.setdefault("label", unique("Field "))
    field = TicketField.objects.create(brand=brand, kind=kind, **fields)
    for position, label in enumerate(choices):
        field.choices.create(label=label, position=position)
    return field


def make_shop_task(ticket: Ticket, *, by: Agent, order: Order | None = None, **fields: Any) -> ShopTask:
    """A refund of 10.00 of the first article of `order` (left out: a new one), asked of the shop on `ticket`."""
    order = order or make_order(customer=ticket.customer)
    piece = tickets.services.Piece(
        order.lines.all()[0], fields.pop("quantity", 0), fields.pop("amount_minor", 1000)
    )
    kind = fields.pop("kind", "refund")
    return tickets.services.ask_shop(
        ticket, order, kind, [piece], by=by, **({"key": unique("shop")} | fields)
    )


def make_sorted(ticket: Ticket, *, by: Agent, mark: str = "") -> None:
    """A reason with a ticked line, a field that is filled in, a task for the shop and a wrap-up, on `ticket`."""
    mark = mark or unique("Mark ")
    brand, now = ticket.brand, clock.now()
    above = make_contact_reason(brand=brand, label=f"Above {mark}")
    reason = make_contact_reason(brand=brand, parent=above, label=mark)
    line = reason.checklist.create(text=mark)
    tickets.services.set_reason(ticket, reason, by=by)
    tickets.services.tick(ticket, line, by=by)
    field = make_field(brand=brand, kind="choice", label=mark, choices=[mark])
    FieldQueue.objects.create(brand=brand, field=field, queue=ticket.queue)
    tickets.services.fill(ticket, field, str(field.choices.get().pk), by=by)
    make_shop_task(ticket, by=by, note=mark)
    WrapUp.objects.create(
        brand=brand, ticket=ticket, agent=by, started_at=now, until=now + timedelta(hours=1)
    )


def make_routing(*, queue: Queue, skills: Sequence[Skill] = (), **fields: Any) -> RoutingPolicy:
    """A policy by which `queue` hands its tickets out."""
    policy = RoutingPolicy.objects.create(
        brand=queue.brand, queue=queue, is_active=fields.pop("is_active", True), **fields
    )
    policy.skills.set(skills)
    return policy


def make_capacity(*, agent: Agent, brand: Brand, channel: str = "mail", tickets: int = 1) -> Capacity:
    return Capacity.objects.create(agent=agent, brand=brand, channel=channel, tickets=tickets)


def make_decision(ticket: Ticket, **fields: Any) -> RoutingDecision:
    """That nobody fits a ticket, written down."""
    sound = {"step": 0, "considered": 0, "reasons": ["nobody_here"]}
    return RoutingDecision.objects.create(brand_id=ticket.brand_id, ticket=ticket, **(sound | fields))
