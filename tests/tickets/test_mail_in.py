"""Mail through the whole pipeline: stored, read, and then a word in a ticket."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError

import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import ContactPoint, Customer
from tests.make import make_agent, make_brand, make_customer, make_queue
from tests.together import at_once
from tickets.channels.email import receive as pipeline
from tickets.channels.email.receive import receive, work_off_next
from tickets.channels.email.send import send_next
from tickets.models import Attachment, InboundMail, Message, Queue, Ticket

MESSAGES = Path(__file__).parent / "mail"
EXPECTED: dict[str, dict[str, Any]] = json.loads((MESSAGES / "expected.json").read_text("utf-8"))
Outcome = InboundMail.Outcome


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def default_queue(brand: Brand) -> Queue:
    return make_queue(brand=brand, address="care@ff.example", is_default=True)


def letter(
    text: str = "Where is my parcel?",
    *,
    sender: str = "Maria Rossi <maria@posteo.example>",
    to: str = "care@ff.example",
    message_id: str = "<one@posteo.example>",
    **headers: str,
) -> bytes:
    """A plain mail; `headers` are written with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, "Parcel", message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_real_message_becomes_a_word_in_a_ticket_or_is_set_aside_with_a_reason(
    name: str, brand: Brand, default_queue: Queue
) -> None:
    raw = (MESSAGES / name).read_bytes()
    receipt = receive(raw, brand=brand)
    stored = InboundMail.objects.get()
    assert bytes(stored.raw) == raw
    if stored.outcome != Outcome.CREATED:
        assert stored.outcome in (Outcome.IGNORED, Outcome.QUARANTINED)
        assert stored.reason
        assert not Ticket.objects.exists()
        return
    message = Message.objects.get()
    assert message.text == receipt.mail.text
    assert hashlib.sha256(message.text.encode()).hexdigest() == EXPECTED[name]["text_sha256"]
    kept = [
        (row.name, row.size, hashlib.sha256(row.file.read()).hexdigest()) for row in message.attachments.all()
    ]
    assert kept == [(row["name"], row["size"], row["sha256"]) for row in EXPECTED[name]["attachments"]]


def test_only_what_no_person_wrote_or_nobody_sent_opens_no_ticket(brand: Brand, default_queue: Queue) -> None:
    for name, expected in EXPECTED.items():
        outcome = receive((MESSAGES / name).read_bytes(), brand=brand).stored.outcome
        if expected["automatic"] in pipeline.NOT_A_WORD:
            assert outcome == Outcome.IGNORED, name
        elif not expected["sender"]:
            assert outcome == Outcome.QUARANTINED, name
        else:  # some of these files are copies of one mail with one Message-ID
            assert outcome in (Outcome.CREATED, Outcome.DUPLICATE), name


def test_a_known_customer_is_found_by_the_sender_however_it_is_written(
    brand: Brand, default_queue: Queue
) -> None:
    maria = make_customer(brand=brand, name="Maria Rossi", mail="maria@posteo.example")
    receipt = receive(letter(sender="M. <MARIA@Posteo.Example>"))
    assert receipt.ticket is not None
    assert receipt.ticket.customer == maria


def test_an_unknown_sender_becomes_a_customer_of_the_brand_that_was_written_to(
    default_queue: Queue, other_brand: Brand
) -> None:
    make_queue(brand=other_brand, address="hello@kl.example")
    for address in ("care@ff.example", "hello@kl.example"):
        receive(letter(to=address))
    points = ContactPoint.objects.filter(value="maria@posteo.example").order_by("brand_id")
    assert [point.brand.code for point in points] == ["FF", "KL"]
    assert Customer.objects.filter(name="Maria Rossi").count() == 2


def test_the_address_written_to_decides_the_queue_a_tag_in_it_does_not_matter(
    brand: Brand, default_queue: Queue
) -> None:
    returns = make_queue(brand=brand, address="returns@ff.example")
    receipt = receive(letter(to="Returns <Returns+winter@FF.example>"))
    assert receipt.ticket is not None
    assert receipt.ticket.queue == returns


def test_mail_to_nobody_we_know_is_quarantined_with_a_reason(default_queue: Queue) -> None:
    receipt = receive(letter(to="someone@else.example"))
    assert (receipt.stored.outcome, receipt.ticket) == (Outcome.QUARANTINED, None)
    assert "No queue" in receipt.stored.reason


def test_a_mail_delivered_twice_is_one_message(default_queue: Queue) -> None:
    outcomes = [receive(letter()).stored.outcome for _ in range(2)]
    assert outcomes == [Outcome.CREATED, Outcome.DUPLICATE]
    assert Message.objects.count() == Ticket.objects.count() == 1


def test_a_mail_without_a_message_id_delivered_twice_is_one_message(default_queue: Queue) -> None:
    raw = b"From: maria@posteo.example\r\nTo: care@ff.example\r\n\r\nHello\r\n"
    assert [receive(raw).stored.outcome for _ in range(2)] == [Outcome.CREATED, Outcome.DUPLICATE]


def test_nobody_can_keep_a_mail_out_by_using_its_message_id_first(default_queue: Queue) -> None:
    receive(letter(sender="mallory@evil.example"))
    assert receive(letter()).stored.outcome == Outcome.CREATED


def test_an_answer_to_our_mail_joins_its_ticket_and_opens_it_again(
    agent: Agent, default_queue: Queue
) -> None:
    ticket = receive(letter()).ticket
    assert ticket is not None
    ours = tickets.services.reply(ticket, "On its way.", by=agent, key="r1", resolve=True)
    send_next()
    ours.refresh_from_db()
    receipt = receive(
        letter(
            "Thanks!",
            message_id="<two@posteo.example>",
            In_Reply_To=f"<{ours.message_id}>",
            to="x@else.example",
        )
    )
    assert (receipt.stored.outcome, receipt.ticket) == (Outcome.APPENDED, ticket)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.OPEN


def test_a_made_up_name_of_our_mail_opens_a_ticket_of_its_own(agent: Agent, default_queue: Queue) -> None:
    ticket = receive(letter()).ticket
    assert ticket is not None
    ours = tickets.services.reply(ticket, "On its way.", by=agent, key="r1")
    send_next()
    ours.refresh_from_db()
    forged = ours.message_id.replace(f"ld.{ours.pk}.", f"ld.{ours.pk + 1}.")
    other = receive(
        letter("Let me in", sender="m@evil.example", In_Reply_To=f"<{forged}>", message_id="<x@evil>")
    )
    assert other.stored.outcome == Outcome.CREATED
    assert other.ticket != ticket


def test_our_name_on_a_mail_to_another_brand_does_not_lead_across(
    agent: Agent, default_queue: Queue, other_brand: Brand
) -> None:
    make_queue(brand=other_brand, address="hello@kl.example", is_default=True)
    ticket = receive(letter()).ticket
    assert ticket is not None
    ours = tickets.services.reply(ticket, "On its way.", by=agent, key="r1")
    send_next()
    ours.refresh_from_db()
    raw = letter(message_id="<3@posteo.example>", In_Reply_To=f"<{ours.message_id}>", to="hello@kl.example")
    receipt = receive(raw, brand=other_brand)
    assert receipt.ticket is not None
    assert receipt.ticket.brand == other_brand


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Return_Path": "<>"},
        {"X_Loyalty_Desk": "1"},
    ],
)
def test_what_no_person_wrote_is_kept_but_opens_no_ticket(
    headers: dict[str, str], default_queue: Queue
) -> None:
    receipt = receive(letter(**headers))
    assert receipt.stored.outcome == Outcome.IGNORED
    assert receipt.stored.reason
    assert not Ticket.objects.exists()


def test_a_body_of_five_megabytes_arrives_whole(default_queue: Queue) -> None:
    text = "All of this matters.\n" * 250_000
    raw = b"From: maria@posteo.example\nTo: care@ff.example\n\n" + text.encode()
    receipt = receive(raw)
    assert receipt.stored.outcome == Outcome.CREATED
    assert Message.objects.get().text == text


def test_nul_bytes_and_lone_surrogates_are_replaced_and_the_raw_is_kept(default_queue: Queue) -> None:
    raw = (
        b"From: ma\x00ria <maria@posteo.example>\nTo: care@ff.example\nSubject: a\x00b\n"
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nbe\x00fore \xed\xa0\x80 after\n"
    )
    receipt = receive(raw)
    assert receipt.stored.outcome == Outcome.CREATED
    message = Message.objects.get()
    assert "\x00" not in message.text + message.ticket.subject + message.ticket.customer.name
    message.text.encode()
    assert bytes(InboundMail.objects.get().raw) == raw


def test_a_mail_over_the_limit_is_quarantined(default_queue: Queue, settings: Any) -> None:
    settings.MAIL_MAX_BYTES = 1000
    receipt = receive(letter("x" * 2000))
    assert receipt.stored.outcome == Outcome.QUARANTINED
    assert not Ticket.objects.exists()


def test_the_same_file_sent_twice_is_kept_once(default_queue: Queue, tmp_path: Path) -> None:
    for number in (1, 2):
        mail = EmailMessage()
        mail["From"], mail["To"] = "maria@posteo.example", "care@ff.example"
        mail["Message-ID"] = f"<{number}@posteo.example>"
        mail.set_content("See the picture.")
        mail.add_attachment(
            b"\x89PNG not really", maintype="image", subtype="png", filename="../../tracking.png"
        )
        receive(mail.as_bytes())
    first, second = Attachment.objects.all()
    assert first.file.name == second.file.name
    assert first.name == "tracking.png"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_mail_whose_working_off_was_cut_short_is_taken_up_again(
    default_queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "maria@posteo.example", "care@ff.example", "<1@p.example>"
    mail.set_content("See the file.")
    mail.add_attachment(b"bytes", maintype="application", subtype="pdf", filename="a.pdf")
    monkeypatch.setattr(pipeline.default_storage, "save", _disk_is_full)
    with pytest.raises(OSError, match="full"):
        receive(mail.as_bytes())
    monkeypatch.undo()
    assert InboundMail.objects.get().outcome == Outcome.RECEIVED
    assert not work_off_next()  # not before a minute has gone: somebody may be at it
    assert work_off_next(at=clock.now() + timedelta(minutes=2))
    assert InboundMail.objects.get().outcome == Outcome.CREATED
    assert Attachment.objects.get().size == 5
    assert not work_off_next(at=clock.now() + timedelta(minutes=10))


def _disk_is_full(*_: object) -> str:
    raise OSError("the disk is full")


@pytest.mark.race
def test_the_same_mail_delivered_twice_at_once_is_one_message() -> None:
    make_queue(brand=make_brand(), address="care@ff.example", is_default=True)
    for number in range(5):
        raw = letter(message_id=f"<{number}@posteo.example>", sender=f"m{number}@posteo.example")
        outcomes = [done.stored.outcome for done in at_once(*[lambda raw=raw: receive(raw)] * 4)]
        assert sorted(outcomes) == [Outcome.CREATED, *[Outcome.DUPLICATE] * 3]
    assert Message.objects.count() == Ticket.objects.count() == Customer.objects.count() == 5


def an_answer(number: int, ours: Message) -> bytes:
    return letter(
        "Thanks!",
        message_id=f"<answer{number}@posteo.example>",
        In_Reply_To=f"<{ours.message_id}>",
        to="x@y.example",
    )


def a_reply_of_ours() -> Message:
    """A mail that was sent to a customer, for answers to name."""
    brand = make_brand()
    make_queue(brand=brand, address="care@ff.example", is_default=True)
    ticket = receive(letter()).ticket
    assert ticket is not None
    ours = tickets.services.reply(ticket, "On its way.", by=make_agent(brands=[brand]), key="r1")
    send_next()
    ours.refresh_from_db()
    return ours


@pytest.mark.race
def test_the_same_answer_delivered_twice_at_once_joins_its_ticket_once() -> None:
    ours = a_reply_of_ours()
    for number in range(5):
        raw = an_answer(number, ours)
        outcomes = [done.stored.outcome for done in at_once(*[lambda raw=raw: receive(raw)] * 3)]
        assert sorted(outcomes) == [Outcome.APPENDED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert ours.ticket.messages.filter(kind=Message.Kind.INBOUND).count() == 6


@pytest.mark.race
def test_control_without_the_locks_the_same_answer_at_once_breaks_on_the_database() -> None:
    raw = an_answer(1, a_reply_of_ours())
    outcomes = at_once(lambda: receive(raw), lambda: receive(raw), unlocked=True)
    broken = [done for done in outcomes if isinstance(done, IntegrityError)]
    assert broken, outcomes
    assert "tickets_message" in str(broken[0])


def run(raw: bytes, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command prints for this mail on its standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False))
    out = io.StringIO()
    call_command("receive_mail", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_tells_in_json_what_became_of_a_mail(
    brand: Brand, default_queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run(letter(), "--brand", brand.code, "--json", monkeypatch=monkeypatch)
    facts = json.loads(printed.strip().splitlines()[-1])
    ticket = Ticket.objects.get()
    assert facts == {
        "outcome": "created",
        "ticket": f"{brand.code}-{ticket.number}",
        "message": Message.objects.get().pk,
        "customer": ticket.customer_id,
        "subject": "Parcel",
        "sender": "maria@posteo.example",
        "text": "Where is my parcel?\n",
        "attachments": [],
        "reason": "",
    }


def test_the_command_ends_with_2_for_a_brand_that_does_not_exist(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as refusal:
        run(letter(), "--brand", "NOPE", monkeypatch=monkeypatch)
    assert refusal.value.returncode == 2
