from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from agents.models import Agent
from contactcenter import clock
from tests import make
from tickets.channels.email import message_ids
from tickets.channels.email.send import send_next
from tickets.models import Message, Ticket
from tickets.services import note, reply
from tickets.tasks import send_due


class Killed(BaseException):
    """What happens to a worker whose power is cut."""


class Deadly(BaseEmailBackend):
    """A mail backend in which the worker dies."""

    def send_messages(self, letters: Sequence[Any]) -> int:
        raise Killed


@pytest.fixture
def answer(ticket: Ticket, agent: Agent) -> Message:
    """A reply that waits to be sent."""
    return reply(ticket, "It comes on Thursday.\nGrüße, Ada", by=agent, key="r1")


@pytest.fixture
def no_server(settings: Any) -> Iterator[Any]:
    """A mail server that does not answer: nobody listens on the port."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    return settings


def now_of(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def sent() -> EmailMessage:
    """The last mail that left, read as its recipient's program reads it."""
    return message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)


def test_a_reply_leaves_as_a_mail_of_the_queue_to_the_customer(answer: Message) -> None:
    assert send_next() is True
    letter = sent()
    assert letter["From"] == "Fern & Feather <help@ff.example>"
    assert letter["To"] == answer.recipient.value
    assert letter["Subject"] == "Re: Where is my parcel?"
    assert letter.get_content().strip() == "It comes on Thursday.\nGrüße, Ada"
    assert (now_of(answer).state, now_of(answer).attempts, now_of(answer).due_at) == ("sent", 1, None)
    assert now_of(answer).sent_at is not None
    assert send_next() is False


def test_an_answer_stands_in_the_thread_of_what_the_customer_wrote(ticket: Ticket, agent: Agent) -> None:
    first = ticket.messages.get().message_id
    reply(ticket, "One", by=agent, key="r1")
    send_due()
    second = make.hear(ticket).message_id
    reply(ticket, "Two", by=agent, key="r2")
    send_due()
    one, two = (message_from_bytes(m.message().as_bytes(), policy=policy.default) for m in mail.outbox)
    assert (one["In-Reply-To"], one["References"]) == (f"<{first}>", f"<{first}>")
    assert two["In-Reply-To"] == f"<{second}>"
    assert two["References"].split() == [f"<{first}>", one["Message-ID"], f"<{second}>"]
    assert len({one["Message-ID"], two["Message-ID"]}) == 2


def test_a_mail_carries_a_signed_name_that_leads_back_to_its_message(answer: Message) -> None:
    send_next()
    name = sent()["Message-ID"].strip("<>")
    assert name.endswith("@ff.example")
    assert message_ids.ours_in(["other@mail.example", name]) == answer.pk
    assert now_of(answer).message_id == name


@pytest.mark.parametrize(
    "forge",
    [
        lambda name, pk: name.replace(f"ld.{pk}.", f"ld.{pk + 1}."),
        lambda name, pk: name.replace(".", ".x", 2),
        lambda name, pk: f"ld.{pk}.{'A' * 27}@ff.example",
        lambda name, pk: f"ld.{pk}.@ff.example",
        lambda name, pk: f"ld.٣.{'A' * 27}@ff.example",
        lambda name, pk: "",
    ],
)
def test_nobody_can_make_up_the_name_of_a_mail_of_ours(answer: Message, forge: Any) -> None:
    name = message_ids.of(answer, "ff.example")
    assert message_ids.ours_in([name]) == answer.pk
    assert message_ids.ours_in([forge(name, answer.pk)]) is None


def test_a_mail_that_cannot_leave_is_tried_again_later_and_later(answer: Message, no_server: Any) -> None:
    at = answer.due_at
    waits = []
    for attempt in range(1, house.MAIL_MAX_ATTEMPTS):
        assert send_next(at=at) is True
        message = now_of(answer)
        assert (message.state, message.attempts) == ("queued", attempt)
        assert message.last_error.startswith("ConnectionRefusedError: ")
        assert send_next(at=message.due_at - timedelta(microseconds=1)) is False
        waits.append((message.due_at - at).total_seconds())
        at = message.due_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    assert send_next(at=at) is True
    given_up = now_of(answer)
    assert (given_up.state, given_up.attempts, given_up.due_at) == ("failed", 8, None)
    assert send_next(at=at + timedelta(days=1)) is False


def test_every_try_has_the_same_name_and_success_forgets_the_error(answer: Message, no_server: Any) -> None:
    send_next(at=answer.due_at)
    failed = now_of(answer)
    no_server.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_next(at=failed.due_at)
    message = now_of(answer)
    assert (message.message_id, message.last_error, message.attempts) == (failed.message_id, "", 2)
    assert sent()["Message-ID"] == f"<{failed.message_id}>"


def test_a_worker_that_died_while_sending_is_replaced_after_its_lease_under_the_same_name(
    answer: Message, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Deadly"
    at = clock.now()
    with pytest.raises(Killed):
        send_next(at=at)
    claimed = now_of(answer)
    assert (claimed.state, claimed.attempts) == ("sending", 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    lease = timedelta(seconds=house.MAIL_SEND_LEASE_SECONDS)
    assert send_next(at=at + lease - timedelta(seconds=1)) is False
    assert send_next(at=at + lease) is True
    assert sent()["Message-ID"] == f"<{claimed.message_id}>"
    assert (now_of(answer).state, now_of(answer).attempts) == ("sent", 2)


def test_a_mail_is_not_sent_before_it_is_due(answer: Message) -> None:
    assert send_next(at=answer.due_at - timedelta(seconds=1)) is False
    assert mail.outbox == []


def test_what_waits_longest_leaves_first(ticket: Ticket, agent: Agent) -> None:
    start = clock.now()
    for number in (3, 1, 2):
        at: datetime = start - timedelta(minutes=10 - number)
        reply(ticket, f"Number {number}", by=agent, key=f"r{number}", at=at)
    send_due()
    assert [letter.body for letter in mail.outbox] == ["Number 1", "Number 2", "Number 3"]


def test_a_note_never_leaves_the_house(ticket: Ticket, agent: Agent) -> None:
    note(ticket, "Between us.", by=agent, key="n1")
    assert send_next() is False
    assert mail.outbox == []


INJECTIONS = [
    "\nBcc: eve@evil.example",
    "\r\nBcc: eve@evil.example",
    "\r\n\r\nEvil body",
    "\x0bBcc: eve@evil.example",
]


@pytest.mark.parametrize("evil", INJECTIONS)
@pytest.mark.parametrize("place", ["subject", "name", "message_id"])
def test_no_word_of_a_stranger_adds_a_header(ticket: Ticket, agent: Agent, place: str, evil: str) -> None:
    if place == "subject":
        Ticket.objects.filter(pk=ticket.pk).update(subject=f"Parcel{evil}")
    elif place == "name":
        type(ticket.brand).objects.filter(pk=ticket.brand_id).update(mail_name=f"Fern{evil}")
    else:
        ticket.messages.update(message_id=f"first@mail.example{evil}")
    answer = reply(ticket, "Hello", by=agent, key="r1")
    send_next()
    assert now_of(answer).state == "sent", now_of(answer).last_error
    letter = sent()
    assert letter["Bcc"] is None
    assert letter.get_content().strip() == "Hello"
    assert mail.outbox[-1].recipients() == [answer.recipient.value]


@pytest.mark.parametrize(
    "name", ['Foo "Bar" Inc.', "Foo, Bar & Söhne", "Bücher 🧶", "a@b <c>", "back\\slash"]
)
def test_the_name_of_a_brand_reads_in_the_mail_as_it_is_written(
    ticket: Ticket, agent: Agent, name: str
) -> None:
    type(ticket.brand).objects.filter(pk=ticket.brand_id).update(mail_name=name)
    reply(ticket, "Hello", by=agent, key="r1")
    send_next()
    sender = sent()["From"].addresses
    assert [(one.display_name, one.addr_spec) for one in sender] == [(name, "help@ff.example")]


@pytest.mark.parametrize(
    ("subject", "written"),
    [
        ("", "Re: Fern & Feather"),
        ("Re: parcel", "Re: parcel"),
        ("RE: parcel", "RE: parcel"),
        ("Päckchen 🧶", "Re: Päckchen 🧶"),
    ],
)
def test_the_subject_is_that_of_the_ticket_answered_once(
    ticket: Ticket, agent: Agent, subject: str, written: str
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(subject=subject)
    reply(ticket, "Hello", by=agent, key="r1")
    send_next()
    assert sent()["Subject"] == written


def test_in_the_demo_a_mail_is_a_file(answer: Message, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    send_due()
    (file,) = tmp_path.iterdir()
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["Message-ID"] == f"<{now_of(answer).message_id}>"
