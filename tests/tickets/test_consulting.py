from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tickets.channels.email.receive import Receipt, receive
from tickets.models import Clock, Consult, ConsultWord, Message, Ticket
from tickets.services import ask_expert, expire_consults, note, withdraw
from tickets.tasks import send_consults

EXPERT = "tom@customs.example"


@pytest.fixture
def asked(ticket: Ticket, agent: Agent) -> Consult:
    """An expert was asked, the mail has left, and the ticket waits for the answer."""
    note(ticket, "Between us: the customer is furious.", by=agent, key="n")
    consult = ask_expert(
        ticket, "May we send it again?", address="Tom@Customs.example", name="Tom Customs", shown="It never came.",
        hold=True, by=agent, key="q",
    )  # fmt: skip
    assert send_consults() == 1
    return consult


def came_back(
    *, sender: str = EXPERT, text: str = "Yes, with form 7.", to: str = "", **headers: str
) -> Receipt:
    """A mail that answers the one the expert got, by its reply address unless `to` says otherwise."""
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, to or mail.outbox[0].reply_to[0]
    letter["Subject"], letter["Message-ID"] = "Re: A question", f"<{make.unique('e')}@customs.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return receive(letter.as_bytes())


def beside() -> list[tuple[str, str]]:
    return list(ConsultWord.objects.values_list("kind", "text"))


def test_the_expert_gets_the_question_and_what_is_shown_and_nothing_else(
    asked: Consult, ticket: Ticket
) -> None:
    letter = mail.outbox[0]
    assert letter.to == [EXPERT]
    assert "May we send it again?" in letter.body
    assert "> It never came." in letter.body
    for secret in ("furious", "Monday", ticket.customer.name, ticket.subject):
        assert secret not in letter.body + letter.subject
    ticket.refresh_from_db()
    assert ticket.status == "on_hold"


def test_an_answer_by_mail_goes_beside_the_ticket_tells_the_agent_and_wakes_it(
    asked: Consult, ticket: Ticket, agent: Agent
) -> None:
    before = (Ticket.objects.count(), Message.objects.count(), Clock.objects.get(ticket=ticket).due_at)
    receipt = came_back()
    assert receipt.stored.outcome == "consulted"
    assert beside() == [("question", "May we send it again?"), ("answer", "Yes, with form 7.\n")]
    asked.refresh_from_db()
    ticket.refresh_from_db()
    assert (asked.state, ticket.status) == ("answered", "open")
    assert before == (
        Ticket.objects.count(),
        Message.objects.count(),
        Clock.objects.get(ticket=ticket).due_at,
    )
    assert [(told.agent, told.kind) for told in Notification.objects.all()] == [(agent, "consult_answered")]
    assert receive(bytes(receipt.stored.raw)).stored.outcome == "duplicate"
    assert len(beside()) == 2


def test_an_answer_is_known_by_the_mail_it_names_too(asked: Consult) -> None:
    named = mail.outbox[0].extra_headers["Message-ID"]
    assert came_back(to="help@ff.example", In_Reply_To=named).stored.outcome == "consulted"
    assert (
        came_back(to="help@ff.example", In_Reply_To=named.replace("-", "-0", 1)).stored.outcome == "created"
    )


def test_from_another_address_it_is_flagged_wakes_nothing_and_the_agent_is_told(
    asked: Consult, ticket: Ticket
) -> None:
    came_back(sender="eve@elsewhere.example")
    ticket.refresh_from_db()
    asked.refresh_from_db()
    assert beside()[1][0] == "flagged"
    assert (asked.state, ticket.status) == ("asked", "on_hold")
    assert Notification.objects.get().kind == "consult_flagged"
    assert Ticket.objects.count() == 1


def test_an_answering_machine_of_the_experts_is_no_answer(asked: Consult) -> None:
    assert came_back(Auto_Submitted="auto-replied").stored.outcome == "ignored"
    assert len(beside()) == 1


def test_the_signed_page_shows_the_question_and_takes_the_answer_once(
    asked: Consult, ticket: Ticket, brand: Brand
) -> None:
    path = re.findall(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))[-1]
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(path)
    assert page.status_code == 200
    assert "May we send it again?" in page.text
    assert "It never came." in page.text
    for secret in ("furious", "Monday", ticket.customer.name, ticket.subject):
        assert secret not in page.text
    key = re.findall(r'name="key" value="(\w+)"', page.text)[0]
    for _ in range(2):
        assert "has arrived" in browser.post(path, {"key": key, "text": "Yes."}).text
    assert beside()[1:] == [("answer", "Yes.")]
    assert not page.cookies
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_withdrawn_question_is_closed_and_what_still_comes_is_kept(
    asked: Consult, ticket: Ticket, agent: Agent
) -> None:
    path = re.findall(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))[-1]
    for _ in range(2):
        withdraw(asked, by=agent)
    assert "closed" in Client().get(path).text
    assert "closed" in Client().post(path, {"key": "k", "text": "Late"}).text
    assert came_back().stored.outcome == "consulted"
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert len(beside()) == 2


def test_nobody_answers_in_time_and_whoever_asked_is_told_once(asked: Consult, agent: Agent) -> None:
    later = clock.now() + timedelta(days=14, minutes=1)
    assert expire_consults(at=clock.now()) == 0
    assert [expire_consults(at=later), expire_consults(at=later)] == [1, 0]
    asked.refresh_from_db()
    assert asked.state == "expired"
    assert [told.kind for told in Notification.objects.filter(agent=agent)] == ["consult_expired"]


@pytest.mark.parametrize(
    ("address", "code"),
    [("nobody", "bad_address"), ("help@ff.example", "own_address"), ("", "customers_address")],
)
def test_who_cannot_be_asked(address: str, code: str, ticket: Ticket, agent: Agent) -> None:
    address = address or ticket.customer.contact_points.get(kind="mail").value.upper()
    with pytest.raises(Refused) as refusal:
        ask_expert(ticket, "Well?", address=address, by=agent, key="q")
    assert refusal.value.code == code


def test_a_question_asked_twice_under_one_key_is_one(ticket: Ticket, agent: Agent) -> None:
    one, other = (ask_expert(ticket, "Well?", address=EXPERT, by=agent, key="q") for _ in range(2))
    assert one == other
    with pytest.raises(Refused) as refusal:
        ask_expert(ticket, "Something else?", address=EXPERT, by=agent, key="q")
    assert refusal.value.code == "key_conflict"


def test_a_mail_server_that_is_gone_is_tried_again(ticket: Ticket, agent: Agent, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask_expert(ticket, "Well?", address=EXPERT, by=agent, key="q")
    send_consults()
    word = ConsultWord.objects.get()
    assert (word.state, word.attempts) == ("queued", 1)
    assert word.due_at
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_consults(at=word.due_at) == 1
    word.refresh_from_db()
    assert (word.state, word.due_at) == ("sent", None)
