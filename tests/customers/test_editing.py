from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers.models import ChangeWords, Consent, ContactPoint, Customer
from customers.services import (
    add_contact_point,
    change_consent,
    correct_contact_point,
    create_customer,
    customer_of_address,
    edit_profile,
    remove_contact_point,
    verify_contact_point,
)
from loyalty.services import enrol
from tests import make


def refused(deed: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refusal:
        deed()
    return refusal.value


def mail_of(customer: Customer) -> ContactPoint:
    return customer.contact_points.get(kind="mail")


def told(customer: Customer) -> list[tuple[str, int]]:
    return list(customer.changes.order_by("id").values_list("kind", "by"))


def test_a_customer_made_by_hand_says_who_made_them(brand: Brand, agent: Agent) -> None:
    customer = create_customer(
        brand, name="Nora", addresses=[("mail", "n@n.example")], by=agent, country="no"
    )
    assert told(customer) == [("created", agent.pk)]
    assert customer.country == "NO"


def test_a_changed_field_stands_in_the_history_with_what_it_was(customer: Customer, agent: Agent) -> None:
    edit_profile(customer, {"name": "  Nora  Holm ", "city": "Oslo"}, by=agent)
    customer.refresh_from_db()
    change = customer.changes.get()
    assert (customer.name, customer.city) == ("Nora Holm", "Oslo")
    assert (change.data, change.by) == ({"fields": ["name", "city"]}, agent)
    assert change.words.before == {"name": "Nora Nilsen", "city": ""}
    assert change.words.after == {"name": "Nora Holm", "city": "Oslo"}


def test_the_words_of_the_history_can_be_erased_and_its_line_stays(customer: Customer, agent: Agent) -> None:
    edit_profile(customer, {"name": "Nora Holm"}, by=agent)
    ChangeWords.objects.filter(change__customer=customer).delete()
    line = customer.changes.values().get()
    assert "Nora" not in str(line)
    assert line["data"] == {"fields": ["name"]}


def test_saving_what_is_there_writes_nothing(customer: Customer, agent: Agent) -> None:
    edit_profile(customer, {"name": customer.name, "city": ""}, by=agent)
    assert not customer.changes.exists()


def test_who_saves_over_the_change_of_another_is_told_who_and_what(customer: Customer, agent: Agent) -> None:
    colleague = make.make_agent(brands=[customer.brand], name="Ben Bach")
    edit_profile(customer, {"name": "Nora Holm"}, by=colleague, seen={"name": "Nora Nilsen"})
    refusal = refused(
        lambda: edit_profile(customer, {"name": "N. Nilsen"}, by=agent, seen={"name": "Nora Nilsen"})
    )
    assert refusal.code == "customer_changed"
    assert "Ben Bach" in refusal.sentence
    assert "Nora Holm" in refusal.sentence
    edit_profile(customer, {"name": "N. Nilsen"}, by=agent, seen={"name": "Nora Nilsen"}, anyway=True)
    assert customer.changes.order_by("id").last().words.before == {"name": "Nora Holm"}


def test_two_who_change_different_fields_do_not_meet(customer: Customer, agent: Agent) -> None:
    seen = {"name": customer.name, "city": customer.city}
    edit_profile(customer, {"name": "Nora Holm", "city": ""}, by=agent, seen=seen)
    edit_profile(customer, {"name": "Nora Nilsen", "city": "Oslo"}, by=agent, seen=seen)
    customer.refresh_from_db()
    assert (customer.name, customer.city) == ("Nora Holm", "Oslo")


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "ZZ"), ("time_zone", "Mars/Base"), ("language", "qq-no"), ("language", "")],
)
def test_what_names_nothing_there_is_is_refused(
    customer: Customer, agent: Agent, field: str, value: str
) -> None:
    assert refused(lambda: edit_profile(customer, {field: value}, by=agent)).code == f"bad_{field}"
    assert not customer.changes.exists()


def test_a_removed_address_reaches_nobody_and_stays_for_what_went_to_it(
    customer: Customer, agent: Agent
) -> None:
    ticket = make.make_ticket(customer=customer)
    point = mail_of(customer)
    for _ in range(2):
        remove_contact_point(point, by=agent)
    assert not customer.contact_points.exists()
    assert ticket.answer_goes_to() is None
    assert not Customer.objects.reached_by("mail", point.value).exists()
    assert ContactPoint.ever.get(pk=point.pk).value == point.value
    assert told(customer) == [("removed", agent.pk)]


def test_a_removed_address_may_be_given_to_another_or_back(
    customer: Customer, agent: Agent, brand: Brand
) -> None:
    point = remove_contact_point(mail_of(customer), by=agent)
    somebody = make.make_customer(brand=brand, mail=point.value)
    assert customer_of_address(brand, point.value)[0] == somebody
    remove_contact_point(mail_of(somebody), by=agent)
    again = add_contact_point(customer, "mail", point.value, by=agent)
    assert again.pk != point.pk
    assert mail_of(customer) == again


def test_a_corrected_address_takes_the_place_of_the_wrong_one_unconfirmed(
    customer: Customer, agent: Agent
) -> None:
    wrong = verify_contact_point(mail_of(customer), by=agent)
    right = correct_contact_point(wrong, "Nora@Mail.Example", by=agent)
    assert (right.value, right.verified_at) == ("nora@mail.example", None)
    assert mail_of(customer) == right
    assert customer.changes.get(kind="corrected").data == {"point": wrong.pk, "to": right.pk}


def test_an_address_corrected_to_itself_stays(customer: Customer, agent: Agent) -> None:
    point = mail_of(customer)
    assert correct_contact_point(point, point.value.upper(), by=agent).pk == point.pk
    assert not customer.changes.exists()


def test_what_somebody_removed_meanwhile_can_be_neither_corrected_nor_confirmed(
    customer: Customer, agent: Agent
) -> None:
    point = mail_of(customer)
    remove_contact_point(point, by=agent)
    assert refused(lambda: correct_contact_point(point, "n@n.example", by=agent)).code == "address_gone"
    assert refused(lambda: verify_contact_point(point, by=agent)).code == "address_gone"


def test_an_address_of_another_customer_is_refused_with_who_has_it(
    customer: Customer, agent: Agent, brand: Brand
) -> None:
    owner = make.make_customer(brand=brand, mail="taken@mail.example")
    refusal = refused(lambda: add_contact_point(customer, "mail", "taken@mail.example", by=agent))
    assert (refusal.code, refusal.details) == ("address_taken", {"customer": owner.pk})
    refusal = refused(lambda: correct_contact_point(mail_of(customer), "taken@mail.example", by=agent))
    assert refusal.code == "address_taken"
    assert customer.contact_points.count() == 1


def test_the_answer_of_the_customer_is_written_once_for_each_time_they_change_their_mind(
    customer: Customer, agent: Agent
) -> None:
    said = change_consent(customer, "calls", given=True, source="call", by=agent, seen=None)
    assert change_consent(customer, "calls", given=True, source="call", by=agent, seen=None) == said
    assert (
        refused(
            lambda: change_consent(customer, "calls", given=False, source="call", by=agent, seen=None)
        ).code
        == "customer_changed"
    )
    change_consent(customer, "calls", given=False, source="call", by=agent, seen=said.pk)
    assert list(customer.consents.order_by("id").values_list("given", flat=True)) == [True, False]


def test_enrolling_by_hand_records_the_consent_with_the_account(
    customer: Customer, agent: Agent, programme: object
) -> None:
    account = enrol(customer, by=agent, source="call")
    assert enrol(customer, by=agent, source="mail") == account
    said = customer.consents.get()
    assert (said.purpose, said.given, said.source, said.by) == (
        Consent.Purpose.PROGRAMME,
        True,
        "call",
        agent,
    )


def test_without_a_programme_or_a_place_nobody_is_enrolled(
    customer: Customer, agent: Agent, brand: Brand
) -> None:
    assert refused(lambda: enrol(customer, by=agent, source="call")).code == "no_programme"
    make.make_programme(brand=brand)
    assert refused(lambda: enrol(customer, by=agent, source=" ")).code == "source_missing"
    assert not hasattr(Customer.objects.get(pk=customer.pk), "account")
    assert not customer.consents.exists()


def test_who_may_not_serve_customers_of_this_brand_does_none_of_it(
    customer: Customer, brand: Brand, other_brand: Brand, programme: object
) -> None:
    point = mail_of(customer)
    for nobody in (make.make_agent(brands=[other_brand]), make.make_agent(brands=[brand], role=None)):
        deeds = (
            lambda by=nobody: create_customer(brand, name="N", by=by),
            lambda by=nobody: add_contact_point(customer, "mail", "n@n.example", by=by),
            lambda by=nobody: correct_contact_point(point, "n@n.example", by=by),
            lambda by=nobody: verify_contact_point(point, by=by),
            lambda by=nobody: remove_contact_point(point, by=by),
            lambda by=nobody: edit_profile(customer, {"name": "N"}, by=by),
            lambda by=nobody: change_consent(customer, "calls", given=True, source="call", by=by, seen=None),
            lambda by=nobody: enrol(customer, by=by, source="call"),
        )
        for deed in deeds:
            assert refused(deed).code == "not_allowed"
    assert not customer.changes.exists()
    assert not customer.consents.exists()
