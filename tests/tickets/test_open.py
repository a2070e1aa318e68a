from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tickets.models import Channel, Queue, Ticket, TicketEvent
from tickets.services import open_ticket


def opened(customer: Customer, queue: Queue, key: str = "", **fields: object) -> Ticket:
    asked = {"subject": "Where is it?", "channel": Channel.MAIL, "key": key or make.unique()} | fields
    return open_ticket(customer, queue=queue, **asked)


def test_every_brand_numbers_its_own_tickets_from_one(brand: Brand, other_brand: Brand) -> None:
    numbers = [make.make_ticket(brand=where).reference for where in (brand, brand, other_brand, brand)]
    assert numbers == ["FF-1", "FF-2", "KL-1", "FF-3"]


def test_a_new_ticket_waits_for_everybody_and_its_opening_is_written_down(
    customer: Customer, queue: Queue, agent: Agent
) -> None:
    ticket = opened(customer, queue, by=agent, channel=Channel.PHONE)
    assert (ticket.status, ticket.assignee, ticket.brand, ticket.message_seq) == (
        "new",
        None,
        customer.brand,
        0,
    )
    event = ticket.events.get()
    assert (event.kind, event.by, event.data) == (
        TicketEvent.Kind.OPENED,
        agent,
        {"channel": "phone", "before": None, "after": "new"},
    )


def test_one_key_opens_one_ticket_and_uses_up_one_number(customer: Customer, queue: Queue) -> None:
    first, again = opened(customer, queue, "k1"), opened(customer, queue, "k1")
    assert first == again
    assert first.events.count() == 1
    assert opened(customer, queue).number == first.number + 1


def test_one_key_opens_no_ticket_of_another_customer_and_in_no_other_queue(
    customer: Customer, queue: Queue, brand: Brand
) -> None:
    opened(customer, queue, "k1")
    for other in ((make.make_customer(brand=brand), queue), (customer, make.make_queue(brand=brand))):
        with pytest.raises(Refused) as refusal:
            opened(*other, "k1")
        assert refusal.value.code == "key_conflict"
    assert Ticket.objects.count() == 1


def test_a_queue_of_another_brand_is_refused(customer: Customer, other_brand: Brand) -> None:
    with pytest.raises(Refused) as refusal:
        opened(customer, make.make_queue(brand=other_brand))
    assert refusal.value.code == "other_brand"


def test_a_subject_of_any_length_fits(customer: Customer, queue: Queue) -> None:
    assert opened(customer, queue, subject="x" * 1000).subject == "x" * 250


def test_a_ticket_is_found_by_the_reference_people_say(ticket: Ticket, other_brand: Brand) -> None:
    make.make_ticket(brand=other_brand)
    for said in ("FF-1", "ff-1"):
        assert Ticket.objects.referred_to_by(said).get() == ticket


@pytest.mark.parametrize(
    "said", ["", "1", "FF", "FF-", "-1", "FF-2", "XX-1", "FF-1x", "FF-²", "FF-١", "FF-9999999999999", "FF 1"]
)
def test_what_is_no_reference_finds_nothing(ticket: Ticket, said: str) -> None:
    assert not Ticket.objects.referred_to_by(said).exists()
