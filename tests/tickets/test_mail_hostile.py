"""Mails that were never meant to be read: any bytes, mutilated messages, millions of bytes of one trick."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.channels.email.mime import MOST_PARTS
from tickets.channels.email.parse import Mail, parse

CORPUS = [file.read_bytes() for file in sorted((Path(__file__).parent / "mail").rglob("*.eml"))]
SNIPPETS = [
    *(
        b"\x00",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\x1b$B",
        b"\xcc\x81" * 9,
    ),
    *(
        b"=?utf-8?B?",
        b"?=",
        b"=?x?Q?=",
        b"=ZZ",
        b"=\r\n",
        b"====",
        b'"',
        b"(",
        b"<",
        b":;",
        b"\\",
        b"@",
        b"*0*=''%",
    ),
    *(
        b"\r\n--b\r\n",
        b"\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        b"\r\nContent-Type: text/html\r\n",
    ),
    *(b"charset=utf-7", b"charset=idna", b"charset=utf-16", b"charset=iso-2022-jp", b"charset=undefined"),
    *(b"<table><tr><td>", b"&#x110000;", b"&#99999999999;", b"<!--", b"<?xml encoding='x'?>", b"+2AA-"),
    *(
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"begin 644 a\r\n",
    ),
]
FIVE_MILLION = 5_000_000


def check(message: Mail) -> None:
    """What holds for every mail, whatever it was made of."""
    for text in (message.text, message.html):
        assert not re.search("[\x00\r\ud800-\udfff]", text)
        assert unicodedata.is_normalized("NFC", text)
    lines = [message.subject, message.sender, message.sender_name, message.message_id, message.automatic]
    lines += [*message.recipients, *message.references, *message.in_reply_to]
    lines += [part.name for part in message.attachments] + [part.content_type for part in message.attachments]
    for line in lines:
        assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", line)
        assert unicodedata.is_normalized("NFC", line)
    assert all(part.name and not re.search(r"[/\\]", part.name) for part in message.attachments)
    assert message.sender == "" or message.sender.count("@") >= 1
    assert all(len(address) <= 320 for address in [message.sender, *message.recipients])
    assert all(len(part.name) <= 255 and len(part.content_type) <= 127 for part in message.attachments)
    assert message.sent_at is None or message.sent_at.utcoffset().total_seconds() == 0


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    check(parse(raw))


@given(st.lists(st.sampled_from(SNIPPETS), max_size=40))
def test_any_mixture_of_tricks_is_a_mail(pieces: list[bytes]) -> None:
    check(parse(b"From: a@b.example\r\nSubject: " + b"".join(pieces)))


@given(st.sampled_from(CORPUS), st.data())
def test_a_mutilated_message_is_still_a_mail(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 200)))
        raw = raw[:start] + data.draw(st.sampled_from([b"", raw[start:end] * 2, *SNIPPETS])) + raw[end:]
    check(parse(raw))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize("first", [b"", b"From ann Mon Jan  1 00:00:00 2024", b"\xef\xbb\xbfX: 1"])
def test_line_ends_and_first_lines_do_not_matter(end: bytes, first: bytes) -> None:
    head = [first, b"Subject: a", b" b", b"From: ann@example.com", b"", b"one", b"", b"two", b""]
    got = parse(end.join(head[0 if first else 1 :]))
    assert (got.subject, got.sender, got.text) == ("a b", "ann@example.com", "one\n\ntwo\n")


def test_a_header_without_a_body_and_a_body_without_a_header() -> None:
    assert parse(b"Subject: only this").subject == "only this"
    assert parse(b"no header here\r\nat all").text == "no header here\nat all"
    assert parse(b"").text == ""
    assert parse(b"\r\n\r\nSubject: late\r\n\r\nHello").subject == "late"


def test_a_body_that_follows_its_header_without_an_empty_line_is_kept() -> None:
    got = parse(b"Subject: a\nFrom: b@c.example\nHello there\nall of you")
    assert (got.subject, got.text) == ("a", "Hello there\nall of you")


def test_a_line_of_the_header_that_was_folded_wrongly_does_not_end_it() -> None:
    got = parse(b"Subject: a\nb\nFrom: b@c.example\n\nHello")
    assert (got.subject, got.sender, got.text) == ("a b", "b@c.example", "Hello")


@pytest.mark.parametrize(
    "declared", ["", "boundary=", "boundary=other", 'boundary="--=_a b:c?"', "boundary=--=_a b:c?"]
)
def test_a_boundary_that_is_missing_wrong_or_illegal_is_found_all_the_same(declared: str) -> None:
    boundary = "--=_a b:c?"
    parts = f"--{boundary}\nContent-Type: text/plain\n\nHi\n--{boundary}\nContent-Type: image/png\n\nP\n"
    got = parse(
        f"Content-Type: multipart/mixed; {declared}\n\npreamble\n{parts}--{boundary}--\nepilogue".encode()
    )
    assert (got.text, [part.content for part in got.attachments]) == ("Hi", [b"P"])


def test_a_multipart_without_any_parts_is_text() -> None:
    assert parse(b"Content-Type: multipart/mixed; boundary=x\n\nJust words").text == "Just words"


def test_ten_thousand_levels_of_parts_end_in_one_attachment() -> None:
    levels = [b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)]
    raw = b"".join(levels) + b"\nthe core"
    got = parse(raw)
    assert got.text == ""
    assert len(got.attachments) == 1
    assert raw.endswith(got.attachments[0].content)
    assert got.attachments[0].content.endswith(b"the core")


def test_more_parts_than_anyone_sends_are_kept_in_one_piece() -> None:
    part = b"--b\nContent-Type: image/png\n\nP%d\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(part % n for n in range(100_000))
    got = parse(raw)
    assert len(got.attachments) == MOST_PARTS + 1
    assert got.attachments[MOST_PARTS - 1].content == b"P%d" % (MOST_PARTS - 1)
    assert raw.endswith(got.attachments[MOST_PARTS].content.removeprefix(b"\r\n"))


def test_a_body_of_five_million_bytes_is_whole() -> None:
    body = "Größe zählt — 大きさ\n" * (FIVE_MILLION // 30)
    got = parse(b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode())
    assert got.text == body


def test_nul_bytes_and_lone_surrogates_become_replacement_characters() -> None:
    got = parse(b"Content-Type: text/plain; charset=utf-8\n\na\x00b\xed\xa0\x80c" + b"\x00" * 1_000_000)
    assert got.text == "a\ufffdb\ufffdc" + "\ufffd" * 1_000_000


def test_a_run_of_combining_marks_without_end_is_still_normal() -> None:
    got = parse(b"Content-Type: text/plain; charset=utf-8\n\n" + ("a" + "\u0301\u0316" * 500_000).encode())
    check(got)
    assert got.text.count("\u0316") == 500_000


@pytest.mark.parametrize(
    "trick",
    [
        b"=?",
        b"=?utf-8?Q?",
        b"=?utf-8?B?QQ==?= ",
        b"<",
        b'"\\',
        b"(",
        b"a:",
        b"a@",
        b" ",
        b"\r\n ",
        b"ann@example.com, ",
        b"\xff",
    ],
)
@pytest.mark.parametrize("field", [b"Subject", b"From", b"References", b"Content-Type", b"Date"])
def test_one_field_without_end_hides_no_other(field: bytes, trick: bytes) -> None:
    long = field + b": " + trick * (100_000 // len(trick)) + b"\r\n"
    got = parse(long + b"To: desk@shop.example\r\n\r\nHello")
    check(got)
    assert "desk@shop.example" in got.recipients
    assert got.text == "Hello"


@pytest.mark.parametrize(
    "trick",
    [b"<", b"<div>", b"<table><tr><td>", b"<!--", b"<script>", b"&", b"<b>", b"</b>", b"<p a=", b"<ul><li>"],
)
@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_html_made_of_one_trick_keeps_what_stands_before_it(trick: bytes, size: int) -> None:
    got = parse(b"Content-Type: text/html\n\n<p>Hello</p>" + trick * (size // len(trick)))
    check(got)
    assert got.text.startswith("Hello")
    assert len(got.html) >= size


def test_a_table_that_would_be_padded_to_gigabytes_is_read_without_padding() -> None:
    page = f"<table><tr><td>{'x' * 100_000}</td><td>{'y<br>' * 30_000}</td></tr></table>"
    got = parse(b"Content-Type: text/html\n\n" + page.encode())
    assert got.text.count("x") == 100_000
    assert got.text.count("y") == 30_000
    assert len(got.text) < 200_000


def test_words_deeper_than_the_renderer_goes_are_read() -> None:
    got = parse(b"Content-Type: text/html\n\n" + b"<div>" * 3_000 + b"deep down" + b"</div>" * 3_000)
    assert got.text.strip() == "deep down"


def test_a_style_cannot_blow_up_the_text() -> None:
    page = b"<p style='margin-top: 99999em; padding-left: 99999em'>Hi<ol><li value='%s'>one</ol>" % (
        b"9" * 9_000
    )
    assert parse(b"Content-Type: text/html\n\n" + page).text == "Hi\n\n 1. one"
