from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, connection

from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer
from customers.services import (
    add_contact_point,
    compare_some,
    create_customer,
    customer_of_address,
    edit_profile,
)
from loyalty.models import Account
from loyalty.services import enrol
from tests import make
from tests.together import at_once

pytestmark = pytest.mark.race


def test_the_first_mails_of_one_sender_at_once_make_one_customer(own_db: str) -> None:
    brand = make.make_brand()
    for number in range(15):
        write = partial(customer_of_address, brand, f"new{number}@mail.example", name="New")
        answers = at_once(write, write, write)
        assert len({customer.pk for customer, _ in answers}) == 1
    assert Customer.objects.count() == ContactPoint.objects.count() == 15


def test_control_without_the_unique_address_two_mails_make_two_customers(own_db: str) -> None:
    brand = make.make_brand()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX customers_contactpoint_once_a_brand")
    write = partial(customer_of_address, brand, "new@mail.example", name="New")
    answers = at_once(write, write, meet_after='FROM "customers_contactpoint"')
    assert len({customer.pk for customer, _ in answers}) == 2


def test_two_agents_who_add_one_address_to_one_customer_add_it_once(own_db: str) -> None:
    brand = make.make_brand()
    agents = [make.make_agent(brands=[brand]) for _ in range(2)]
    for number in range(8):
        customer = make.make_customer(brand=brand)
        compare_some()  # only who was compared is written to with the new address
        value = f"second{number}@mail.example"
        answers = at_once(
            *(partial(add_contact_point, customer, "mail", value, by=agent) for agent in agents)
        )
        assert len({point.pk for point in answers}) == 1
        assert customer.changes.filter(kind="added").count() == 1


def test_of_two_agents_who_give_one_address_to_two_customers_one_is_told_whose_it_is(own_db: str) -> None:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    for number in range(8):
        people = [make.make_customer(brand=brand) for _ in range(2)]
        value = f"shared{number}@mail.example"
        answers = at_once(*(partial(add_contact_point, who, "mail", value, by=agent) for who in people))
        (refusal,) = [answer for answer in answers if isinstance(answer, Refused)]
        (point,) = [answer for answer in answers if isinstance(answer, ContactPoint)]
        assert (refusal.code, refusal.details) == ("address_taken", {"customer": point.customer_id})


def renamed_by_two(*, unlocked: bool) -> tuple[list[object], Customer]:
    brand = make.make_brand()
    agent = make.make_agent(brands=[brand])
    customer = make.make_customer(brand=brand, name="Nora")
    names = [
        partial(edit_profile, customer, {"name": name}, by=agent, seen={"name": "Nora"})
        for name in ("Nora Nilsen", "Nora Holm")
    ]
    return at_once(*names, unlocked=unlocked), customer


def test_of_two_who_change_one_name_at_once_one_is_told_and_nothing_is_lost(own_db: str) -> None:
    for _ in range(8):
        answers, customer = renamed_by_two(unlocked=False)
        (refusal,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert refusal.code == "customer_changed"
        assert customer.changes.count() == 1


def test_control_without_the_lock_the_second_name_replaces_the_first_unseen(own_db: str) -> None:
    answers, customer = renamed_by_two(unlocked=True)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert customer.changes.count() == 2


def test_two_who_enrol_one_customer_make_one_account_and_one_consent(own_db: str) -> None:
    brand = make.make_brand()
    make.make_programme(brand=brand)
    agents = [make.make_agent(brands=[brand]) for _ in range(2)]
    for _ in range(8):
        customer = make.make_customer(brand=brand)
        answers = at_once(*(partial(enrol, customer, by=agent, source="call") for agent in agents))
        assert len({account.pk for account in answers}) == 1
        assert customer.consents.count() == 1


def test_one_order_recorded_by_two_at_once_is_one_order_and_gives_its_points_once(own_db: str) -> None:
    for _ in range(10):
        member = make.make_member()
        record = partial(make.make_order, customer=member, number="A-1", amount_minor=1000)
        answers = at_once(record, record)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert len({order.pk for order in answers}) == 1
        assert Account.objects.get(customer=member).balance == 50


def test_control_without_the_lock_the_points_of_two_orders_collide(own_db: str) -> None:
    member = make.make_member()
    deeds = [partial(make.make_order, customer=member, number=number) for number in ("A-1", "A-2")]
    answers = at_once(*deeds, unlocked=True)
    assert [type(answer) for answer in answers].count(IntegrityError) == 1


def test_a_form_of_a_new_customer_sent_twice_at_once_makes_one(own_db: str) -> None:
    brand = make.make_brand()
    for number in range(8):
        deed = partial(create_customer, brand, name="Ida Ek", key=f"k{number}")
        answers = at_once(deed, deed)
        assert len({customer.pk for customer in answers}) == 1
    assert Customer.objects.count() == 8


def test_control_without_the_claim_of_the_key_the_second_is_an_error(own_db: str) -> None:
    deed = partial(create_customer, make.make_brand(), name="Ida Ek", key="k")
    answers = at_once(deed, deed, unlocked=True, meet_after='FROM "customers_customer"')
    assert [type(answer) for answer in answers].count(IntegrityError) == 1
