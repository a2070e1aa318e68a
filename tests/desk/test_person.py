"""The page of one customer: edited with history, never over somebody else's change."""

from __future__ import annotations

from typing import Any

from django.test import Client

from agents.models import Agent, Brand
from customers.models import ChangeWords, Customer
from customers.services import change_consent, edit_profile
from loyalty.models import Account, Programme, Referral
from tests import make
from tests.desk.deeds import post
from tickets.models import Ticket


def saved(client: Client, customer: Customer, seen: str, **fields: Any) -> Any:
    return post(client, "edit_customer", customer.pk, was_name=seen, slot="#edit-refusal", **fields)


def page(client: Client, customer: Customer) -> str:
    return client.get(f"/customers/{customer.pk}/").content.decode()


def test_the_page_shows_the_person_their_tickets_and_what_was_changed_by_whom(
    desk: Client, member: Customer, ticket: Ticket, agent: Agent
) -> None:
    edit_profile(member, {"city": "Oslo"}, by=agent)
    change_consent(member, "calls", given=False, source="call", by=agent, seen=None)
    shown = page(desk, member)
    for words in (
        member.name,
        ticket.reference,
        "1,000",
        "City: – → Oslo",
        agent.name,
        "refused",
        "+49 30 12345678",
    ):
        assert words in shown, words


def test_an_erased_history_is_shown_with_dashes(desk: Client, customer: Customer, agent: Agent) -> None:
    edit_profile(customer, {"name": "Nora Holm"}, by=agent)
    ChangeWords.objects.all().delete()
    assert "Name: – → –" in page(desk, customer)


def test_an_edit_over_the_change_of_another_is_told_and_may_be_saved_all_the_same(
    desk: Client, customer: Customer, brand: Brand
) -> None:
    edit_profile(customer, {"name": "Nora Holm"}, by=make.make_agent(brands=[brand], name="Ben Bach"))
    answer = saved(desk, customer, "Nora Nilsen", name="N. Nilsen")
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#edit-refusal")
    assert "Ben Bach" in answer.content.decode()
    assert 'name="anyway"' in answer.content.decode()
    customer.refresh_from_db()
    assert customer.name == "Nora Holm"
    assert saved(desk, customer, "Nora Nilsen", name="N. Nilsen", anyway="1").status_code == 204
    customer.refresh_from_db()
    assert customer.name == "N. Nilsen"


def test_addresses_are_added_confirmed_corrected_and_removed_from_the_page(
    desk: Client, customer: Customer
) -> None:
    answer = post(desk, "add_address", customer.pk, kind="phone", value="+47 22 12 34 56")
    assert "+47 22 12 34 56" in answer.content.decode()
    phone = customer.contact_points.get(kind="phone")
    post(desk, "address", phone.pk, "verify")
    post(desk, "address", phone.pk, "correct", value="+47 22 12 34 57")
    right = customer.contact_points.get(kind="phone")
    answer = post(desk, "address", right.pk, "remove")
    assert not customer.contact_points.filter(kind="phone").exists()
    shown = answer.content.decode()
    for words in ("+4722123456 confirmed", "+4722123456 corrected to +4722123457", "+4722123457 removed"):
        assert words in shown, words


def test_an_address_that_nobody_has_or_another_has_is_refused_in_its_place(
    desk: Client, customer: Customer
) -> None:
    other = make.make_customer(brand=customer.brand, mail="taken@mail.example")
    for value, status in (("nonsense", 409), ("taken@mail.example", 409), ("", 422)):
        answer = post(desk, "add_address", customer.pk, kind="mail", value=value, slot="#add-refusal")
        assert (answer.status_code, answer["HX-Retarget"]) == (status, "#add-refusal")
    assert customer.contact_points.count() == other.contact_points.count() == 1
    assert post(desk, "address", customer.contact_points.get().pk, "burn").status_code == 404


def test_what_the_customer_allows_is_asked_here_but_not_the_programme(
    desk: Client, customer: Customer
) -> None:
    fields = {"purpose": "marketing", "given": "no", "source": "call"}
    assert post(desk, "consent", customer.pk, **fields).status_code == 200
    assert not customer.consents.get().given
    assert post(desk, "consent", customer.pk, **fields | {"purpose": "programme"}).status_code == 422
    assert post(desk, "consent", customer.pk, **fields | {"given": "yes"}).status_code == 409


def test_nobody_is_enrolled_who_did_not_agree(desk: Client, customer: Customer, programme: Programme) -> None:
    assert post(desk, "enrol", customer.pk, source="call").status_code == 422
    assert not Account.objects.exists()
    answer = post(desk, "enrol", customer.pk, source="call", agreed="1")
    assert answer.status_code == 200
    assert customer.consents.get().given
    assert Account.objects.get().customer == customer


def test_a_customer_who_is_no_member_is_enrolled_beside_the_ticket(
    desk: Client, customer: Customer, programme: Programme
) -> None:
    ticket = make.make_ticket(customer=customer)
    assert (
        f"/customers/{customer.pk}/enrol/?ticket={ticket.reference}"
        in desk.get(f"/tickets/{ticket.reference}/goodwill/").content.decode()
    )
    fields = {"source": "call", "agreed": "1", "ticket": ticket.reference}
    answer = post(desk, "enrol", customer.pk, **fields)
    assert 'id="thread"' in answer.content.decode()
    assert Account.objects.get().customer == customer


def test_the_ticket_beside_the_panel_is_one_of_this_customer(
    desk: Client, customer: Customer, ticket: Ticket
) -> None:
    answer = post(desk, "enrol", customer.pk, source="call", agreed="1", ticket=ticket.reference)
    assert answer.status_code == 404
    assert not Account.objects.filter(customer=customer).exists()


def test_who_enrols_somebody_says_who_brought_them_and_sees_the_code_to_tell(
    client: Client, agent: Agent, member: Customer
) -> None:
    client.force_login(agent)
    friend = make.make_customer(brand=member.brand)
    told = {"source": "call", "agreed": "1", "brought_by": "FF-9999999"}
    answer = client.post(f"/customers/{friend.pk}/enrol/", told)
    assert (answer.status_code, "No member of this brand has" in answer.text) == (409, True)
    client.post(f"/customers/{friend.pk}/enrol/", told | {"brought_by": member.account.number})
    assert Referral.objects.get().referrer == member.account
    code = member.account.referral_code
    assert f"{code[:5]}-{code[5:]}" in client.get(f"/customers/{member.pk}/").text


def test_an_agent_writes_a_birthday_and_it_stands_in_the_history(
    client: Client, agent: Agent, customer: Customer
) -> None:
    client.force_login(agent)
    address = f"/customers/{customer.pk}/edit/"
    assert client.post(address, {"name": customer.name, "birthday": "02-30"}).status_code == 409
    client.post(address, {"name": customer.name, "birthday": "02-29", "was_birthday": ""})
    assert Customer.objects.get(pk=customer.pk).birthday == "02-29"
    assert "Birthday: – → 02-29" in client.get(f"/customers/{customer.pk}/").text
    assert 'value="02-29"' in client.get(address).text


def test_where_a_consent_was_given_is_said_as_the_form_says_it(
    desk: Client, customer: Customer, agent: Agent
) -> None:
    change_consent(customer, "calls", given=True, source="call", by=agent, seen=None)
    change_consent(customer, "marketing", given=False, source="account page", by=agent, seen=None)
    shown = page(desk, customer)
    assert "Being called: allowed, on the phone" in shown
    assert f"on the phone · {agent.first_name}" in shown
    assert "News and offers: refused, account page" in shown  # what the desk does not offer stays as it is


def test_a_history_of_nothing_reads_as_one_line(desk: Client, customer: Customer) -> None:
    shown = page(desk, customer)
    for words in ("Nothing was changed by hand yet.", "Nothing has happened yet."):
        assert f"</i><span>{words}</span></li>" in shown  # else the words stand in the column of the icons
