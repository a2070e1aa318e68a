"""Files of customers: handed out as they came, and run nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.desk.conftest import attach
from tickets.models import Attachment, Ticket

HOSTILE = bytes(range(256)) * 300 + b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def fetch(client: Client, row: Attachment) -> Any:
    """What is got in the end: the page names the file, the desk signs an address for it."""
    return client.get(reverse("desk:attachment", args=[row.pk]), follow=True)


def test_a_file_comes_byte_for_byte_as_a_download_that_no_browser_runs(desk: Client, ticket: Ticket) -> None:
    row = attach(ticket, "page.html", HOSTILE)
    Attachment.objects.filter(pk=row.pk).update(content_type="text/html")
    answer = fetch(desk, row)
    assert b"".join(answer.streaming_content) == HOSTILE
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(HOSTILE))


def test_an_empty_file_is_a_file(desk: Client, ticket: Ticket) -> None:
    answer = fetch(desk, attach(ticket, "empty.txt", b""))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"")


def test_a_name_is_safe_in_the_header_and_still_the_name(desk: Client, ticket: Ticket) -> None:
    for name, kept in [
        ('a"b.txt', 'a"b.txt'),
        ("a\\b.txt", "a\\b.txt"),
        ("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"),
        ("Grüße 🎁.pdf", "Grüße 🎁.pdf"),
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("<script>.svg", "<script>.svg"),
        ("a;b.txt", "a;b.txt"),
        ("x" * 255, "x" * 255),
    ]:
        answer = fetch(desk, attach(ticket, name, b"x"))
        header = answer["Content-Disposition"]
        assert header.startswith("attachment; ")
        assert "\n" not in header
        if kept.isascii():
            assert header == 'attachment; filename="{}"'.format(
                kept.replace("\\", "\\\\").replace('"', '\\"')
            )
        else:
            assert unquote(header.rpartition("''")[2]) == kept
        assert "X-Evil" not in answer.headers


def test_a_file_without_a_name_is_still_a_download(desk: Client, ticket: Ticket) -> None:
    for name in ["", "\u202e", "\n"]:
        answer = fetch(desk, attach(ticket, name, b"x"))
        assert (answer.status_code, answer["Content-Disposition"].startswith("attachment")) == (200, True)


def test_a_name_is_shown_as_text_in_the_conversation(desk: Client, ticket: Ticket) -> None:
    attach(ticket, '"><script>alert(1)</script>', b"x")
    content = desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()
    assert "<script>alert(1)" not in content
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in content


def test_a_file_that_is_gone_from_the_disk_is_not_there_and_the_page_still_is(
    desk: Client, ticket: Ticket
) -> None:
    row = attach(ticket, "gone.txt", b"x")
    Path(row.file.path).unlink()
    assert fetch(desk, row).status_code == 404
    assert desk.get(reverse("desk:ticket", args=[ticket.reference])).status_code == 200


def test_a_file_nobody_sent_is_not_there(desk: Client, brand: Any) -> None:
    for pk in (0, 2**62, 10**30):
        assert desk.get(f"/files/{pk}/").status_code == 404


def test_the_whole_words_of_a_long_mail_come_as_plain_text_that_no_browser_runs(
    desk: Client, stranger: Client, ticket: Ticket
) -> None:
    said = "<script>alert(1)</script>\n" + "Grüße " * 20_000
    message = make.hear(ticket, said)
    address = reverse("desk:words", args=[message.pk])
    answer = desk.get(address)
    assert answer.content.decode() == said
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert stranger.get(address).status_code == 404
