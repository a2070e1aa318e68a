"""How many questions each page asks the database: the same with three rows of everything and with sixty."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import goodwill.services
from agents.models import Agent
from callbacks.models import Callback, CallbackPolicy
from contactcenter import clock
from customers.models import Customer, Duplicate
from customers.services import edit_profile, record_consent
from desk.lists import version_of
from goodwill.models import Policy, Reason
from loyalty.models import Entry
from loyalty.services import redeem_reward
from tests import make
from tests.desk.crowds import crowd
from tests.desk.deeds import fresh, say
from tickets import services
from tickets.models import ContactReason, Ticket

HTMX = {"HX-Request": "true", "HX-Target": "conversation"}


def grow(ticket: Ticket, agent: Agent, goodwill_reason: Reason, count: int) -> None:
    """`count` more of everything a page could show, each touched by another person."""
    customer = ticket.customer
    CallbackPolicy.objects.get_or_create(brand=ticket.brand, defaults={"per_quarter": 15})
    for _ in range(2):
        make.make_contact_reason(brand=ticket.brand, parent=make.make_contact_reason(brand=ticket.brand))
    for number in range(count):
        colleague = make.make_agent(brands=[ticket.brand])
        make.make_reason(brand=ticket.brand)
        Policy.objects.update(apart_days=None, per_ticket=None, grants_customer_90=None, customer_90=None)
        goodwill.services.grant(ticket, 50, by=agent, reason=goodwill_reason, key=make.unique())
        make.hear(ticket, f"Word {number}")
        services.note(ticket, f"Note {number}", by=colleague, key=make.unique())
        services.assign(ticket, colleague, by=agent)
        services.set_priority(ticket, number % 4 + 1, by=colleague)
        vip = services.tag(ticket, f"tag {number % 9}", by=colleague)
        if number % 5:
            services.untag(ticket, vip, by=agent)
        reason = ContactReason.objects.filter(brand=ticket.brand).order_by("pk")[number % 2]
        services.set_reason(ticket, reason, by=colleague)
        line = reason.checklist.create(text=f"Ask {number}")
        services.tick(ticket, line, by=colleague)
        if number < 9:
            services.fill(ticket, make.make_field(brand=ticket.brand), "A", by=colleague)
        make.make_shop_task(ticket, by=colleague)
        if number < 9:
            services.link(make.make_ticket(brand=ticket.brand), ticket, kind="parent", by=agent)
        make.make_order(customer=customer, placed_at=clock.now())
        reward = make.make_reward(brand=ticket.brand, points=1)
        redeem_reward(customer.account, reward, by=colleague, key=make.unique())
        edit_profile(customer, {"city": make.unique("City ")}, by=colleague)
        record_consent(customer, "marketing", given=bool(number % 2), source="call", by=colleague)
        make.make_customer(brand=ticket.brand, name=f"{customer.name} {number}")
        make.make_phone(customer=customer)
        ended = make.make_callback(customer=customer, by=colleague)
        Callback.objects.filter(pk=ended.pk).update(state="kept", ended_at=clock.now(), look_at=None)
        twin = make.make_member(brand=ticket.brand, points=5)
        Duplicate.objects.create(brand=ticket.brand, one=customer, other=twin, score=85, reasons=["name"])
        mine = make.make_callback(
            customer=twin, by=agent, window=make.next_day(twin.zone, 8 + number % 12, days=2)
        )
        state = {"state": "due"} if number % 2 else {}
        Callback.objects.filter(pk=mine.pk).update(**state | {"ticket": None})
        make.make_callback(customer=customer, by=colleague)
    services.assign(ticket, agent, by=agent)
    crowd(ticket.queue, customer.pk, count * 4, agent=agent, first=count * 10)


def of_ticket(name: str) -> Callable[[Ticket], str]:
    return lambda ticket: reverse(f"desk:{name}", args=[ticket.reference])


def polled(ticket: Ticket) -> str:
    """The address that asks for news after the last."""
    return f"{of_ticket('thread')(ticket)}?version={version_of(Ticket.objects.filter(pk=ticket.pk))}"


def twin_of(ticket: Ticket) -> Customer:
    """The first who may be the same person as the customer of the ticket."""
    return Duplicate.objects.earliest("pk").other


BUDGETS: dict[str, tuple[Callable[[Ticket], str], int]] = {
    "home": (lambda ticket: "/", 6),
    "home, all": (lambda ticket: "/?view=all", 6),
    "queue": (lambda ticket: "/queue/?view=unassigned", 6),
    "ticket, whole page": (of_ticket("ticket"), 11),
    "ticket, panes": (of_ticket("ticket"), 7),
    "thread, nothing new": (polled, 3),
    "thread, news": (of_ticket("thread"), 5),
    "tags": (of_ticket("tags"), 4),
    "reasons": (of_ticket("reasons"), 4),
    "checklist": (of_ticket("checklist"), 6),
    "fields": (of_ticket("fields"), 6),
    "shop panel": (
        lambda ticket: (
            f"/tickets/{ticket.reference}/orders/{ticket.shop_tasks.earliest('pk').order_id}/shop/"
        ),
        28,
    ),
    "customer": (of_ticket("customer"), 5),
    "find": (lambda ticket: f"/find/?q={ticket.customer.name[:4]}", 14),
    "find, nobody": (lambda ticket: "/find/?q=Xyzzy", 17),
    "person": (lambda ticket: f"/customers/{ticket.customer_id}/", 18),
    "person, pane": (lambda ticket: f"/customers/{ticket.customer_id}/pane/", 6),
    "statement": (lambda ticket: f"/customers/{ticket.customer_id}/statement/", 25),
    "person, timeline": (lambda ticket: f"/customers/{ticket.customer_id}/timeline/", 4),
    "edit customer": (lambda ticket: f"/customers/{ticket.customer_id}/edit/", 19),
    "enrol": (lambda ticket: f"/customers/{ticket.customer_id}/enrol/", 19),
    "merge": (lambda ticket: f"/customers/{ticket.customer_id}/merge/{twin_of(ticket).pk}/", 33),
    "new customer": (lambda ticket: "/customers/new/", 7),
    "new ticket": (lambda ticket: f"/tickets/new/?customer={ticket.customer_id}", 12),
    "timeline": (of_ticket("timeline"), 3),
    "goodwill panel": (of_ticket("goodwill"), 15),
    "goodwill effect": (of_ticket("goodwill_effect"), 14),
    "redeem panel": (of_ticket("redeem"), 7),
    "promise panel": (of_ticket("promise"), 14),
    "callbacks, with a customer": (lambda ticket: "/callbacks/", 17),
    "callback of a ticket": (lambda ticket: f"/callbacks/{ticket.callbacks.get().pk}/", 19),
    "due": (lambda ticket: "/callbacks/due/", 3),
    "why": (lambda ticket: f"/entries/{Entry.objects.earliest('pk').pk}/why/", 6),
}


def asked(name: str, desk: Client, ticket: Ticket) -> int:
    """How many questions a page asks."""
    where = BUDGETS[name][0](ticket)
    headers = {"HX-Request": "true", "HX-Target": "conversation"} if name == "ticket, panes" else {}
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(where, headers=headers)
    assert answer.status_code == (204 if name == "thread, nothing new" else 200)
    return len(queries)


# Session, agent and rights; look-up; begin, deed, commit.
# Each looks for the draft that it was typed into: one question.
WORDS: dict[str, tuple[dict[str, str], int]] = {
    "reply": ({"kind": "reply"}, 15),
    "note": ({"kind": "note"}, 13),
    "reply that ends it": ({"kind": "reply", "then": "resolve"}, 18),
}


def test_no_page_asks_more_when_there_is_more_and_each_stays_within_its_budget(
    desk: Client, agent: Agent, ticket: Ticket, late_parcel: Reason, callback: Callback
) -> None:
    grow(ticket, agent, late_parcel, 3)
    few = {name: asked(name, desk, ticket) for name in BUDGETS}
    grow(ticket, agent, late_parcel, 57)
    many = {name: asked(name, desk, ticket) for name in BUDGETS}
    assert few == many
    over = {name: count for name, count in many.items() if count > BUDGETS[name][1]}
    assert not over, f"{over}"


def test_a_word_costs_few_questions_however_much_was_said_before(
    desk: Client, agent: Agent, ticket: Ticket, late_parcel: Reason
) -> None:
    grow(ticket, agent, late_parcel, 3)
    few = {name: of_word(desk, ticket, **fields) for name, (fields, _most) in WORDS.items()}
    services.reopen(fresh(ticket), by=agent)
    grow(ticket, agent, late_parcel, 9)
    assert few == {name: of_word(desk, ticket, **fields) for name, (fields, _most) in WORDS.items()}
    over = {name: count for name, count in few.items() if count > WORDS[name][1]}
    assert not over, f"{over}"


def of_word(desk: Client, ticket: Ticket, **fields: str) -> int:
    """How many questions one more word costs, to the customer or among us."""
    ticket = fresh(ticket)
    with CaptureQueriesContext(connection) as queries:
        answer = say(desk, ticket, key=make.unique(), **fields)
    assert answer.status_code == 200
    return len(queries)
