"""The page of a brand on which anybody asks for a call: open to all, and it tells nobody whom we know."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand, Notification, Team
from callbacks import services
from callbacks.links import REQUEST, request_link
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import requesting
from contactcenter import clock, links
from customers.models import ContactPoint, Customer
from customers.services.notices import send_next_notice
from tests import make
from tests.together import at_once
from tickets.models import Queue

UNKNOWN = "+49301234999"


@pytest.fixture(autouse=True)
def _nobody_knocked() -> None:
    caches["throttle"].clear()


@pytest.fixture
def team(brand: Brand, agent: Agent) -> Team:
    return make.make_team(brand=brand, agents=[agent])


@pytest.fixture
def path(brand: Brand, team: Team) -> str:
    CallbackPolicy.objects.create(brand=brand, team=team)
    return urlsplit(request_link(brand)).path


def window(hour: int = 10, days: int = 2, zone: str = "Europe/Berlin") -> tuple[datetime, datetime]:
    return make.next_day(zone, hour=hour, days=days)


def form(**fields: str) -> dict[str, str]:
    start = str(int(window()[0].timestamp()))
    return {"name": "Nils Neu", "phone": UNKNOWN, "about": "My order", "window": start, "key": "k1"} | fields


def sent() -> list[Any]:
    mail.outbox.clear()
    while send_next_notice():
        pass
    return list(mail.outbox)


def neutral(page: Any) -> str:
    """The answer without what was typed."""
    assert page.status_code == 200
    return re.sub(r"\+\d+", "", page.text)


def test_it_shows_the_free_windows_and_a_get_asks_for_nothing(path: str, client: Client) -> None:
    page = client.get(path, form())
    assert "When may we call you?" in page.text
    assert f'value="{form()["window"]}"' in page.text
    assert ">22:00" not in page.text
    assert ">07:00" not in page.text
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("no-referrer", True)
    assert Callback.objects.count() == 0


def test_a_stranger_is_promised_a_call_by_the_team(
    path: str, client: Client, team: Team, brand: Brand
) -> None:
    page = client.post(path, form(phone="030 1234999", mail="Nils@Neu.example"))
    assert "We have your request" in page.text
    assert "10:00 to 11:00" in page.text
    call = Callback.objects.get()
    assert (call.team, call.owner, call.source, call.promised_by) == (team, None, "page", None)
    assert ((call.window_from, call.window_to), call.reason) == (window(), "My order")
    assert "Nils Neu" in call.notes
    assert list(call.events.values_list("kind", "actor")) == [("promised", "customer")]
    assert (call.customer.brand, call.customer.name, call.contact_point.value) == (brand, "Nils Neu", UNKNOWN)
    (letter,) = sent()
    assert letter.to == ["nils@neu.example"]
    assert "/call/" in letter.body
    assert "My order" not in letter.body
    assert "/call/" not in page.text


def test_a_known_number_is_its_customers_and_nothing_that_was_typed_becomes_theirs(
    path: str, client: Client, member: Customer
) -> None:
    client.post(path, form(phone="+493012345678", name="Somebody Else", mail="else@else.example"))
    call = Callback.objects.get()
    assert (call.customer, Customer.objects.get().name) == (member, member.name)
    assert not ContactPoint.objects.filter(value="else@else.example").exists()
    (letter,) = sent()
    assert letter.to == [member.contact_points.get(kind="mail").value]
    assert "Somebody Else" not in letter.body


def test_the_answer_is_the_same_whether_the_number_is_known_promised_refused_or_new(
    path: str, client: Client, member: Customer, supervisor: Agent, brand: Brand
) -> None:
    far = make.make_customer(brand=brand, phone="+4930777777", time_zone="America/Los_Angeles")
    make.make_callback(customer=make.make_customer(brand=brand, phone="+4930888888"))
    numbers = (UNKNOWN, "+493012345678", "+4930777777", "+4930888888")
    answers = {neutral(client.post(path, form(phone=number, key=f"k{number[1:]}"))) for number in numbers}
    assert len(answers) == 1
    by_page = Callback.objects.filter(source="page").values_list("contact_point__value", flat=True)
    assert set(by_page) <= {UNKNOWN, "+493012345678", "+4930777777"}
    if not far.callbacks.exists():
        told = Notification.objects.get(kind="callback_wanted")
        assert (told.agent, told.data["customer"]) == (supervisor, far.pk)


def test_one_call_is_open_to_a_number_at_a_time(path: str, client: Client) -> None:
    first = neutral(client.post(path, form()))
    assert neutral(client.post(path, form(key="k2", name="Again"))) == first
    call = Callback.objects.get()
    services.cancel(call, by=None)
    client.post(path, form(key="k3"))
    assert Callback.objects.open().count() == 1
    assert Customer.objects.count() == 1


def test_the_form_again_is_the_same_request_and_with_other_words_none_at_all(
    path: str, client: Client
) -> None:
    for about in ("My order", "My order", "Something else"):
        assert "We have your request" in client.post(path, form(about=about)).text
    assert Callback.objects.get().reason == "My order"
    services.cancel(Callback.objects.get(), by=None)
    assert "We have your request" in client.post(path, form(about="A third")).text
    assert Callback.objects.count() == 1


def test_without_the_check_a_number_would_be_called_twice(
    path: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(requesting, "_has_open_call", lambda _point: False)
    for key in ("k1", "k2"):
        client.post(path, form(key=key))
    assert Callback.objects.open().count() == 2


@pytest.mark.race
def test_many_at_once_from_one_number_make_one_customer_and_one_call(own_db: str) -> None:
    brand = make.make_brand(code="FF", time_zone="Europe/Berlin")
    CallbackPolicy.objects.create(
        brand=brand, team=make.make_team(brand=brand, agents=[make.make_agent(brands=[brand])])
    )

    def ask(number: int) -> Any:
        wish = services.Wish(name="Nils", number=UNKNOWN, about="x", window=window())
        return services.ask_for_call(brand, wish, key=f"k{number}")

    at_once(*(lambda number=number: ask(number) for number in range(6)))
    assert (Callback.objects.count(), Customer.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "write your name"),
        ({"name": "x" * 121}, "write your name"),
        ({"name": "\0"}, "write your name"),
        ({"name": "Win at https://example.com"}, "write your name"),
        ({"name": "www.example.com"}, "write your name"),
        ({"phone": "+499001234567"}, "not a phone number"),
        ({"phone": "12"}, "not a phone number"),
        ({"phone": "\0"}, "not a phone number"),
        ({"phone": "9" * 9000}, "not a phone number"),
        ({"mail": "nobody"}, "not an e-mail address"),
        ({"mail": "a@b.example\nBcc: c@d.example"}, "not an e-mail address"),
        ({"mail": "\0@x.example"}, "not an e-mail address"),
        ({"about": ""}, "in a few words"),
        ({"about": "x" * 161}, "in a few words"),
        ({"window": ""}, "choose a time"),
        ({"window": "\0"}, "not free"),
        ({"window": "1"}, "not free"),
        ({"window": "٣"}, "not free"),
        ({"window": "9" * 900}, "not free"),
        ({"phone": "+6421123456"}, "too early or too late"),
        ({"key": "ä b"}, "missing or wrong"),
        ({"key": "x" * 900}, "missing or wrong"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    path: str, client: Client, fields: dict[str, str], words: str
) -> None:
    page = client.post(path, form(**fields))
    assert page.status_code == 200
    assert words in page.text
    assert 'role="alert"' in page.text
    if "name" not in fields:
        assert 'value="Nils Neu"' in page.text
    assert (Callback.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_program_that_fills_in_what_nobody_sees_is_thanked_and_nothing_happens(
    path: str, client: Client
) -> None:
    assert "We have your request" in client.post(path, form(website="https://x.example")).text
    assert Customer.objects.count() == 0


def test_a_brand_that_takes_no_requests_or_has_nobody_says_so(
    path: str, client: Client, brand: Brand
) -> None:
    CallbackPolicy.objects.update(team=None)
    assert "cannot be asked for here" in client.post(path, form()).text
    CallbackPolicy.objects.update(takes_requests=False)
    for ask in (client.get, client.post):
        page = ask(path, form())
        assert "cannot be asked for here" in page.text
        assert "<form" not in page.text
    assert Callback.objects.count() == 0


def test_it_goes_to_the_team_of_the_default_queue_else_to_a_supervisor(
    path: str, client: Client, brand: Brand, queue: Queue, supervisor: Agent
) -> None:
    CallbackPolicy.objects.update(team=None)
    client.post(path, form())
    assert Callback.objects.get().owner == supervisor
    other = make.make_team(brand=brand, agents=[supervisor])
    Queue.objects.filter(pk=queue.pk).update(team=other)
    client.post(path, form(phone="+4930123455", key="k2"))
    assert Callback.objects.latest("pk").team == other


def test_a_link_of_another_brand_or_purpose_and_one_that_is_none_of_ours_open_nothing(
    path: str, client: Client, brand: Brand, other_brand: Brand
) -> None:
    until = clock.now() + timedelta(days=1)
    mixed = links.token(REQUEST, brand=brand.pk, subject=other_brand.pk, until=until)
    survey = links.token("survey", brand=brand.pk, subject=brand.pk, until=until)
    for word in ("made-up", mixed, survey, "x" * 5000, "%00"):
        for ask in (client.get, client.post):
            assert ask(f"/call-me/{word}/", form()).status_code == 404
    assert Callback.objects.count() == 0


def test_few_requests_come_from_one_place(path: str, client: Client, settings: Any) -> None:
    settings.REQUEST_RATE = "2/hour"
    answers = [client.post(path, form(phone=f"+4930123450{n}", key=f"k{n}")) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Too many calls" in answers[-1].text
    assert Callback.objects.count() == 2


def test_it_speaks_german_to_who_reads_german(path: str, client: Client) -> None:
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    assert "Wann dürfen wir Sie anrufen?" in client.get(path, headers=german).text
    assert "keine Telefonnummer" in client.post(path, form(phone="1"), headers=german).text
    assert "Wir haben Ihre Bitte" in client.post(path, form(), headers=german).text
    assert Customer.objects.get().language == "de"
    assert "When may we" in client.get(path, headers={"Accept-Language": "\0;q=x,,fr"}).text


def test_a_mail_address_that_somebody_else_has_stays_theirs(
    path: str, client: Client, member: Customer
) -> None:
    theirs = member.contact_points.get(kind="mail").value
    client.post(path, form(mail=theirs))
    assert ContactPoint.objects.get(value=theirs).customer == member
    assert Callback.objects.get().customer != member
    assert sent() == []


def test_it_costs_the_same_whatever_is_on_file(path: str, client: Client, brand: Brand) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        return len(seen)

    before = queries()
    for _number in range(3):
        make.make_callback(customer=make.make_customer(brand=brand))
    assert queries() == before <= 10
