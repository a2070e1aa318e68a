"""What can never be true of reasons, fields, tasks for the shop and wrap-ups: cases of test_constraints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Brand
from contactcenter import clock
from customers.services import Refund, refund_order
from tests import make
from tests.contactcenter.behind import change
from tickets.models import (
    FieldQueue,
    FieldValue,
    ShopTaskLine,
    Ticket,
    TicketCheck,
    WrapUp,
)

NOW = clock.now()
HOUR = timedelta(hours=1)


def rows_for_sorting(ticket: Ticket, brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    top = make.make_contact_reason(brand=brand, label="Delivery")
    other = make.make_contact_reason(brand=brand, label="Billing")
    agent = make.make_agent(brands=[brand])
    orders = [  # of before joining: they earn nothing
        make.make_order(customer=ticket.customer, placed_at=NOW - hours * HOUR) for hours in (3000, 4000)
    ]
    return {
        "top": top,
        "other_top": other,
        "under": make.make_contact_reason(brand=brand, parent=top, label="Late"),
        "their_top": make.make_contact_reason(brand=other_brand),
        "line_of_top": top.checklist.create(text="Ask"),
        "line_of_other": other.checklist.create(text="Ask"),
        "words": make.make_field(brand=brand, label="Serial"),
        "choices": make.make_field(brand=brand, kind="choice", label="Colour", choices=["red", "blue"]),
        "other_choices": make.make_field(brand=brand, kind="choice", label="Size", choices=["small"]),
        "their_field": make.make_field(brand=other_brand),
        "task": make.make_shop_task(ticket, by=agent, order=orders[0]),
        "second_task": make.make_shop_task(
            ticket, by=agent, order=orders[1], kind="resend", amount_minor=0, quantity=1
        ),
    }


def tick(world: World, **fields: Any) -> TicketCheck:
    sound = {"brand": world.brand, "ticket": world.ticket, "reason": world.top, "item": world.line_of_top}
    return TicketCheck.objects.create(**(sound | {"by": world.agent} | fields))


def wrap_up(world: World, **fields: Any) -> WrapUp:
    sound = {"brand": world.brand, "ticket": world.ticket, "agent": world.agent, "started_at": NOW}
    return WrapUp.objects.create(**(sound | {"until": NOW + HOUR} | fields))


def value(world: World, **fields: Any) -> FieldValue:
    sound = {"brand": world.brand, "ticket": world.ticket, "field": world.words, "kind": "text", "text": "A"}
    return FieldValue.objects.create(**(sound | {"by": world.agent} | fields))


def chosen(world: World, **fields: Any) -> FieldValue:
    choice = {"field": world.choices, "kind": "choice", "text": "", "choice": world.choices.choices.all()[0]}
    return value(world, **(choice | fields))


def line(world: World, **fields: Any) -> ShopTaskLine:
    """A second article of a task of another order."""
    order = world.task.order
    more = order.lines.create(sku="more", name="More", amount_minor=100)
    sound = {"task": world.task, "order": order, "kind": "refund", "line": more, "amount_minor": 1}
    return ShopTaskLine.objects.create(**(sound | fields))


def booked(world: World) -> None:
    """A task that names the refund of another order."""
    order = make.make_order(customer=world.member)
    refund = refund_order(order, [Refund(order.lines.get(), 100)], key=make.unique())
    done = {"state": "done", "ended_at": NOW, "taken_by": world.agent, "tell_at": None}
    change(world.task, refund=refund, **done)


def fourth_step(world: World) -> None:
    third = make.make_contact_reason(brand=world.brand, parent=world.under)
    make.make_contact_reason(
        brand=world.brand, parent=make.make_contact_reason(brand=world.brand, parent=third)
    )


CASES: dict[str, Callable[[World], Any]] = {
    "tickets_contactreason_label_once": lambda w: make.make_contact_reason(brand=w.brand, label="DELIVERY"),
    "tickets_contactreason_four_steps": fourth_step,
    "tickets_checklistitem_kind_known": lambda w: change(w.line_of_top, kind="riddle"),
    "tickets_ticket_tier_at_the_end": lambda w: change(w.ticket, resolved_tier=w.gold),
    "tickets_ticketcheck_once": lambda w: [tick(w) for _ in range(2)],
    "tickets_wrapup_one_at_a_time": lambda w: [wrap_up(w) for _ in range(2)],
    "tickets_wrapup_goes_forward": lambda w: wrap_up(w, until=NOW),
    "tickets_wrapup_ended_somehow": lambda w: wrap_up(w, how="agent"),
    "tickets_ticketfield_label_once": lambda w: make.make_field(brand=w.brand, label="SERIAL"),
    "tickets_ticketfield_kind_known": lambda w: make.make_field(brand=w.brand, kind="riddle"),
    "tickets_fieldqueue_once": lambda w: [
        FieldQueue.objects.create(brand=w.brand, field=w.words, queue=w.ticket.queue) for _ in range(2)
    ],
    "tickets_fieldchoice_label_once": lambda w: w.choices.choices.create(label="RED"),
    "tickets_fieldvalue_one_current": lambda w: [value(w) for _ in range(2)],
    "tickets_fieldvalue_one_kind_alone": lambda w: value(w, number=1),
    "tickets_shoptask_kind_known": lambda w: change(w.task, kind="gift"),
    "tickets_shoptask_state_fits": lambda w: change(w.task, state="taken"),
    "tickets_shoptask_done_refund_is_booked": lambda w: change(
        w.task, state="done", ended_at=NOW, taken_by=w.agent, tell_at=None
    ),
    "tickets_shoptask_refused_says_why": lambda w: change(
        w.task, state="refused", ended_at=NOW, taken_by=w.agent, tell_at=None
    ),
    "tickets_shoptaskline_once": lambda w: line(w, line=w.task.lines.get().line),
    "tickets_shoptaskline_is_something": lambda w: line(w, amount_minor=0),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_contactreason_parent_id_of_one_brand": lambda w: change(w.under, parent=w.their_top),
    "tickets_contactreason_parent_id_of_one_depth": lambda w: change(w.top, parent=w.under, depth=2),
    "tickets_ticket_reason_id_of_one_brand": lambda w: change(w.ticket, reason=w.their_top),
    "tickets_ticketcheck_ticket_id_of_one_brand": lambda w: tick(w, ticket=w.their_ticket),
    "tickets_ticketcheck_reason_id_of_one_brand": lambda w: tick(
        w, reason=w.their_top, item=w.their_top.checklist.create(text="Ask")
    ),
    "tickets_ticketcheck_item_id_of_one_reason": lambda w: tick(w, item=w.line_of_other),
    "tickets_wrapup_ticket_id_of_one_brand": lambda w: wrap_up(w, ticket=w.their_ticket),
    "tickets_fieldqueue_field_id_of_one_brand": lambda w: FieldQueue.objects.create(
        brand=w.brand, field=w.their_field, queue=w.ticket.queue
    ),
    "tickets_fieldqueue_queue_id_of_one_brand": lambda w: FieldQueue.objects.create(
        brand=w.brand, field=w.words, queue=w.their_queue
    ),
    "tickets_fieldvalue_ticket_id_of_one_brand": lambda w: value(w, ticket=w.their_ticket),
    "tickets_fieldvalue_field_id_of_one_brand": lambda w: value(w, field=w.their_field),
    "tickets_fieldvalue_field_id_of_one_kind": lambda w: value(w, kind="number", text="", number=1),
    "tickets_fieldvalue_choice_id_of_one_field": lambda w: chosen(w, choice=w.other_choices.choices.all()[0]),
    "tickets_shoptask_ticket_id_of_one_brand": lambda w: change(w.task, ticket=w.their_ticket),
    "tickets_shoptask_refund_id_of_one_order": booked,
    "tickets_shoptaskline_task_id_of_one_order": lambda w: line(
        w, task=w.second_task, kind="resend", quantity=1, amount_minor=0
    ),
    "tickets_shoptaskline_task_id_of_one_kind": lambda w: line(w, kind="return", quantity=1, amount_minor=0),
    "tickets_shoptaskline_line_id_of_one_order": lambda w: line(w, line=w.second_order.lines.get()),
}
