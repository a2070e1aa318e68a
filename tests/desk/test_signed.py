"""Mails as they were sent, files and pictures by signed addresses: for whom they are made, how long they hold."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contactcenter import clock
from desk import pages
from tests.desk.conftest import attach
from tickets.channels.email.receive import receive
from tickets.models import Attachment, Message, Queue, Ticket

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
KINDS = {
    pages.MAIL: ("sent", "mail_page"),
    pages.FILE: ("attachment", "file_page"),
    pages.PICTURE: ("picture", "picture_page"),
}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def row(ticket: Ticket) -> Attachment:
    """A picture that came with a mail which has looks of its own."""
    ticket.messages.update(html="<p style='color: red'>Hello</p>")
    return attach(ticket, "parcel.png", PNG)


def subject(purpose: str, row: Attachment) -> int:
    return row.message_id if purpose == pages.MAIL else row.pk


def signed(desk: Client, purpose: str, row: Attachment) -> str:
    answer = desk.get(reverse(f"desk:{KINDS[purpose][0]}", args=[subject(purpose, row)]))
    assert answer.status_code == 302
    return answer["Location"]


@pytest.mark.parametrize("purpose", KINDS)
def test_whoever_has_the_address_sees_that_one_thing_without_a_session(
    purpose: str, desk: Client, client: Client, row: Attachment
) -> None:
    answer = client.get(signed(desk, purpose, row))
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("purpose", KINDS)
def test_an_address_ends_with_a_sentence(purpose: str, desk: Client, client: Client, row: Attachment) -> None:
    where = signed(desk, purpose, row)
    with time_machine.travel(clock.now() + pages.LIVES[purpose] + timedelta(seconds=1)):
        answer = client.get(where)
    assert answer.status_code == 410
    assert "This link has ended." in answer.text


@pytest.mark.parametrize("purpose", KINDS)
def test_a_bent_address_or_one_made_for_something_else_opens_nothing(
    purpose: str, desk: Client, client: Client, row: Attachment
) -> None:
    where = signed(desk, purpose, row)
    word = where.strip("/").partition("/")[2]
    brand, number, until = word.partition("~")[0].split(".")
    bent = [
        word[:-1] + ("a" if word[-1] != "a" else "b"),
        word.replace(f".{number}.", f".{int(number) + 1}.", 1),
    ]
    others = [name for name in KINDS if name != purpose]
    for name, wrong in [(purpose, one) for one in bent] + [(other, word) for other in others]:
        answer = client.get(reverse(KINDS[name][1], args=[wrong]))
        assert answer.status_code == 404, (name, wrong)
        assert "This link is not one of ours." in answer.text
    assert int(brand) == row.message.ticket.brand_id
    assert int(until) - clock.now().timestamp() <= pages.LIVES[purpose].total_seconds()


@pytest.mark.parametrize("purpose", KINDS)
def test_no_address_is_made_for_an_agent_of_another_brand_and_none_opens_another_brands_row(
    purpose: str, stranger: Client, client: Client, row: Attachment, other_brand: Any
) -> None:
    assert stranger.get(reverse(f"desk:{KINDS[purpose][0]}", args=[subject(purpose, row)])).status_code == 404
    mixed = pages.address(purpose, brand=other_brand.pk, subject=subject(purpose, row))
    assert client.get(mixed).status_code == 404


def test_a_mail_is_shown_under_a_policy_of_its_own_that_lets_nothing_run(
    desk: Client, client: Client, row: Attachment
) -> None:
    answer = client.get(signed(desk, pages.MAIL, row))
    assert answer["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: http://testserver/shown/; "
        "frame-ancestors 'self'"
    )
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Cache-Control"] == "no-store"
    assert '<p style="color:red">Hello</p>' in answer.text


def test_a_mail_without_looks_of_its_own_offers_no_frame(
    desk: Client, ticket: Ticket, row: Attachment
) -> None:
    thread = reverse("desk:thread", args=[ticket.reference])
    assert desk.get(thread).text.count("Show as it was sent") == 1
    ticket.messages.update(html="")
    assert "Show as it was sent" not in desk.get(thread).text
    assert desk.get(reverse("desk:sent", args=[row.message_id])).status_code == 404


def test_the_conversation_holds_no_address_that_changes_from_one_answer_to_the_next(
    desk: Client, ticket: Ticket, row: Attachment
) -> None:
    """What is unchanged in the thread has to stay the same element."""
    thread = reverse("desk:thread", args=[ticket.reference])
    first = desk.get(thread).text
    with time_machine.travel(clock.now() + timedelta(seconds=30)):
        assert desk.get(thread).text == first
    assert "~" not in first.partition('id="message-')[2]
    assert reverse("desk:picture", args=[row.pk]) in first or row.content_type not in first


def test_a_picture_is_shown_by_what_it_is_and_whatever_else_only_downloaded(
    desk: Client, client: Client, ticket: Ticket
) -> None:
    for content, kind in [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a,", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ""),
        (b"<html><script>alert(1)</script>", ""),
        (b"", ""),
    ]:
        row = attach(ticket, "a.png", content)
        Attachment.objects.filter(pk=row.pk).update(content_type="image/png")
        shown = desk.get(reverse("desk:picture", args=[row.pk]))["Location"]
        direct = client.get(pages.address(pages.PICTURE, brand=ticket.brand_id, subject=row.pk))
        if kind:
            assert (direct.status_code, direct["Content-Type"]) == (200, kind)
            assert direct["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert b"".join(direct.streaming_content) == content
        else:
            assert direct.status_code == 404
            assert shown.endswith(".svg")  # a drawn one of ours


def with_picture(html: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Maria Rossi <maria@posteo.example>", "help@ff.example"
    mail["Subject"], mail["Message-ID"] = "See", "<see@posteo.example>"
    mail.set_content("See the picture.")
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<Parcel.1@posteo.example>")
    return mail.as_bytes()


def test_a_picture_within_a_mail_comes_by_a_signed_address_and_one_from_elsewhere_never(
    desk: Client, client: Client, queue: Queue
) -> None:
    receive(with_picture(
        "<img src='cid:parcel.1@posteo.example' alt='the parcel'><img src='cid:none'>"
        "<img src='https://track.example/pixel.gif' width=1 height=1>"
    ))  # fmt: skip
    message = Message.objects.get()
    row = message.attachments.get()
    page = client.get(signed(desk, pages.MAIL, row)).text
    assert "track.example" not in page
    assert "2 pictures from elsewhere are not loaded." in page
    where = page.partition('<img src="')[2].partition('"')[0]
    assert where.startswith("/shown/")
    assert b"".join(client.get(where).streaming_content) == PNG


def test_a_mail_too_large_to_be_laid_out_says_so(desk: Client, client: Client, row: Attachment) -> None:
    Message.objects.filter(pk=row.message_id).update(html="<p>x</p>" * 1_300_000)
    answer = client.get(signed(desk, pages.MAIL, row))
    assert "too large or too nested" in answer.text
    assert len(answer.content) < 5000


def test_the_frame_is_asked_for_by_the_thread_alone(desk: Client, row: Attachment) -> None:
    frame = desk.get(reverse("desk:sent", args=[row.message_id]), headers={"HX-Request": "true"}).text
    assert '<iframe src="/sent/' in frame
    assert " sandbox " in frame
