from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, connection

from customers.models import ContactPoint, Customer
from customers.services import customer_of_address
from loyalty.models import Account
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
