"""The reason, its checklist, the brand's fields and the shop's tasks on the ticket's page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from customers.models import Order
from customers.services import Line
from tests import make
from tests.desk.deeds import fresh, post, say
from tickets import services
from tickets.models import ContactReason, FieldValue, ShopTask, Ticket, TicketCheck, TicketField, WrapUp


@pytest.fixture
def late(brand: Brand) -> ContactReason:
    above = make.make_contact_reason(brand=brand, label="Delivery")
    return make.make_contact_reason(brand=brand, label="Late", parent=above)


@pytest.fixture
def strict(ticket: Ticket, brand: Brand, late: ContactReason) -> TicketField:
    """The ticket's queue asks for a reason and for a field."""
    ticket.queue.asks_reason = True
    ticket.queue.save(update_fields=["asks_reason"])
    return make.make_field(brand=brand, label="Serial", is_required=True)


def get(desk: Client, name: str, *args: Any) -> str:
    answer: Any = desk.get(reverse(f"desk:{name}", args=args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_reason_is_found_by_its_path_or_a_part_that_only_one_has(
    desk: Client, ticket: Ticket, brand: Brand, late: ContactReason
) -> None:
    make.make_contact_reason(brand=brand, label="Lateral thinking")
    make.make_contact_reason(brand=brand, label="Gone", is_active=False)
    assert get(desk, "reasons", ticket.reference).count("<option") == 3
    for typed, code in (("lat", "which_reason"), ("gone", "no_such_reason"), ("", "no_such_reason")):
        answer = post(desk, "reasons", ticket.reference, reason=typed)
        assert (answer.status_code, f'data-code="{code}"' in answer.text) == (422, True), typed
    for typed in ("delivery › LATE", "thinking", "late"):
        assert post(desk, "reasons", ticket.reference, reason=typed).status_code == 200, typed
    assert fresh(ticket).reason == late
    answer = post(desk, "reasons", ticket.reference, off="yes")
    assert "Reason taken back (was Delivery › Late)" in answer.text
    assert fresh(ticket).reason is None


def test_resolving_asks_at_the_spot_for_what_is_missing_and_goes_on_with_it(
    desk: Client, ticket: Ticket, strict: TicketField, late: ContactReason
) -> None:
    slot = {"headers": {"Refusal-Slot": "#head-refusal"}}
    where = reverse("desk:status", args=[ticket.reference])
    answer: Any = desk.post(where, {"status": "resolved", "seen": 1}, **slot)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#head-refusal")
    for part in (
        "contact reason, Serial",
        f'name="field-{strict.pk}"',
        'name="reason"',
        where,
        'value="resolved"',
    ):
        assert part in answer.text, part
    filled = {"status": "resolved", "seen": 1, "reason": "Late", f"field-{strict.pk}": "A-1"}
    assert desk.post(where, filled, **slot).status_code == 200
    assert (fresh(ticket).status, fresh(ticket).reason) == ("resolved", late)
    assert FieldValue.objects.get().text == "A-1"


def test_a_reply_that_cannot_resolve_yet_is_not_sent_and_is_with_what_was_missing(
    desk: Client, ticket: Ticket, strict: TicketField, late: ContactReason
) -> None:
    answer = say(desk, ticket, "Done.", then="resolve")
    assert answer.status_code == 409
    assert "Fill in, send and resolve" in answer.content.decode()
    assert "<form" not in answer.content.decode()  # it stands in the composer's own
    assert fresh(ticket).message_seq == 1
    field = {f"field-{strict.pk}": "A-1"}
    assert say(desk, ticket, "Done.", then="resolve", reason=["Late", ""], **field).status_code == 200
    assert (fresh(ticket).status, fresh(ticket).reason) == ("resolved", late)


def test_what_comes_along_with_a_refused_deed_is_not_kept(
    desk: Client, ticket: Ticket, strict: TicketField
) -> None:
    assert say(desk, ticket, "Done.", then="resolve", reason="Late").status_code == 409
    assert fresh(ticket).reason is None


def test_a_checklist_is_ticked_in_the_head_by_somebody(
    desk: Client, ticket: Ticket, late: ContactReason, agent: Agent
) -> None:
    item = late.checklist.create(text="Offer <b> parcel", kind="remedy")
    services.set_reason(ticket, late, by=agent)
    assert 'aria-checked="false"' in get(desk, "checklist", ticket.reference)
    answer = post(desk, "checklist", ticket.reference, item=item.pk)
    assert 'aria-checked="true"' in answer.text
    assert "Ada Amsel" in answer.text
    assert "Offer &lt;b&gt; parcel" in answer.text
    assert "Ticked: Offer" in get(desk, "ticket", ticket.reference)
    post(desk, "checklist", ticket.reference, item=item.pk, off="yes")
    assert not TicketCheck.objects.exists()


def test_fields_are_filled_and_emptied_in_the_head_and_the_thread_says_what_was_there(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    field = make.make_field(brand=brand, label="Serial")
    colour = make.make_field(brand=brand, label="Colour", kind="choice", choices=["red", "blue"])
    assert "Serial" in get(desk, "fields", ticket.reference)
    blue = colour.choices.get(label="blue").pk
    for typed in ("A", "B"):
        answer = post(
            desk, "fields", ticket.reference, **{f"field-{field.pk}": typed, f"field-{colour.pk}": blue}
        )
    assert "Serial: B (was A)" in answer.text
    assert "Colour: blue" in answer.text
    assert 'value="B"' in get(desk, "fields", ticket.reference)
    answer = post(desk, "fields", ticket.reference, **{f"field-{field.pk}": ""})
    assert "Serial: emptied (was B)" in answer.text


def test_the_shop_is_asked_beside_the_order_with_what_a_refund_takes_before_the_eyes(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    order = make.make_order(customer=ticket.customer, lines=[Line("S", "Scarf", 10_000, quantity=2)])
    line, args = order.lines.get().pk, (ticket.reference, order.pk)
    why = desk.get(
        reverse("desk:absent", args=[ticket.customer_id]), {"order": order.number, "ticket": ticket.reference}
    )
    assert reverse("desk:shop", args=args) in why.content.decode()
    assert "If €100.00 are given back:" in get(desk, "shop", *args)
    sent = {
        "kind": "refund",
        "shown": "refund",
        "line": line,
        f"quantity-{line}": 1,
        f"amount-{line}": "60,00",
    }
    effect: Any = desk.get(reverse("desk:shop_effect", args=args), sent)
    assert "If €60.00 are given back:" in effect.content.decode()
    assert "300 points go" in effect.content.decode()
    answer: Any = desk.post(reverse("desk:shop", args=args), sent | {"key": "k", "note": "Torn."})
    assert answer.status_code == 200
    task = ShopTask.objects.get()
    assert (task.amount_minor, task.note, task.asked_by) == (6_000, "Torn.", agent)
    assert f"Refund €60.00, {order.number}: the shop is asked" in answer.content.decode()
    assert 'value="40.00"' in get(desk, "shop", *args)
    post(desk, "shop_withdraw", ticket.reference, task.pk)
    assert ShopTask.objects.get().state == "withdrawn"


@pytest.mark.parametrize("amount", ["", "x", "1.001", "1e99", "NaN", "-5", "0"])
def test_an_amount_that_is_none_is_refused_with_a_sentence(desk: Client, ticket: Ticket, amount: str) -> None:
    order: Order = make.make_order(customer=ticket.customer)
    line = order.lines.get().pk
    sent = {"key": "k", "kind": "refund", "shown": "refund", "line": line, f"amount-{line}": amount}
    answer: Any = desk.post(reverse("desk:shop", args=[ticket.reference, order.pk]), sent)
    assert answer.status_code in (409, 422)
    assert not ShopTask.objects.exists()


def test_an_agent_says_when_they_are_done_and_next_is_done_at_once(
    desk: Client, ticket: Ticket, agent: Agent
) -> None:
    ticket.queue.wrap_up_minutes = 10
    ticket.queue.save(update_fields=["wrap_up_minutes"])
    answer = post(desk, "status", ticket.reference, status="resolved", seen=1)
    assert "Wrapping up since" in answer.text
    answer = post(desk, "wrapped_up", ticket.reference)
    assert "Wrapping up since" not in answer.text
    second = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    assert say(desk, second, "Done.", then="next").status_code == 204
    assert list(WrapUp.objects.order_by("pk").values_list("how", flat=True)) == ["agent", "next"]
    assert {one.agent for one in WrapUp.objects.all()} == {agent}


def test_what_was_chosen_with_a_reply_stands_as_before_when_the_reply_is_undone(
    desk: Client, ticket: Ticket, strict: TicketField, late: ContactReason, agent: Agent, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    services.fill(ticket, strict, "A-1", by=agent)
    chosen = {"reason": "Late", f"field-{strict.pk}": "B-2"}

    def stands() -> tuple[Any, str]:
        value = FieldValue.objects.filter(ticket=ticket).current().get()
        return fresh(ticket).reason, value.typed

    def undo(key: str) -> str:
        answer = say(desk, ticket, "It is there.", key=key, then="resolve", **chosen)
        assert stands() == (late, "B-2")
        told: dict[str, Any] = json.loads(answer["HX-Trigger"])["desk:held"]
        return str(told["undo"])

    assert desk.post(undo("k1")).status_code == 204
    assert stands() == (None, "A-1")
    assert desk.post(undo("k2")).status_code == 204
    assert stands() == (None, "A-1")

    again = undo("k3")  # what a colleague chose meanwhile is theirs
    other = make.make_contact_reason(brand=ticket.brand, label="Other")
    services.set_reason(ticket, other, by=make.make_agent(brands=[ticket.brand]))
    assert desk.post(again).status_code == 204
    assert stands() == (other, "A-1")


def test_a_reason_that_stood_before_the_reply_stays_when_it_is_undone(
    desk: Client, ticket: Ticket, strict: TicketField, late: ContactReason, agent: Agent, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    services.fill(ticket, strict, "A-1", by=agent)
    services.set_reason(ticket, late, by=agent)
    answer = say(desk, ticket, "It is there.", then="resolve", reason="Late")
    desk.post(json.loads(answer["HX-Trigger"])["desk:held"]["undo"])
    assert fresh(ticket).reason == late
