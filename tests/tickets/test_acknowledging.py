from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Notice
from customers.tasks import send_notices
from tests import make
from tickets.acknowledging import TEXTS, addressed, filled, in_words, unknown_in
from tickets.channels.email import message_ids
from tickets.channels.email.automatic import LOOP_HEADER, reads_nothing
from tickets.channels.email.receive import Receipt, receive
from tickets.models import AcknowledgementText, Clock, Message, Queue, Ticket
from tickets.services import reply, resolve

SENDER = "maria@mail.example"


def written(text: str = "Where is my parcel?", *, sender: str = SENDER, **headers: str) -> bytes:
    """A mail to the queue as a person's program writes it; `headers` with _ for -."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = (
        f"Maria Rossi <{sender}>",
        "help@ff.example",
        "My parcel",
    )
    letter["Message-ID"] = f"<{make.unique('mail')}@mail.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter.as_bytes()


def acknowledged() -> list[Notice]:
    """The automatic answers that leave or have left."""
    return list(Notice.objects.filter(template="acknowledgement").exclude(state="dropped").order_by("pk"))


def why_dropped() -> list[str]:
    rows = Notice.objects.filter(template="acknowledgement", state="dropped").order_by("pk")
    return list(rows.values_list("last_error", flat=True))


def sent() -> list[Any]:
    """All mails that left, read as a program reads them."""
    send_notices()
    return [message_from_bytes(one.message().as_bytes(), policy=policy.default) for one in mail.outbox]


@pytest.fixture
def arrived(queue: Queue) -> Receipt:
    """A customer's first mail."""
    return receive(written())


def test_whoever_opens_a_ticket_by_mail_is_told_by_a_mail_that_names_itself_automatic(
    arrived: Receipt,
) -> None:
    ticket = arrived.ticket
    assert ticket
    (letter,) = sent()
    assert letter["To"] == SENDER
    assert letter["From"] == "Fern & Feather <help@ff.example>"
    assert letter["Subject"] == "Re: My parcel"
    assert letter["In-Reply-To"] == f"<{arrived.mail.message_id}>" == letter["References"]
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["Precedence"] == "bulk"
    assert letter["X-Auto-Response-Suppress"] == "All"
    assert ticket.reference in letter.get_content()
    assert "Hello Maria Rossi," in letter.get_content()


def test_it_names_the_end_of_the_first_answers_clock_in_the_zone_of_its_calendar(
    brand: Brand, queue: Queue
) -> None:
    make.make_sla(brand=brand, calendar=make.make_calendar(brand=brand, time_zone="America/New_York"))
    at = make.instant("2026-11-27T21:00:00+00:00")  # Friday, 16:00 in New York: an hour of two is left
    with clock.standing_at(at):
        receive(written())
        (letter,) = sent()
    assert "We answer by Monday 10:00." in letter.get_content()


def test_it_speaks_the_customers_language_and_the_brands_own_words(brand: Brand, queue: Queue) -> None:
    make.make_customer(brand=brand, name="Jo Jung", mail=SENDER, language="de-AT")
    receive(written())
    (first,) = sent()
    assert "Guten Tag Jo Jung," in first.get_content()
    assert "Wir antworten bis " in first.get_content()
    AcknowledgementText.objects.create(brand=brand, language="de", text="Servus {name}! {reference}")
    notice = acknowledged()[0]
    Notice.objects.filter(pk=notice.pk).update(state="queued", due_at=clock.now())
    assert sent()[-1].get_content().startswith("Servus Jo Jung! FF-")


def test_it_stops_no_clock_is_no_answer_and_says_nothing_in_the_conversation(arrived: Receipt) -> None:
    ticket = arrived.ticket
    assert ticket
    sent()
    assert Clock.objects.get(ticket=ticket).due_at == ticket.due_at is not None
    assert list(ticket.messages.values_list("kind", flat=True)) == [Message.Kind.INBOUND]
    assert (ticket.status, ticket.last_was_inbound) == ("new", True)
    assert [event.kind for event in ticket.events.all()] == ["opened", "acknowledged"]


def test_once_a_ticket_and_once_a_sender_and_day(arrived: Receipt, settings: Any) -> None:
    raw = written("A second one")
    for _ in range(2):
        receive(raw)
    assert len(acknowledged()) == 1
    assert why_dropped() == ["told enough today"]
    with clock.standing_at(clock.now() + timedelta(days=1, minutes=1)):
        receive(written("On the next day"))
    assert len(acknowledged()) == 2
    settings.ACKNOWLEDGED_A_DAY = 3
    receive(written("And another"))
    assert len(acknowledged()) == 3


def test_a_flood_of_senders_is_answered_up_to_the_fuse(queue: Queue, settings: Any) -> None:
    settings.ACKNOWLEDGED_A_MINUTE = 2
    for number in range(4):
        receive(written(sender=f"one{number}@mail.example"))
    assert len(acknowledged()) == 2
    assert set(why_dropped()) == {"too many in a minute"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example>"},
        {"X_Auto_Response_Suppress": "DR, AutoReply"},
        {"sender": "no-reply@shop.example"},
        {"sender": "orders+bounces@shop.example"},
        {"sender": "help@ff.example"},
    ],
    ids=str,
)
def test_machines_lists_and_ourselves_open_tickets_and_are_told_nothing(
    headers: dict[str, str], queue: Queue
) -> None:
    receipt = receive(written(**headers))
    assert receipt.ticket
    assert acknowledged() == []
    assert sent() == []


def test_addresses_that_nobody_reads_are_told_from_people() -> None:
    machines = [
        "noreply@a.example",
        "do-not-reply@a.example",
        "bounce+x=1@a.example",
        "MAILER-DAEMON@a.example",
    ]
    people = ["norah@a.example", "noel.reply@a.example", "info@a.example", "maria.bouncefan@noreply.example"]
    assert all(map(reads_nothing, machines))
    assert not any(map(reads_nothing, people))


def test_two_machines_that_answer_each_other_come_to_an_end(arrived: Receipt) -> None:
    """Their machine sends each of our mails back: as it is, or rewritten by one that knows no rule at all."""
    (ours,) = sent()
    assert receive(ours.as_bytes()).stored.outcome == "ignored"
    for number in range(5):
        for name in (LOOP_HEADER, "Auto-Submitted", "Precedence", "X-Auto-Response-Suppress"):
            del ours[name]
        for name, value in {
            "From": SENDER, "To": "help@ff.example", "Message-ID": f"<away{number}@mail.example>",
            "In-Reply-To": "", "References": "",
        }.items():  # fmt: skip
            del ours[name]
            ours[name] = value
        receive(ours.as_bytes())
        sent()
    assert Ticket.objects.count() == 6
    assert len(mail.outbox) == 1


def test_an_answer_to_the_automatic_mail_joins_its_ticket(arrived: Receipt) -> None:
    (ours,) = sent()
    receipt = receive(written("Thank you", In_Reply_To=ours["Message-ID"]))
    assert (receipt.stored.outcome, receipt.ticket) == ("appended", arrived.ticket)
    made_up = ours["Message-ID"].replace("ld.", "ld.1")
    assert receive(written("Thank you", In_Reply_To=made_up)).stored.outcome == "created"


def test_a_queue_that_does_not_acknowledge_and_a_stranger_in_a_customers_place_hear_nothing(
    arrived: Receipt, agent: Agent
) -> None:
    Queue.objects.update(acknowledges=False)
    receive(written(sender="other@mail.example"))
    Queue.objects.update(acknowledges=True)
    ticket = arrived.ticket
    assert ticket
    answer = reply(ticket, "Here it is", by=agent, key="r")
    Message.objects.filter(pk=answer.pk).update(message_id="x")
    resolve(ticket, by=agent)
    named = f"<{message_ids.of(answer, 'ff.example')}>"
    with clock.standing_at(clock.now() + timedelta(days=30)):
        receipt = receive(written(sender="stranger@mail.example", In_Reply_To=named))
    assert receipt.ticket
    assert receipt.ticket.follows == ticket
    assert len(acknowledged()) == 1


def test_placeholders_are_filled_once_and_nobodys_advertising_is_sent() -> None:
    facts = {"name": "{reference}", "reference": "FF-1", "due": "", "brand": "Fern"}
    assert (
        filled("Hi {name}, {reference} {0.x} {brand}\nby {due}", facts) == "Hi {reference}, FF-1 {0.x} Fern\n"
    )
    assert filled("Hello {name},\n\n{brand}", facts | {"name": ""}) == "Hello,\n\nFern\n"
    assert unknown_in("{name} {customer.password} {due}") == ["customer.password"]
    assert [addressed(name) for name in ("Maria Rossi", "Win at shop.example", "http://x", "x" * 41)] == [
        "Maria Rossi", "", "", "",
    ]  # fmt: skip
    assert all(unknown_in(text) == [] for text in TEXTS.values())


def test_an_instant_reads_as_a_weekday_and_from_a_week_on_with_its_date() -> None:
    at = make.instant("2026-11-28T10:00:00+00:00")
    zone = clock.zone("Europe/Berlin")
    assert in_words(at + timedelta(days=2), zone, at=at, language="en") == "Monday 11:00"
    assert in_words(at + timedelta(days=2), zone, at=at, language="fr") == "lundi 11:00"
    assert in_words(at + timedelta(days=9), zone, at=at, language="en") == "Monday 7 December 11:00"


@pytest.mark.race
def test_two_first_mails_of_one_sender_at_once_are_answered_once(queue: Queue) -> None:
    make.make_customer(brand=queue.brand, mail=SENDER)
    start = Barrier(4)

    def bring(number: int) -> None:
        start.wait()
        receive(written(f"Number {number}"))
        connection.close()

    threads = [Thread(target=bring, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ticket.objects.count() == 4
    assert len(acknowledged()) == 1
