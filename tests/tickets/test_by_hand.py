from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tests.together import at_once
from tickets.models import Queue, Ticket
from tickets.services import assign, open_by_hand


def told(customer: Customer, queue: Queue, by: Agent, **fields: Any) -> Ticket:
    fields = {"channel": "phone", "subject": "Parcel", "text": "It never came.", "key": "k"} | fields
    return open_by_hand(customer, queue=queue, by=by, **fields)


def test_what_was_said_on_the_phone_is_the_first_word_of_a_ticket_of_whoever_heard_it(
    customer: Customer, queue: Queue, agent: Agent
) -> None:
    ticket = told(customer, queue, agent)
    message = ticket.messages.get()
    assert (ticket.assignee, ticket.channel, ticket.subject, ticket.customer) == (
        agent,
        "phone",
        "Parcel",
        customer,
    )
    assert (message.kind, message.channel, message.text) == ("inbound", "phone", "It never came.")
    assert ticket.due_at is not None
    assert list(ticket.events.values_list("kind", "by")) == [("opened", agent.pk), ("assigned", agent.pk)]


def test_a_double_click_opens_one_ticket_and_does_not_take_it_back(
    customer: Customer, queue: Queue, agent: Agent, brand: Brand
) -> None:
    ticket = told(customer, queue, agent)
    colleague = make.make_agent(brands=[brand])
    assign(ticket, colleague, by=agent)
    again = told(customer, queue, agent)
    assert again.pk == ticket.pk
    assert Ticket.objects.get().assignee == colleague
    assert ticket.messages.count() == 1


@pytest.mark.parametrize("other", [{"text": "Else"}, {"subject": "Else"}, {"channel": "shop"}])
def test_the_same_key_with_other_content_is_refused(
    customer: Customer, queue: Queue, agent: Agent, other: dict[str, str]
) -> None:
    told(customer, queue, agent)
    with pytest.raises(Refused) as refusal:
        told(customer, queue, agent, **other)
    assert refusal.value.code == "key_conflict"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " "}, "nothing_said"),
        ({"channel": "mail"}, "no_such_channel"),
        ({"channel": "?"}, "no_such_channel"),
    ],
)
def test_what_cannot_be_opened_by_hand_is_refused(
    customer: Customer, queue: Queue, agent: Agent, fields: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        told(customer, queue, agent, **fields)
    assert refusal.value.code == code
    assert not Ticket.objects.exists()


def test_a_ticket_of_another_brand_is_opened_neither_in_its_queue_nor_by_its_agent(
    customer: Customer, queue: Queue, agent: Agent, other_brand: Brand
) -> None:
    with pytest.raises(Refused) as refusal:
        told(customer, make.make_queue(brand=other_brand), agent)
    assert refusal.value.code == "other_brand"
    with pytest.raises(Refused) as refusal:
        told(customer, queue, make.make_agent(brands=[other_brand]))
    assert refusal.value.code == "not_allowed"
    assert not Ticket.objects.exists()


@pytest.mark.race
def test_one_ticket_opened_twice_at_once_is_one(own_db: str) -> None:
    brand = make.make_brand()
    agent, customer, queue = (
        make.make_agent(brands=[brand]),
        make.make_customer(brand=brand),
        make.make_queue(brand=brand),
    )
    for number in range(8):
        deed = partial(told, customer, queue, agent, key=f"k{number}")
        answers = at_once(deed, deed)
        assert len({ticket.pk for ticket in answers}) == 1
    assert [ticket.messages.count() for ticket in Ticket.objects.all()] == [1] * 8
