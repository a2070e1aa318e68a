"""Finding the caller by whatever they say, and what is done by hand for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from customers.models import Customer
from customers.services import remove_contact_point
from desk.finding import find
from loyalty.models import Programme
from tests import make
from tests.desk.deeds import keys_in, post
from tickets.models import Queue, Ticket

KNOWN = "+493012345678"


@pytest.fixture
def mara(member: Customer, ticket: Ticket) -> Customer:
    """A member with an open ticket, an order, a handle, and accents in the name."""
    member.name = "Mára Möller-Straße"
    member.save(update_fields=["name"])
    make.make_order(customer=member, number="A-20931")
    member.contact_points.create(brand=member.brand, kind="handle", value="instagram:mara.m")
    return member


def found(agent: Agent, words: str) -> list[tuple[str, str, str]]:
    return [(str(row.customer), row.how, row.what) for row in find(agent, words).rows]


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("+49 30 12345678", "phone"),
        ("030 / 1234 56 78", "phone"),
        ("004930 12345678", "phone"),
        ("5678", "phone"),
        ("30 12345678", "phone"),
        ("@mara.m", "handle"),
        ("Instagram:Mara.M", "handle"),
        ("A-20931", "order"),
        ("a-20931", "order"),
        ("20931", "order"),
        ("20 931", "order"),
        ("mara", "name"),
        ("möll", "name"),
        ("strasse", "name"),
        ("moller mar", "name"),
        ("  mára   moller-s ", "name"),
    ],
)
def test_the_caller_is_found_by_what_they_say(mara: Customer, agent: Agent, words: str, how: str) -> None:
    assert [(name, kind) for name, kind, _what in found(agent, words)] == [(mara.name, how)]


def test_an_account_is_found_by_its_figures_alone(mara: Customer, agent: Agent) -> None:
    figures = mara.account.number.rpartition("-")[2]
    for said in (figures, figures.lstrip("0")):
        assert (mara.name, "account", mara.account.number) in found(agent, said)


def test_only_figures_that_can_be_a_phone_number_begin_a_new_customer(agent: Agent) -> None:
    assert find(agent, "030 23125 000").prefill == {"phone": "+493023125000"}
    assert find(agent, "209312").prefill == {}


def test_the_caller_is_found_by_mail_account_and_ticket(mara: Customer, agent: Agent, ticket: Ticket) -> None:
    mail = mara.contact_points.get(kind="mail").value
    words = {mail.upper(): "mail", mail[:9] + mail[9:12]: "mail", mara.account.number.lower(): "account"}
    words |= {ticket.reference.lower(): "ticket", f"#{ticket.number}": "ticket"}
    for said, how in words.items():
        if "@" in said or how != "mail":
            assert [(name, kind) for name, kind, _what in found(agent, said)] == [(mara.name, how)], said


def test_a_name_spelt_in_another_way_is_offered_as_near(mara: Customer, agent: Agent) -> None:
    search = find(agent, "Maara Moeller")
    assert [row.customer for row in search.rows] == [mara]
    assert search.alike
    assert not find(agent, "Mara").alike


@pytest.mark.parametrize(
    "slip", ["Tnaaka", "tanaak", "Haurka Tanaka", "tnaaka haruka", "Tanka", "Tanakka", "Haruka Tanak a"]
)
def test_a_letter_too_few_or_two_the_wrong_way_round_are_offered_as_near(agent: Agent, slip: str) -> None:
    tanaka = make.make_customer(brand=agent.brands.get(), name="Haruka Tanaka")
    make.make_customer(brand=agent.brands.get(), name="Tana Kahn")
    search = find(agent, slip)
    assert search.rows[0].customer == tanaka


@pytest.mark.parametrize(
    "words", ["", " ", "m", "%", "_a", "\\", "' OR 1=1 --", "\0", "zz", "9" * 500, "🦊🦊"]
)
def test_words_that_mean_nobody_find_nobody(mara: Customer, agent: Agent, words: str) -> None:
    assert found(agent, words) == []


def test_customers_of_another_brand_are_not_found_by_anything(
    mara: Customer, other_brand: Brand, ticket: Ticket, owner: Agent
) -> None:
    stranger = make.make_agent(brands=[other_brand])
    said = [
        KNOWN, "5678", mara.name, "Maara", "A-20931", mara.account.number, ticket.reference, f"#{ticket.number}",
        "@mara.m", mara.contact_points.get(kind="mail").value,
    ]  # fmt: skip
    for words in said:
        assert found(stranger, words) == [], words
        assert found(owner, words), words


def test_an_address_that_was_removed_finds_nobody(mara: Customer, agent: Agent) -> None:
    remove_contact_point(mara.contact_points.get(kind="phone"), by=agent)
    assert found(agent, KNOWN) == found(agent, "5678") == []


def test_at_most_twenty_are_shown_and_those_whose_name_begins_so_stand_first(
    agent: Agent, brand: Brand
) -> None:
    for number in range(25):
        make.make_customer(brand=brand, name=f"Karl Berg {number:02}")
    make.make_customer(brand=brand, name="Berg, Anna")
    rows = found(agent, "berg")
    assert len(rows) == 20
    assert rows[0][0] == "Berg, Anna"


def test_a_row_tells_the_member_from_others_of_the_name(desk: Client, mara: Customer) -> None:
    make.make_customer(brand=mara.brand, name="Mara Mond", mail="mond@mail.example")
    page = desk.get("/find/", {"q": "mara"}).content.decode()
    for words in (
        mara.name,
        "1,250 pts",
        "1 open ticket",
        "Mara Mond",
        "mond@mail.example",
        "Fern &amp; Feather",
    ):
        assert words in page, words


def test_who_is_meant_for_sure_is_opened_and_a_ticket_as_the_ticket(
    desk: Client, mara: Customer, ticket: Ticket
) -> None:
    assert desk.get("/find/", {"q": KNOWN})["Location"] == f"/customers/{mara.pk}/"
    assert desk.get("/find/", {"q": ticket.reference})["Location"] == f"/tickets/{ticket.reference}/"
    assert desk.get("/find/", {"q": "Maara Moeller"}).status_code == 200


def test_while_one_types_only_the_rows_come(desk: Client, mara: Customer) -> None:
    rows = desk.get("/find/", {"q": KNOWN}, headers={"HX-Request": "true"})
    assert rows.status_code == 200
    assert b"<html" not in rows.content
    assert mara.name in rows.content.decode()


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("030 999 888", "?phone=%2B4930999888"),
        ("New@Mail.example", "?mail=new%40mail.example"),
        ("Ida <b>Ek", "?name=Ida%20%3Cb%3EEk"),
        ("A-999", '/new/"'),
    ],
)
def test_nobody_found_begins_a_new_customer_with_what_was_typed(
    desk: Client, words: str, begins: str
) -> None:
    assert begins in desk.get("/find/", {"q": words}).content.decode()


def made(client: Client, brand: Brand, **fields: Any) -> Any:
    return post(client, "new_customer", **{"brand": brand.pk, "key": make.unique()} | fields)


def test_a_customer_is_made_by_hand_and_opened(desk: Client, brand: Brand, agent: Agent) -> None:
    answer = made(
        desk, brand, name="Ida Ek", phone="030 999 888", country="DE", mail="Ida@Mail.example", language="de"
    )
    ida = Customer.objects.get()
    assert answer["HX-Redirect"] == f"/customers/{ida.pk}/"
    assert set(ida.contact_points.values_list("value", flat=True)) == {"+4930999888", "ida@mail.example"}
    assert (ida.brand, ida.language, ida.changes.get().by) == (brand, "de", agent)


def test_a_form_sent_twice_makes_one_customer(desk: Client, brand: Brand) -> None:
    (key,) = keys_in(desk.get("/customers/new/"))
    answers = [made(desk, brand, name="Ida Ek", key=key) for _ in range(2)]
    assert {answer["HX-Redirect"] for answer in answers} == {f"/customers/{Customer.objects.get().pk}/"}
    assert Customer.objects.get().changes.count() == 1
    made(desk, brand, name="Ida Ek")
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("other", [{"name": "Ida"}, {"city": "Oslo"}, {"mail": "ida@mail.example"}])
def test_a_form_sent_again_with_other_content_is_refused(
    desk: Client, brand: Brand, other: dict[str, str]
) -> None:
    told = {"name": "Ida Ek", "phone": KNOWN, "key": "k"}
    made(desk, brand, **told)
    answer = made(desk, brand, **told | other)
    assert (answer.status_code, 'data-code="key_conflict"' in answer.content.decode()) == (409, True)
    assert Customer.objects.count() == 1


def test_an_address_that_is_taken_leads_to_who_has_it_and_nothing_is_made(
    desk: Client, mara: Customer
) -> None:
    answer = made(desk, mara.brand, name="Ida Ek", phone=KNOWN)
    assert answer.status_code == 409
    assert f'href="/customers/{mara.pk}/"' in answer.content.decode()
    assert Customer.objects.get() == mara


def test_a_customer_needs_a_name_or_an_address_and_a_brand_one_serves(
    desk: Client, brand: Brand, other_brand: Brand
) -> None:
    nobody = made(desk, brand)
    assert (nobody.status_code, 'data-code="nobody"' in nobody.content.decode()) == (409, True)
    assert made(desk, other_brand, name="Ida Ek").status_code == 422
    assert not Customer.objects.exists()


def test_a_ticket_is_opened_by_hand_once_for_two_clicks(
    desk: Client, customer: Customer, queue: Queue, agent: Agent
) -> None:
    page = desk.get("/tickets/new/", {"customer": customer.pk})
    fields = {
        "key": keys_in(page)[0],
        "customer": customer.pk,
        "queue": queue.pk,
        "channel": "shop",
        "text": "Torn.\r\nBad.",
    }
    answers = [post(desk, "new_ticket", **fields) for _ in range(2)]
    ticket = Ticket.objects.select_related("brand").get()
    assert {answer["HX-Redirect"] for answer in answers} == {f"/tickets/{ticket.reference}/"}
    assert (ticket.assignee, ticket.channel, ticket.messages.get().text) == (agent, "shop", "Torn.\nBad.")


def test_a_ticket_goes_into_no_queue_of_another_brand_and_without_words_nowhere(
    desk: Client, customer: Customer, queue: Queue, other_brand: Brand
) -> None:
    fields = {"key": "k", "customer": customer.pk, "queue": queue.pk, "channel": "phone", "text": "Torn."}
    for wrong in (
        {"queue": make.make_queue(brand=other_brand).pk},
        {"text": " "},
        {"channel": "mail"},
        {"text": ""},
    ):
        assert post(desk, "new_ticket", **fields | wrong).status_code in (409, 422)
    assert not Ticket.objects.exists()


def test_who_names_no_customer_is_led_to_find_one(desk: Client) -> None:
    assert desk.get("/tickets/new/")["Location"] == "/find/"
    for nobody in ("0", "x", "9" * 30):
        assert desk.get("/tickets/new/", {"customer": nobody}).status_code == 404


def test_a_form_that_the_browser_sends_without_a_script_does_the_same(
    desk: Client, brand: Brand, queue: Queue, programme: Programme
) -> None:
    answer = desk.post(reverse("desk:new_customer"), {"brand": brand.pk, "name": "Ida Ek", "key": "k"})
    ida = Customer.objects.get()
    assert answer["Location"] == f"/customers/{ida.pk}/"
    told = {"key": "k", "customer": ida.pk, "queue": queue.pk, "channel": "phone", "text": "Torn."}
    assert (
        desk.post(reverse("desk:new_ticket"), told)["Location"]
        == f"/tickets/FF-{Ticket.objects.get().number}/"
    )
    enrolled = desk.post(reverse("desk:enrol", args=[ida.pk]), {"agreed": "1", "source": "call"})
    assert enrolled["Location"] == f"/customers/{ida.pk}/"
