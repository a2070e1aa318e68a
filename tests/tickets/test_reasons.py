"""Why customers write: chosen from a tree, required where a queue asks for it, with a checklist to tick."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tickets.models import ChecklistItem, ContactReason, Ticket, TicketCheck
from tickets.services import (
    checklist_of,
    reopen,
    reply,
    resolve,
    set_reason,
    tick,
    untick,
)


@pytest.fixture
def delivery(brand: Brand) -> ContactReason:
    return make.make_contact_reason(brand=brand, label="Delivery")


@pytest.fixture
def late(brand: Brand, delivery: ContactReason) -> ContactReason:
    return make.make_contact_reason(brand=brand, parent=delivery, label="Late")


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def changes(ticket: Ticket, *kinds: str) -> list[tuple[str, Any, Any]]:
    lines = ticket.events.filter(kind__in=kinds).order_by("seq")
    return [(line.kind, line.data["before"], line.data["after"]) for line in lines]


def refused(code: str, deed: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        deed(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value


def test_a_reason_is_set_changed_and_taken_back_each_with_what_it_was(
    ticket: Ticket, agent: Agent, delivery: ContactReason, late: ContactReason
) -> None:
    for reason in (delivery, late, late, None):
        set_reason(ticket, reason, by=agent)
    assert changes(ticket, "reason") == [
        ("reason", None, delivery.pk),
        ("reason", delivery.pk, late.pk),
        ("reason", late.pk, None),
    ]


def test_what_is_not_offered_is_refused_itself_or_with_what_lies_above_it(
    ticket: Ticket, agent: Agent, other_brand: Brand, delivery: ContactReason, late: ContactReason
) -> None:
    refused("no_such_reason", set_reason, ticket, make.make_contact_reason(brand=other_brand), by=agent)
    ContactReason.objects.filter(pk=delivery.pk).update(is_active=False)
    refused("no_such_reason", set_reason, ticket, late, by=agent)
    assert changes(ticket, "reason") == []


def test_where_a_queue_asks_for_it_nothing_is_resolved_without_a_reason(
    ticket: Ticket, agent: Agent, late: ContactReason
) -> None:
    ticket.queue.asks_reason = True
    ticket.queue.save(update_fields=["asks_reason"])
    for deed in (resolve, lambda ticket, **said: reply(ticket, "Hello", key="k", resolve=True, **said)):
        refusal = refused("not_complete", deed, ticket, by=agent)
        assert "contact reason" in refusal.sentence
        assert refusal.details == {"ticket": ticket.reference, "reason": True, "fields": []}
    assert now_of(ticket).is_open
    assert ticket.messages.count() == 1
    set_reason(ticket, late, by=agent)
    resolve(ticket, by=agent)
    assert not now_of(ticket).is_open


def test_the_tier_of_the_day_is_kept_with_the_end_of_a_ticket_and_goes_when_it_is_taken_up(
    ticket: Ticket, agent: Agent
) -> None:
    tier = ticket.customer.account.tier
    resolve(ticket, by=agent)
    assert now_of(ticket).resolved_tier == tier is not None
    reopen(ticket, by=agent)
    assert now_of(ticket).resolved_tier is None


def test_a_checklist_is_that_of_the_reason_after_those_above_it(
    ticket: Ticket, agent: Agent, delivery: ContactReason, late: ContactReason
) -> None:
    own = late.checklist.create(text="Offer a second parcel", kind="remedy")
    first = delivery.checklist.create(text="Ask for the address")
    delivery.checklist.create(text="No longer asked", is_active=False)
    assert list(checklist_of(ticket)) == []
    ticket = set_reason(ticket, late, by=agent)
    assert list(checklist_of(ticket)) == [first, own]


def test_a_line_is_ticked_once_by_somebody_and_the_tick_is_taken_back_once(
    ticket: Ticket, agent: Agent, delivery: ContactReason, late: ContactReason
) -> None:
    ask = delivery.checklist.create(text="Ask for the address")
    other = make.make_contact_reason(brand=ticket.brand).checklist.create(text="Of another reason")
    set_reason(ticket, late, by=agent)
    for _ in range(2):
        tick(ticket, ask, by=agent)
    assert list(TicketCheck.objects.values_list("item", "by")) == [(ask.pk, agent.pk)]
    for _ in range(2):
        untick(ticket, ask, by=agent)
    refused("not_on_list", tick, ticket, other, by=agent)
    assert changes(ticket, "checked", "unchecked") == [("checked", None, ask.pk), ("unchecked", ask.pk, None)]
    assert not TicketCheck.objects.exists()


def test_the_tree_has_four_steps_and_no_ring_whoever_writes_it(
    brand: Brand, delivery: ContactReason, late: ContactReason
) -> None:
    third = make.make_contact_reason(brand=brand, parent=late)
    fourth = make.make_contact_reason(brand=brand, parent=third)
    rows = ContactReason.objects.filter
    for wrong in (
        lambda: make.make_contact_reason(brand=brand, parent=fourth),  # a fifth step
        lambda: rows(pk=delivery.pk).update(parent=fourth),  # a ring
        lambda: rows(pk=delivery.pk).update(parent=late, depth=3),  # a ring of two, numbered to fit
        lambda: rows(pk=late.pk).update(parent=late),
        lambda: make.make_contact_reason(brand=brand, parent=late, depth=2),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    assert ContactReason.objects.with_parents().get(pk=fourth.pk).path.startswith("Delivery › Late › ")
    assert ChecklistItem.objects.count() == 0
