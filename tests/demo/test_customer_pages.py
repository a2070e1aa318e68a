"""The customers' side of the demo: read what was sent, write as them, and never be there anywhere else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import NoReverseMatch, clear_url_caches, reverse
from pytest_django import DjangoDbBlocker

import contactcenter.urls
import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.demo import mark, people
from customers.models import Customer
from customers.services import write_notice
from tests.demo.loaded import loaded
from tickets.channels.email import send
from tickets.models import InboundMail, Message, Ticket


@pytest.fixture
def wired() -> Iterator[None]:
    """The addresses as `make demo` has them."""
    with override_settings(DEMO=True):
        importlib.reload(contactcenter.urls)
        clear_url_caches()
        yield
    importlib.reload(contactcenter.urls)
    clear_url_caches()


@pytest.fixture
def demo_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), loaded():
        yield


@pytest.fixture
def mail(demo_db: None, wired: None) -> Client:
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def maria(demo_db: None) -> Customer:
    return Customer.objects.get(name="Maria Rossi")


def key_in(mail: Client, url: str) -> str:
    return str(mail.get(url).context["form"]["key"].value())


def test_a_letter_of_no_conversation_is_read_beside_them(mail: Client, maria: Customer) -> None:
    context = {"points": 500, "programme": "Finch Circle", "last_day": "2030-12-03"}
    point = maria.contact_points.filter(kind="mail").first()
    write_notice(point, "points_expire", key="n", context=context)
    page = mail.get(reverse("demo:inbox", args=[maria.pk])).content.decode()
    assert "500 of your points end on 3 December 2030" in page


def test_the_first_page_offers_the_showcase_first_and_finds_everybody(mail: Client) -> None:
    first = [one.name for one in mail.get("/demo/customer/").context["customers"]]
    assert set(first[:6]) >= {"Maria Rossi", "Oliver Grant", "Haruka Tanaka"}
    found = mail.get("/demo/customer/", {"q": "aoife"}).context["customers"]
    assert [one.name for one in found] == ["Aoife McKeown"]
    assert mail.get("/demo/customer/", {"q": "nobody\0 of that name"}).status_code == 200


def test_a_customer_reads_what_was_sent_as_it_was_sent_and_never_a_note(
    mail: Client, maria: Customer
) -> None:
    answer = mail.get(f"/demo/customer/{maria.pk}/FF-4812/").content.decode()
    sent = Message.objects.get(ticket__key="demo:parcel-never-came", kind="outbound")
    assert send.letter(sent).subject in answer
    assert "I have opened a trace with the courier" in answer
    assert "does Verona still hold stock" not in answer


def test_an_answer_joins_its_ticket_and_a_repeat_counts_once(mail: Client, maria: Customer) -> None:
    url = f"/demo/customer/{maria.pk}/FF-4812/"
    words = {"sender": "maria.rossi@posteo.example", "text": "It came!", "key": key_in(mail, url)}
    answers = [mail.post(url, words) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    ticket = Ticket.objects.get(key="demo:parcel-never-came")
    assert [m.text.strip() for m in ticket.messages.filter(kind="inbound").order_by("seq")][-1] == "It came!"
    assert ticket.messages.filter(text__contains="It came!").count() == 1
    outcomes = InboundMail.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["appended", "duplicate"]


def test_a_new_mail_opens_a_ticket_in_the_queue_it_was_sent_to(mail: Client, maria: Customer) -> None:
    url = f"/demo/customer/{maria.pk}/write/"
    words = {
        "sender": "maria.rossi@posteo.example", "to": "returns@fjordandfinch.example", "subject": "A chip",
        "text": "One bowl has a chip. Però è bella.", "key": key_in(mail, url),
    }  # fmt: skip
    answer: Any = mail.post(url, words, follow=True)
    ticket = Ticket.objects.get(subject="A chip")
    assert (ticket.customer, ticket.queue.name, ticket.status) == (maria, "Returns", "new")
    assert answer.redirect_chain[-1][0].endswith(f"/{ticket.reference}/")
    assert "Però è bella" in answer.content.decode()


def test_an_answer_of_the_desk_is_there_before_and_after_it_left(mail: Client, maria: Customer) -> None:
    ana = Agent.objects.get(email=people.PEOPLE["ana"].email)
    ticket = Ticket.objects.get(key="demo:parcel-never-came")
    tickets.services.reply(ticket, "Sent again by express.", by=ana, key="k")
    url = f"/demo/customer/{maria.pk}/FF-4812/"
    assert "on its way" in mail.get(url).content.decode()
    while send.send_next(at=clock.now() + timedelta(seconds=1)):
        pass
    seen = mail.get(url).content.decode()
    assert "Sent again by express." in seen
    assert "on its way" not in seen.replace("is on its way", "")


def test_nobody_writes_from_an_address_or_to_a_conversation_of_somebody_else(
    mail: Client, maria: Customer
) -> None:
    url = f"/demo/customer/{maria.pk}/FF-4812/"
    words = {"sender": "amara.nwosu@mail.example", "text": "Hello", "key": key_in(mail, url)}
    assert mail.post(url, words).status_code == 422
    other = Customer.objects.get(name="Amara Nwosu")
    assert mail.get(f"/demo/customer/{other.pk}/FF-4812/").status_code == 404
    assert not InboundMail.objects.exists()


def test_a_form_without_its_token_is_refused(demo_db: None, wired: None, maria: Customer) -> None:
    mail = Client(enforce_csrf_checks=True)
    assert mail.post(f"/demo/customer/{maria.pk}/write/", {"text": "x"}).status_code == 403


def test_a_page_takes_a_constant_number_of_queries(
    mail: Client, maria: Customer, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        mail.get("/demo/customer/")
    with django_assert_max_num_queries(24):
        mail.get(f"/demo/customer/{maria.pk}/")


class TestNeverElsewhere:
    def test_without_the_setting_no_address_leads_there(self, demo_db: None) -> None:
        assert Client().get("/demo/customer/").status_code == 404
        with pytest.raises(NoReverseMatch):
            reverse("demo:customers")

    def test_the_sign_in_page_speaks_of_it_only_in_a_demo(self, mail: Client) -> None:
        assert "/demo/customer/" in mail.get("/accounts/sign-in/").content.decode()

    def test_elsewhere_the_sign_in_page_is_silent(self, demo_db: None) -> None:
        assert "demo" not in Client().get("/accounts/sign-in/").content.decode()

    def test_in_a_database_without_the_demo_it_is_not_there(
        self, db: None, wired: None, customer: Customer
    ) -> None:
        assert Client().get("/demo/customer/").status_code == 404
        assert Client().get(f"/demo/customer/{customer.pk}/").status_code == 404

    def test_among_somebodys_own_customers_it_is_not_there(self, mail: Client) -> None:
        here = mark.read()
        assert here is not None
        mark.write(mark.Mark(here.as_of, alone=False))
        assert mail.get("/demo/customer/").status_code == 404
        mark.write(here)
        assert mail.get("/demo/customer/").status_code == 200
        Brand.objects.create(code="OWN", name="Somebody's own")
        assert mail.get("/demo/customer/").status_code == 404

    @override_settings(HTTPS=True, DEMO=True)
    def test_in_production_it_is_not_there_and_the_check_says_so(self, demo_db: None, wired: None) -> None:
        with override_settings(HTTPS=True, SECURE_SSL_REDIRECT=False):
            assert Client().get("/demo/customer/").status_code == 404
        assert "contactcenter.E005" in {found.id for found in run_checks(tags=["security"])}
