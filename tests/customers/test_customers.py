from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.contact import Kind
from customers.models import Consent, Customer
from customers.services import add_contact_point, create_customer, customer_of_address, record_consent
from tests import make


def test_a_customer_is_found_by_any_address_however_it_is_written(brand: Brand) -> None:
    nora = make.make_customer(brand=brand, mail="nora@mail.example", phone="+49301234567")
    add_contact_point(nora, Kind.HANDLE, "mastodon:nora")
    make.make_customer(brand=brand, phone="+49307654321")
    found = Customer.objects.filter(brand=brand)
    for kind, written in [
        (Kind.MAIL, " Nora@MAIL.example"),
        (Kind.PHONE, "+49 (30) 123 45 67"),
        (Kind.HANDLE, "@Mastodon:Nora"),
    ]:
        assert found.reached_by(kind, written).get() == nora


def test_a_new_customer_lives_where_their_number_does_and_a_repeat_is_still_a_repeat(brand: Brand) -> None:
    told = {"name": "Kenji", "addresses": [(Kind.PHONE, "+81312345678")], "country": "", "time_zone": ""}
    kenji = create_customer(brand, **told, key="k")
    assert (kenji.country, kenji.time_zone) == ("JP", "Asia/Tokyo")
    assert create_customer(brand, **told, key="k") == kenji
    with pytest.raises(Refused) as refusal:
        create_customer(brand, **told | {"country": "IT"}, key="k")
    assert refusal.value.code == "key_conflict"


def test_an_address_of_another_kind_finds_nobody(brand: Brand) -> None:
    make.make_customer(brand=brand, mail="nora@mail.example")
    assert not Customer.objects.reached_by(Kind.HANDLE, "nora@mail.example").exists()


def test_an_address_belongs_to_one_customer_of_a_brand(brand: Brand) -> None:
    make.make_customer(brand=brand, mail="nora@mail.example")
    with pytest.raises(Refused) as refusal:
        make.make_customer(brand=brand, mail="NORA@mail.example")
    assert refusal.value.code == "address_taken"
    assert Customer.objects.filter(brand=brand).count() == 1


@pytest.mark.parametrize("number", ["+49 12", "+49 123456789012345", "030 1234567"])
def test_a_number_that_no_telephone_has_is_refused_for_what_it_is(customer: Customer, number: str) -> None:
    with pytest.raises(Refused) as refusal:
        add_contact_point(customer, Kind.PHONE, number)
    assert refusal.value.code == "bad_address"


def test_only_a_taken_address_is_called_taken(customer: Customer) -> None:
    with pytest.raises(IntegrityError, match="customers_contactpoint_kind_known"):
        add_contact_point(customer, "pigeon", "gustav")


def test_the_same_human_at_two_brands_is_two_customers(brand: Brand, other_brand: Brand) -> None:
    first, _ = customer_of_address(brand, "nora@mail.example", name="Nora")
    second, _ = customer_of_address(other_brand, "nora@mail.example", name="Nora")
    assert first != second
    assert (first.brand, second.brand) == (brand, other_brand)


def test_the_first_mail_of_a_sender_makes_the_customer_and_the_second_finds_them(brand: Brand) -> None:
    first, point = customer_of_address(brand, "Nora@mail.example", name="Nora Nilsen")
    again, same = customer_of_address(brand, "nora@MAIL.example", name="N. Nilsen")
    assert (first, point) == (again, same)
    assert (first.name, point.value, point.verified_at) == ("Nora Nilsen", "nora@mail.example", None)


def test_a_sender_without_an_address_makes_no_customer(brand: Brand) -> None:
    with pytest.raises(Refused) as refusal:
        customer_of_address(brand, "undisclosed", name="?")
    assert refusal.value.code == "bad_address"
    assert not Customer.objects.exists()


def test_a_national_number_is_read_in_the_customers_country(brand: Brand) -> None:
    customer = create_customer(brand, name="Kenji", country="JP", addresses=[(Kind.PHONE, "03-1234-5678")])
    assert customer.contact_points.get().value == "+81312345678"


def test_a_name_of_any_length_fits(brand: Brand) -> None:
    assert create_customer(brand, name="N" * 500).name == "N" * 120


def test_a_customer_without_a_zone_lives_in_that_of_the_brand(brand: Brand) -> None:
    assert make.make_customer(brand=brand).zone == "Europe/Berlin"
    assert make.make_customer(brand=brand, time_zone="Asia/Tokyo").zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("name", "initials", "shown"),
    [
        ("Nora Nilsen", "NN", "Nora Nilsen"),
        ("Nora van der Berg", "NB", "Nora van der Berg"),
        ("nora", "N", "nora"),
        ("", "?", "Unknown"),
        ("李 小龍", "李小", "李 小龍"),
    ],
)
def test_a_name_gives_its_initials(name: str, initials: str, shown: str) -> None:
    customer = Customer(name=name)
    assert (customer.initials, str(customer)) == (initials, shown)


def test_the_last_word_on_consent_counts_and_the_earlier_ones_stay(customer: Customer, agent: Agent) -> None:
    record_consent(customer, Consent.Purpose.CALLS, given=True, source="checkout")
    record_consent(customer, Consent.Purpose.CALLS, given=False, source="call", by=agent)
    said = customer.consents.order_by("-recorded_at").values_list("given", "source", "by")
    assert list(said) == [(False, "call", agent.pk), (True, "checkout", None)]


def test_spend_is_what_was_paid_and_kept_in_the_trailing_twelve_months(customer: Customer) -> None:
    now = clock.now()
    make.make_order(customer=customer, amount_minor=1000, placed_at=now)
    make.make_order(customer=customer, amount_minor=200, placed_at=now - timedelta(days=364))
    make.make_order(customer=customer, amount_minor=30, placed_at=now - timedelta(days=366))
    make.make_order(customer=customer, amount_minor=4000, placed_at=now, status="cancelled")
    make.make_order(customer=customer, amount_minor=50000, placed_at=now + timedelta(days=1))
    returned = make.make_order(customer=customer, amount_minor=600, placed_at=now, status="returned")
    type(returned).objects.filter(pk=returned.pk).update(refunded_minor=500)
    make.make_order(customer=make.make_customer(brand=customer.brand), amount_minor=7)
    assert customer.spend_of_twelve_months(now) == 1000 + 200 + 100


def test_who_bought_nothing_spent_nothing(customer: Customer) -> None:
    assert customer.spend_of_twelve_months() == 0
