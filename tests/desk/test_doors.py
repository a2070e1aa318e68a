"""Every address of the desk, for who may not open it. A new address has to be written down here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import goodwill.services
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock
from customers.models import Customer, Merge, Order
from customers.services import merge
from desk import urls
from goodwill.models import IncidentGrant, Offer, Policy, Reason, Request
from goodwill.services import Option
from loyalty.models import Redemption
from loyalty.services import redeem_reward
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Attachment, Consult, Draft, Macro, SavedView, ShopTask, Ticket
from tickets.services import add_file


@dataclass(frozen=True)
class Things:
    """What belongs to the brand, one of each."""

    ticket: Ticket
    callback: Callback
    attachment: Attachment
    reason: Reason
    agent: Agent
    order: Order
    taken: Redemption
    twin: Customer
    merge: Merge
    macro: Macro
    consult: Consult
    task: ShopTask
    view: SavedView
    asked: Request
    hit: IncidentGrant
    offer: Offer
    held: Draft
    inline: Attachment


@dataclass(frozen=True)
class Door:
    """An address: whether it may be read, what a deed would send it, and whether it names something of a brand."""

    args: Callable[[Things], list[Any]] = lambda things: []
    reads: bool = True
    deed: Callable[[Things], dict[str, Any]] | None = None
    of_a_brand: bool = True
    get: Callable[[Things], dict[str, Any]] = lambda things: {}
    refused: int = 200  # what the deed as it is sent here is answered with, once the door is open
    shut: tuple[int, ...] = ()  # what agents are answered where it is for supervisors or for developers


def of_ticket(things: Things) -> list[Any]:
    return [things.ticket.reference]


def of_callback(things: Things) -> list[Any]:
    return [things.callback.pk]


def of_customer(things: Things) -> list[Any]:
    return [things.ticket.customer_id]


def of_order(things: Things) -> list[Any]:
    return [things.order.pk]


def of_shop(things: Things) -> list[Any]:
    return [things.ticket.reference, things.order.pk]


def asked(things: Things) -> dict[str, Any]:
    line = things.order.lines.get().pk
    return {"key": "d", "kind": "resend", "shown": "resend", "line": line, f"quantity-{line}": 1}


def of_taken(things: Things) -> list[Any]:
    return [things.ticket.reference, things.taken.pk]


def of_two(things: Things) -> list[Any]:
    return [things.ticket.customer_id, things.twin.pk]


def its_phone(things: Things) -> int:
    return things.ticket.customer.contact_points.get(kind="phone").pk


def told(things: Things) -> dict[str, Any]:
    return {
        "key": "d", "customer": things.ticket.customer_id, "queue": things.ticket.queue_id, "channel": "phone",
        "text": "Hello",
    }  # fmt: skip


def promised(things: Things) -> dict[str, Any]:
    start, end = make.next_day("Europe/Berlin", 15, days=2)
    return {
        "key": "d", "kind": "task", "window": f"{start.isoformat()}/{end.isoformat()}", "reason": "Parcel",
        "owner": things.agent.pk,
    }  # fmt: skip


def said(things: Things) -> dict[str, Any]:
    return {"key": "d", "kind": "note", "text": "Hello", "seen": 1, "then": "stay"}


def begun(things: Things) -> dict[str, Any]:
    return {"key": "d", "kind": "reply", "text": "", "seen": 1, "version": 0}


def granted(things: Things) -> dict[str, Any]:
    return {"key": "d", "reason": things.reason.pk, "points": 100}


DOORS = {
    "wall": Door(of_a_brand=False, shut=(403,)),
    "wall_answer": Door(
        lambda things: [things.asked.pk, "decline"], reads=False, deed=lambda things: {}, shut=(403,)
    ),
    "components": Door(of_a_brand=False, shut=(404,)),
    "find": Door(of_a_brand=False, get=lambda things: {"q": things.ticket.customer.name[:3]}),
    "presence": Door(reads=False, of_a_brand=False, deed=lambda things: {"state": "available"}),
    "looks": Door(
        reads=False, of_a_brand=False, deed=lambda things: {"ticket": things.ticket.pk, "typing": "note"}
    ),
    "search": Door(of_a_brand=False, get=lambda things: {"q": things.ticket.customer.name[:3]}),
    "views": Door(of_a_brand=False),
    "why_first": Door(of_a_brand=False, get=lambda things: {"view": "all"}),
    "keep_view": Door(
        reads=False,
        deed=lambda things: {"name": "Mine", "query": "is:mine", "brand": things.ticket.brand_id},
    ),
    "drop_view": Door(
        lambda things: [things.view.pk],
        reads=False,
        deed=lambda things: {},
    ),
    "consult": Door(
        of_ticket, deed=lambda things: {"key": "d", "address": "tom@else.example", "question": "Well?"}
    ),
    "withdraw_consult": Door(
        lambda things: [things.ticket.reference, things.consult.pk], reads=False, deed=lambda things: {}
    ),
    "names": Door(of_ticket),
    "bell": Door(of_a_brand=False),
    "keys": Door(of_a_brand=False),
    "palette": Door(
        of_a_brand=False,
        get=lambda things: {"q": things.ticket.customer.name[:3], "recent": things.ticket.reference},
    ),
    "me": Door(of_a_brand=False, deed=lambda things: {}, refused=422),
    "theme": Door(of_a_brand=False, reads=False, deed=lambda things: {"theme": "dark"}, refused=204),
    "notifications": Door(of_a_brand=False, deed=lambda things: {"up_to": 1}, refused=302),
    "undo": Door(
        lambda things: [things.ticket.reference, 1], reads=False, deed=lambda things: {}, refused=409
    ),
    "move": Door(of_ticket, deed=lambda things: {"queue": 0}, refused=404),
    "snooze": Door(of_ticket, reads=False, deed=lambda things: {"until": "tomorrow"}),
    "priority": Door(of_ticket, reads=False, deed=lambda things: {"priority": 4}),
    "type": Door(of_ticket, reads=False, deed=lambda things: {"type": "task"}),
    "tags": Door(of_ticket, deed=lambda things: {"name": "late"}),
    "reasons": Door(of_ticket, deed=lambda things: {"off": "yes"}),
    "checklist": Door(of_ticket, deed=lambda things: {"item": 0}, refused=404),
    "fields": Door(of_ticket, deed=lambda things: {}),
    "wrapped_up": Door(of_ticket, reads=False, deed=lambda things: {}),
    "shop": Door(of_shop, deed=asked),
    "shop_effect": Door(of_shop),
    "shop_withdraw": Door(
        lambda things: [things.ticket.reference, things.task.pk], reads=False, deed=lambda things: {}
    ),
    "links": Door(  # with itself
        of_ticket,
        reads=False,
        deed=lambda things: {"kind": "related", "other": things.ticket.reference},
        refused=409,
    ),
    "merge_ticket": Door(of_ticket, deed=lambda things: {"into": things.ticket.reference}, refused=409),
    "apart": Door(of_ticket, reads=False, deed=lambda things: {}),
    "split": Door(  # its first word
        lambda things: [things.attachment.message_id], reads=False, deed=lambda things: {}, refused=409
    ),
    "bulk": Door(
        of_a_brand=False, reads=False, deed=lambda things: {"deed": "mine", "ticket": things.ticket.pk}
    ),
    "bulk_undo": Door(of_a_brand=False, reads=False, deed=lambda things: {"events": ""}, refused=422),
    "new_customer": Door(
        of_a_brand=False, deed=lambda things: {"brand": things.ticket.brand_id, "name": "N", "key": "d"}
    ),
    "new_ticket": Door(deed=told, get=lambda things: {"customer": things.ticket.customer_id}),
    "person": Door(of_customer),
    "person_pane": Door(of_customer),
    "person_timeline": Door(of_customer),
    "statement": Door(of_customer),
    "edit_customer": Door(of_customer, deed=lambda things: {"name": "N"}),
    "add_address": Door(
        of_customer, reads=False, deed=lambda things: {"kind": "mail", "value": "n@n.example"}
    ),
    "address": Door(lambda things: [its_phone(things), "verify"], reads=False, deed=lambda things: {}),
    "consent": Door(
        of_customer,
        reads=False,
        deed=lambda things: {"purpose": "calls", "given": "yes", "source": "call"},
    ),
    "enrol": Door(of_customer, deed=lambda things: {"agreed": "1", "source": "call"}),
    "verify": Door(of_customer, deed=lambda things: {"what": "judge"}),
    "absent": Door(of_customer, get=lambda things: {"order": things.order.number}),
    "twin": Door(of_customer, get=lambda things: {"q": things.twin.name}),
    "merge": Door(  # for a supervisor to do
        of_two, deed=lambda things: {"kept": things.twin.pk, "reason": "twice", "key": "d"}, refused=409
    ),
    "not_the_same": Door(of_two, reads=False, deed=lambda things: {}),
    "unmerge": Door(lambda things: [things.merge.pk], deed=lambda things: {"key": "d"}, refused=409),
    "missing": Door(of_order, reads=False, deed=lambda things: {"key": "d"}),
    "refund": Door(of_order),
    "redeem": Door(of_ticket, deed=lambda things: {"key": "d", "reward": f"{things.taken.reward_id}:500"}),
    "redeem_confirm": Door(of_taken, reads=False, deed=lambda things: {"code": "123456"}, refused=409),
    "redeem_withdraw": Door(of_taken, reads=False, deed=lambda things: {}, refused=409),
    "redeem_undo": Door(of_taken, reads=False, deed=lambda things: {}),
    "home": Door(of_a_brand=False),
    "queue": Door(of_a_brand=False, get=lambda things: {"view": "all"}),
    "take_next": Door(reads=False, deed=lambda things: {}, of_a_brand=False),
    "draft": Door(of_ticket, get=lambda things: {"of": things.inline.draft_id}, deed=begun),
    "preview": Door(of_ticket, reads=False, deed=lambda things: {"text": "**Hello**"}),
    "add_file": Door(
        of_ticket, reads=False, deed=lambda things: {"file": SimpleUploadedFile("a.pdf", b"%PDF")}
    ),
    "drop_file": Door(lambda things: [things.inline.pk], reads=False, deed=lambda things: {}),
    "held": Door(lambda things: [things.held.pk, "undo"], reads=False, deed=lambda things: {}, refused=204),
    "ticket": Door(of_ticket),
    "thread": Door(of_ticket),
    "say": Door(of_ticket, reads=False, deed=said),
    "macros": Door(of_ticket),
    "macro": Door(lambda things: [things.ticket.reference, things.macro.pk]),
    "assign": Door(of_ticket, deed=lambda things: {"to": things.agent.pk}),
    "status": Door(of_ticket, reads=False, deed=lambda things: {"status": "resolved", "seen": 1}),
    "customer": Door(of_ticket),
    "timeline": Door(of_ticket),
    "goodwill": Door(of_ticket, deed=granted),
    "goodwill_effect": Door(of_ticket),
    "goodwill_step": Door(
        lambda things: [things.ticket.reference, things.asked.pk, "withdraw"],
        reads=False,
        deed=lambda things: {},
    ),
    "incident": Door(of_ticket, deed=granted, refused=409),  # asked for already
    "incident_step": Door(
        lambda things: [things.ticket.reference, things.hit.pk, "withdraw"],
        reads=False,
        deed=lambda things: {},
    ),
    "remedies": Door(
        of_ticket,
        deed=lambda things: {
            "key": "r",
            "reason": things.reason.pk,
            "remedy": "points",
            "points": 50,
            "deed": "give",
        },
    ),
    "withdraw_offer": Door(
        lambda things: [things.ticket.reference, things.offer.pk], reads=False, deed=lambda things: {}
    ),
    "promise": Door(of_ticket, deed=promised),
    "contact_hours": Door(of_customer, deed=lambda things: {"day0": "9–12"}),
    "follow_up": Door(of_ticket, deed=lambda things: {"deed": "promise"}, refused=409),
    "why": Door(lambda things: [things.ticket.customer.account.entries.earliest("seq").pk]),
    "attachment": Door(lambda things: [things.attachment.pk]),
    "picture": Door(lambda things: [things.attachment.pk]),
    "words": Door(lambda things: [things.attachment.message_id]),
    "sent": Door(lambda things: [things.attachment.message_id]),
    "callbacks": Door(of_a_brand=False),
    "calendar": Door(of_a_brand=False, deed=lambda things: {"deed": "renew"}),
    "due": Door(of_a_brand=False),
    "callback": Door(of_callback),
    "callback_windows": Door(of_callback),
    "accept": Door(of_callback, reads=False, deed=lambda things: {}, refused=409),
    "dial": Door(of_callback, reads=False, deed=lambda things: {"key": "dial"}, refused=409),
    "call_state": Door(of_callback),
    "hang_up": Door(of_callback, reads=False, deed=lambda things: {}),
    "decline": Door(of_callback, reads=False, deed=lambda things: {}),
    "outcome": Door(
        lambda things: [things.callback.pk, "done"], reads=False, deed=lambda things: {"key": "d"}
    ),
}


@pytest.fixture
def things(
    ticket: Ticket,
    callback: Callback,
    attachment: Attachment,
    late_parcel: Reason,
    agent: Agent,
    supervisor: Agent,
) -> Things:
    ticket.messages.update(html="<p>Hello</p>")
    make.give(ticket.customer.account, 1000)
    Policy.objects.update(apart_days=None)
    reward = make.make_reward(brand=ticket.brand)
    taken = redeem_reward(ticket.customer.account, reward, by=None, key="taken")
    twin, again = (make.make_customer(brand=ticket.brand) for _ in "12")
    merged = merge(ticket.customer, again, by=supervisor, reason="twice", key="merged")
    return Things(
        ticket,
        callback,
        attachment,
        late_parcel,
        agent,
        make.make_order(customer=ticket.customer),
        taken,
        twin,
        merged,
        make.make_macro(brand=ticket.brand),
        make.make_outward(ticket, by=agent),
        make.make_shop_task(ticket, by=agent),
        make.make_view(brand=ticket.brand, owner=agent),
        goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="asked"),
        make.make_incident_grant(ticket, make.make_ticket(customer=ticket.customer), by=agent),
        goodwill.services.offer(
            ticket, [Option(50), Option()], by=agent, reason=late_parcel, key="offer", text="Choose:"
        ),
        make.make_draft(ticket, by=agent, due_at=clock.now() + timedelta(hours=1)),
        add_file(ticket, "label.png", make.PNG, by=agent, is_inline=True),
    )


def where(name: str, things: Things) -> str:
    return reverse(f"desk:{name}", args=DOORS[name].args(things))


def knock(client: Client, things: Things) -> Iterator[tuple[str, Any]]:
    """At every address the answers to reading and to the deed, whichever it has."""
    for name, door in DOORS.items():
        if door.reads:
            yield name, client.get(where(name, things), door.get(things))
        if door.deed:
            yield name, client.post(where(name, things), door.deed(things))


def everything() -> dict[str, list[Any]]:
    """All rows of our own tables."""
    ours = ("customers", "loyalty", "tickets", "goodwill", "callbacks")
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for room in ours
        for model in apps.get_app_config(room).get_models()
    }


def test_every_address_of_the_desk_is_written_down_here() -> None:
    assert sorted(pattern.name for pattern in urls.urlpatterns) == sorted(DOORS)


def test_an_agent_of_the_brand_is_let_in(desk: Client, things: Things) -> None:
    for name, answer in knock(desk, things):
        assert answer.status_code in (DOORS[name].shut or (200, 302, DOORS[name].refused)), name
        assert "sign-in" not in answer.headers.get("Location", ""), name


def test_a_visitor_is_asked_to_sign_in_and_nothing_is_written(client: Client, things: Things) -> None:
    before = everything()
    for name, answer in knock(client, things):
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/accounts/sign-in/?next=/"), name
    assert everything() == before


def test_who_may_not_work_tickets_is_told_no_and_nothing_is_written(brand: Brand, things: Things) -> None:
    client = signed_in(make.make_agent(brands=[brand], role=None))
    before = everything()
    for name, answer in knock(client, things):
        assert answer.status_code == 403, name
        assert things.ticket.subject not in answer.content.decode(), name
    assert everything() == before


def test_who_left_the_house_is_a_visitor_from_that_moment_on(brand: Brand, things: Things) -> None:
    agent = make.make_agent(brands=[brand])
    client = signed_in(agent)
    assert client.get("/").status_code == 200
    Agent.objects.filter(pk=agent.pk).update(is_active=False)
    before = everything()
    for name, answer in knock(client, things):
        assert answer.status_code == 302, name
    assert everything() == before


def test_an_agent_of_another_brand_finds_nothing_there_and_nothing_is_written(
    stranger: Client, things: Things
) -> None:
    before = everything()
    for name, answer in knock(stranger, things):
        assert answer.status_code in (
            (404,) if DOORS[name].of_a_brand else (200, 204, 302, 422, *DOORS[name].shut)
        ), name
        content = answer.content.decode()
        for word in (things.ticket.subject, things.ticket.reference, things.ticket.customer.name):
            assert word not in content, name
    assert everything() == before


def words(answer: Any) -> str:
    """What a page says, without the token that differs in each."""
    return re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode())


def test_what_is_of_another_brand_cannot_be_told_from_what_is_not_there(
    stranger: Client, things: Things
) -> None:
    for name in ("attachment", "why", "callback"):
        theirs = stranger.get(where(name, things))
        none = stranger.get(reverse(f"desk:{name}", args=[2**62]))
        assert (theirs.status_code, words(theirs)) == (404, words(none)), name


def test_the_owner_of_the_installation_may_read_every_page(owner: Agent, things: Things) -> None:
    client = signed_in(owner)
    for name, door in DOORS.items():
        if door.reads and 404 not in door.shut:
            assert client.get(where(name, things), door.get(things)).status_code in (200, 302), name


def test_a_deed_cannot_be_done_by_reading_and_a_page_takes_no_deed(desk: Client, things: Things) -> None:
    before = everything()
    for name, door in DOORS.items():
        if not door.reads:
            assert desk.get(where(name, things)).status_code == 405, name
        if not door.deed:
            assert desk.post(where(name, things), {"key": "d"}).status_code in (405, *door.shut), name
    assert everything() == before


def test_a_deed_that_another_site_sends_is_not_done(agent: Agent, things: Things) -> None:
    client = signed_in(agent, enforce_csrf_checks=True)
    before = everything()
    for name, door in DOORS.items():
        if door.deed:
            assert client.post(where(name, things), door.deed(things)).status_code == 403, name
    assert everything() == before
