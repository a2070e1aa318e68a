"""Tickets, what is said in them, and what acts on them."""

from __future__ import annotations

import base64
from datetime import datetime, time
from typing import Any

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from customers.contact import Kind
from customers.models import Customer
from tests.make.customers import make_customer
from tests.make.names import next_number, unique
from tests.make.people import make_agent, make_brand
from tickets.models import (
    AcknowledgementText,
    Calendar,
    Channel,
    Consult,
    Draft,
    Macro,
    Queue,
    Rule,
    RuleRun,
    SavedView,
    SlaPolicy,
    Survey,
    SurveyRule,
    Ticket,
)


def make_queue(*, brand: Brand | None = None, **fields: Any) -> Queue:
    """A queue of `brand`; its first one is the default."""
    brand = brand or make_brand()
    number = next_number()
    fields.setdefault("name", f"Queue {number}")
    fields.setdefault("address", f"help{number}@{brand.code.lower()}.example")
    fields.setdefault("is_default", not brand.queues.filter(is_default=True).exists())
    return Queue.objects.create(brand=brand, **fields)


def make_ticket(
    *,
    customer: Customer | None = None,
    queue: Queue | None = None,
    brand: Brand | None = None,
    subject: str = "Where is my parcel?",
    text: str = "It should have been here on Monday.",
    key: str = "",
    message_id: str | None = None,
    at: datetime | None = None,
) -> Ticket:
    """A ticket opened by mail, with what the customer wrote as its first message."""
    customer = customer or make_customer(brand=brand or (queue.brand if queue else None))
    queue = queue or customer.brand.queues.filter(is_default=True).first() or make_queue(brand=customer.brand)
    key = key or unique("mail")
    ticket = tickets.services.open_ticket(
        customer, queue=queue, subject=subject, channel=Channel.MAIL, key=key, at=at
    )
    hear(ticket, text, key=f"{key}:1", message_id=message_id, at=at)
    return Ticket.objects.select_related("brand", "queue", "customer__brand").get(pk=ticket.pk)


def hear(
    ticket: Ticket, text: str = "Is anybody there?", *, message_id: str | None = None, **fields: Any
) -> Any:
    """The customer of `ticket` writes again, by mail and from their first address."""
    point = ticket.customer.contact_points.filter(kind=Kind.MAIL).first()
    name = unique("said")
    fields = {"key": name, "sender": point.value if point else ""} | fields
    message_id = f"{name}@mail.example" if message_id is None else message_id
    return tickets.services.hear(ticket, text, channel=Channel.MAIL, message_id=message_id, **fields)


def make_calendar(*, brand: Brand | None = None, **fields: Any) -> Calendar:
    """Nine to five in Berlin on weekdays, in force."""
    fields = {"name": unique("Office "), "time_zone": "Europe/Berlin"} | fields
    calendar = Calendar.objects.create(brand=brand or make_brand(), **fields)
    for weekday in range(5):
        calendar.openings.create(weekday=weekday, opens=time(9), closes=time(17))
    tickets.services.publish(calendar)
    return Calendar.objects.select_related("hours").get(pk=calendar.pk)


def make_view(*, brand: Brand, **fields: Any) -> SavedView:
    """A list that is shared with the whole brand."""
    return SavedView.objects.create(
        brand=brand, **({"name": unique("View "), "query": "is:waiting"} | fields)
    )


def make_sla(*, brand: Brand, **fields: Any) -> SlaPolicy:
    """Two hours for a first answer, four for the next, in a new office's hours; `calendar` None: around the clock."""
    sound: dict[str, Any] = {"name": unique("SLA "), "position": 5, "first_minutes": 120, "next_minutes": 240}
    if "calendar" not in fields:
        sound["calendar"] = make_calendar(brand=brand)
    return SlaPolicy.objects.create(brand=brand, **(sound | fields))


def open_by_hand(customer: Customer, *, queue: Queue, by: Agent, at: datetime, **fields: Any) -> Ticket:
    """A ticket for what `customer` told `by` on the phone."""
    told = {"channel": "phone", "subject": "Parcel", "text": "It never came.", "key": unique("hand")} | fields
    return tickets.services.open_by_hand(customer, queue=queue, by=by, at=at, **told)


def make_rule(
    *, brand: Brand, by: Agent | None = None, conditions: Any = None, actions: Any = None, **fields: Any
) -> Rule:
    """A rule in force that tags tickets “seen” when they are opened, published by a supervisor of the brand."""
    sound: dict[str, Any] = {"name": unique("Rule "), "event": "opened"} | fields
    actions = [{"do": "tag", "name": "seen"}] if actions is None else actions
    rule = Rule.objects.create(brand=brand, conditions=conditions or {}, actions=actions, **sound)
    tickets.services.publish_rule(rule, by=by or make_agent(brands=[brand], role=roles.SUPERVISOR))
    rule.refresh_from_db()
    return rule


def make_run(rule: Rule, ticket: Ticket, **fields: Any) -> RuleRun:
    """That a rule has run on a ticket, written by hand."""
    sound = {"event": rule.event, "key": unique("run"), "at": clock.now(), "outcome": "done"} | fields
    return RuleRun.objects.create(
        brand_id=rule.brand_id, rule=rule, version=rule.version, ticket=ticket, **sound
    )


def make_macro(*, brand: Brand, **fields: Any) -> Macro:
    """A macro that greets the customer by name and does nothing else."""
    sound = {"title": unique("Macro "), "text": "Hello {customer first name}!"} | fields
    return Macro.objects.create(brand=brand, **sound)


PNG = base64.b64decode(  # a picture of one dot
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_draft(ticket: Ticket, *, by: Agent, text: str = "Begun", **fields: Any) -> Draft:
    """Words that `by` has begun in the ticket; with `due_at` they are held, to go out then."""
    sound: dict[str, Any] = {"kind": "reply", "text": text, "seen": ticket.message_seq}
    if fields.get("due_at"):
        sound["key"] = unique("held")
    return Draft.objects.create(ticket=ticket, agent=by, **(sound | fields))


def make_survey(ticket: Ticket, **fields: Any) -> Survey:
    """The question about `ticket`, as if it had been solved and asked about just now."""
    now = clock.now()
    sound = {"state": "asked", "resolved_at": now, "asked_at": now}
    return Survey.objects.create(
        brand_id=ticket.brand_id, ticket=ticket, queue=ticket.queue, **(sound | fields)
    )


def make_outward(ticket: Ticket, *, by: Agent, mark: str = "word") -> Consult:
    """What goes out of the house about `ticket` besides answers, and what sets it up; gives a question to an expert."""
    brand = ticket.brand
    AcknowledgementText.objects.create(brand=brand, language="en", text=f"Hello {{name}}, {mark}")
    SurveyRule.objects.create(brand=brand)
    tickets.services.answer_survey(make_survey(ticket, agent=by), 5, comment=mark)
    consult = tickets.services.ask_expert(
        ticket, mark, address=f"{unique('expert')}@else.example", name=mark, by=by, key=unique("consult")
    )
    tickets.services.hear_expert(consult, mark, key=unique("answer"))
    return consult
