"""What a mail comes to: the real messages one by one, then the rules one by one."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tickets.channels.email.automatic import LOOP_HEADER
from tickets.channels.email.parse import Mail, parse

MESSAGES = Path(__file__).parent / "mail"
EXPECTED: dict[str, dict[str, Any]] = json.loads((MESSAGES / "expected.json").read_text("utf-8"))


def mail(head: str, body: bytes | str = b"Hello\n") -> Mail:
    """Parse a message written with LF, as it travels: with CRLF."""
    data = body.encode() if isinstance(body, str) else body
    return parse(head.strip().encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + data)


def multipart(kind: str, *parts: str, head: str = "From: ann@example.com") -> Mail:
    """Parse a multipart of the given kind; each part is its header, an empty line and its body."""
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return mail(f"{head}\nContent-Type: multipart/{kind}; boundary=b", body.replace("\n", "\r\n"))


def names(message: Mail) -> list[str]:
    return [part.name for part in message.attachments]


def test_every_real_message_is_in_the_table() -> None:
    files = {str(file.relative_to(MESSAGES)) for file in MESSAGES.rglob("*") if file.is_file()}
    assert files - {"README.md", "LICENSE", "expected.json", ".gitattributes"} == set(EXPECTED)
    assert len(EXPECTED) == 104


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_real_message_reads_as_a_person_would_read_it(name: str) -> None:
    got = parse((MESSAGES / name).read_bytes())
    assert {
        "subject": got.subject,
        "sender": got.sender,
        "sender_name": got.sender_name,
        "recipients": list(got.recipients),
        "message_id": got.message_id,
        "sent_at": got.sent_at and got.sent_at.isoformat(),
        "automatic": got.automatic,
        "text_start": got.text[:80],
        "text_sha256": hashlib.sha256(got.text.encode()).hexdigest(),
        "html_size": len(got.html),
        "attachments": [
            {"name": part.name, "type": part.content_type, "size": part.size, "sha256": part.sha256}
            for part in got.attachments
        ],
    } == EXPECTED[name]


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("ann@Example.COM", "", "ann@example.com"),
        ('"Doe, Ann" <ann@example.com>', "Doe, Ann", "ann@example.com"),
        ("=?utf-8?Q?Doe=2C_Ann?= <ann@example.com>", "Doe, Ann", "ann@example.com"),
        ('"=?utf-8?B?w4RubmE=?=" <ann@example.com>', "Änna", "ann@example.com"),
        ("ann@example.com (Ann (A.) Doe)", "Ann (A.) Doe", "ann@example.com"),
        ("Ann Doe ann@EXAMPLE.com", "Ann Doe", "ann@example.com"),
        ("Ann <mailto:ann@example.com>", "Ann", "ann@example.com"),
        ("Ann <@relay.example,@b.example:ann@example.com>", "Ann", "ann@example.com"),
        ("Staff: Ann <ann@example.com>, Bob <bob@example.com>;", "Ann", "ann@example.com"),
        ('"Ann <ann@example.com>', "Ann", "ann@example.com"),
        ("Ann <ann@example.com", "Ann", "ann@example.com"),
        ('"ann doe"@example.com', "", '"ann doe"@example.com'),
        ("ann@[192.0.2.1]", "", "ann@[192.0.2.1]"),
        ("ann@example.com.", "", "ann@example.com"),
        (f"{'x' * 200}@example.com", f"{'x' * 200}@example.com", ""),
        ("Ann", "Ann", ""),
        ("Ann <ann>", "Ann", ""),
        ("Ann <>", "Ann", ""),
        ("undisclosed-recipients:;", "", ""),
        ("", "", ""),
    ],
)
def test_the_sender_is_found_however_it_is_written(value: str, name: str, address: str) -> None:
    got = mail(f"Subject: x\nFrom: {value}")
    assert (got.sender_name, got.sender) == (name, address)


def test_an_unusable_from_gives_way_to_another_from_then_sender_then_reply_to() -> None:
    assert mail("From: Ann\nFrom: bob@example.com").sender == "bob@example.com"
    assert mail("From: nobody\nReply-To: r@example.com\nSender: s@example.com").sender == "s@example.com"
    assert mail("From: nobody\nReply-To: r@example.com").sender == "r@example.com"


def test_recipients_come_in_the_order_of_the_fields_and_once() -> None:
    got = mail(
        "Delivered-To: desk@shop.example\nCc: c@x.example; D <d@x.example>\n"
        "To: Team: a@x.example, b@x.example;, desk@SHOP.example\nX-Original-To: o@x.example\n"
        "Envelope-To: e@x.example"
    )
    assert [address.split("@")[0] for address in got.recipients] == ["a", "b", "desk", "c", "d", "o", "e"]


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (b"=?utf-8?B?4oKsIDUg?= =?utf-8?Q?gut?=", "€ 5 gut"),
        (b"=?utf-8?B?4oI=?=\r\n =?utf-8?B?rA==?=", "€"),  # cut inside a character
        (b"a =?utf-8?Q?b?= c", "a b c"),
        (b"=?iso-8859-1?Q?a?= =?utf-8?Q?b?=", "ab"),
        (b"=?ks_c_5601-1987?B?vcXDuyCU7g==?=", "신청 뷁"),
        (b"=?utf-8*en?Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?Q?open", "=?utf-8?Q?open"),
        (b"=?x-unheard-of?Q?caf=E9?=", "café"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        ("新しい".encode("iso-2022-jp"), "新しい"),
        (b"many \t blanks\r\n  and folds", "many blanks and folds"),
        (b"a\x00b", "a\ufffdb"),
        (b"Cafe\xcc\x81", "Café"),
    ],
)
def test_a_subject_is_decoded_on_one_line(value: bytes, subject: str) -> None:
    assert parse(b"From: a@b.example\r\nSubject: " + value + b"\r\n\r\nx").subject == subject


def test_a_raw_header_is_read_in_the_charset_of_the_body() -> None:
    head = b"Content-Type: text/plain; charset=koi8-r\r\nSubject: " + "Привет".encode("koi8-r")
    assert parse(head + b"\r\n\r\nx").subject == "Привет"


def test_identifiers_lose_their_brackets_and_folds() -> None:
    got = mail(
        "Message-ID: <a.very.long\n identifier@x.example>\nIn-Reply-To: Your mail <p@x.example>\n"
        "References: <one@x.example><two@x.example>\n <one@x.example>"
    )
    assert got.message_id == "a.very.longidentifier@x.example"
    assert got.in_reply_to == ("p@x.example",)
    assert got.references == ("one@x.example", "two@x.example")
    assert mail("Message-ID: bare@x.example").message_id == "bare@x.example"
    assert mail(f"Message-ID: <{'x' * 999}@x.example>").message_id == ""


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("Mon, 6 Jun 2005 22:21:22 +0200", datetime(2005, 6, 6, 20, 21, 22, tzinfo=UTC)),
        ("6 Jun 2005 22:21:22 -0000", datetime(2005, 6, 6, 22, 21, 22, tzinfo=UTC)),
        ("6 Jun 2005 22:21:22", datetime(2005, 6, 6, 22, 21, 22, tzinfo=UTC)),
        ("Wed, 15 Dec 2010    59:10 -0500", None),
        ("yesterday", None),
        ("31 Dec 9999 23:00:00 -1400", None),
        ("1 Jan 99999999999 00:00:00 +0000", None),
    ],
)
def test_a_date_is_an_instant_in_utc_or_nothing(value: str, instant: datetime | None) -> None:
    assert mail(f"From: a@b.example\nDate: {value}").sent_at == instant


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("iso-8859-1", b"\x93quoted\x94", "“quoted”"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("us-ascii", b"Gr\xfc\xdfe", "Grüße"),
        ("utf-8", b"Gr\xfc\xdfe", "Grüße"),
        ("utf-8", "Grüße \u20ac".encode() + b"\xe2\x82", "Grüße €\ufffd"),
        ("utf-8", b"a\xed\xa0\x80b", "a\ufffdb"),
        ("utf-8", b"\xed\xa0\xbd\xed\xb8\x80", "😀"),
        ("shift_jis", "①②".encode("cp932"), "①②"),
        ("iso-2022-jp", b"\x1b$B-!\x1b(B", "①"),
        ("ks_c_5601-1987", "뷁".encode("cp949"), "뷁"),
        ("gb2312", "镕".encode("gbk"), "镕"),
        ("utf-7", b"+2AA-", "\ufffd"),
        ("zlib", b"caf\xc3\xa9", "café"),
        ("punycode", b"caf\xc3\xa9", "café"),
        ("x-unknown", b"caf\xe9", "café"),
        ("'utf-8'", "é".encode(), "é"),
        ("\u00e9", "é".encode(), "é"),
        ("utf-8", b"\xef\xbb\xbfmarked", "marked"),
    ],
)
def test_text_is_read_in_the_charset_that_was_meant(charset: str, data: bytes, text: str) -> None:
    assert mail(f'Content-Type: text/plain; charset="{charset}"', data).text == text


@pytest.mark.parametrize(
    ("encoding", "data", "content"),
    [
        ("base64", b"aGVs\r\nbG8=\r\n", b"hello"),
        ("BASE64 ", b"aGVsbG8", b"hello"),
        ("base64", b"aG*V sbG8=\r\n-- \r\nThe list's footer", b"hello"),
        ("base64", b"aGVsbG8=\r\naGVsbG8=\r\n", b"hellohello"),
        ("base64", b"aGVsbG8hA", b"hello!"),
        ("quoted-printable", b"a=20  \r\nb=  \r\nc=ZZ=e9", b"a \r\nbc=ZZ\xe9"),
        ("quoted printable", b"=E9", b"\xe9"),
        ("x-uuencode", b"begin 644 a.txt\r\n%:&5L;&\\\r\n`\r\nend\r\n", b"hello"),
        ("7-bit", b"as \xe9 is\r\n", b"as \xe9 is\r\n"),
        ("", b"as is", b"as is"),
        ("nonsense", b"as is", b"as is"),
    ],
)
def test_a_transfer_encoding_is_undone_leniently(encoding: str, data: bytes, content: bytes) -> None:
    got = mail(f"Content-Type: application/x-thing\nContent-Transfer-Encoding: {encoding}", data)
    assert [part.content for part in got.attachments] == [content]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="a;b \\"c\\".pdf"', 'a;b "c".pdf'),
        ("Content-Disposition: attachment; filename=two words.pdf", "two words.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8'de'%E2%82%AC.pdf; filename=x.pdf", "€.pdf"),
        (
            "Content-Disposition: attachment; filename*1=ll.pdf; filename*0*=iso-8859-1''%FC",
            "üll.pdf",
        ),
        ('Content-Disposition: attachment; filename="=?utf-8?Q?=C3=BC.pdf?="', "ü.pdf"),
        ('Content-Disposition: attachment; filename="C:\\dir\\a.pdf"', "a.pdf"),
        ("Content-Disposition: attachment; filename=../../etc/passwd", "passwd"),
        ("Content-Disposition: attachment; filename=..", "attachment.pdf"),
        ("Content-Disposition: inline\nContent-Location: http://x.example/p/b.pdf?q=1", "b.pdf"),
        ("Content-Disposition: attachment; filename=safe\u202efdp.exe", "safefdp.exe"),
        ("Content-Disposition: attachment; filename=" + "n" * 300 + ".pdf", "n" * 196 + ".pdf"),
        ("Content-Disposition: attachment", "attachment.pdf"),
    ],
)
def test_an_attachment_has_a_name_to_show_and_save(header: str, name: str) -> None:
    assert names(multipart("mixed", f"Content-Type: application/pdf\n{header}\n\nx")) == [name]


def test_of_an_alternative_the_plain_text_is_read_and_the_html_kept() -> None:
    got = multipart(
        "alternative", "Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>rich</p>"
    )
    assert (got.text, got.html, got.attachments) == ("plain", "<p>rich</p>", ())


def test_of_an_alternative_with_blank_plain_text_the_html_is_read() -> None:
    got = multipart("alternative", "\n \n", "Content-Type: text/html\n\n<p>rich</p>")
    assert (got.text, got.attachments) == ("rich", ())


def test_an_alternative_that_is_no_form_of_the_text_is_kept() -> None:
    got = multipart(
        "alternative",
        "\nCome!",
        "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR",
        "\nKomm!",
    )
    assert (got.text, names(got)) == ("Come!", ["invitation.ics", "text.txt"])


def test_text_around_a_picture_is_read_on() -> None:
    picture = "Content-Type: image/png\nContent-Disposition: inline\n\nPNG"
    got = multipart("mixed", "\nBefore", picture, "\nAfter", "Content-Type: text/html\n\n<b>End</b>")
    assert (got.text, names(got)) == ("Before\n\nAfter\n\nEnd", ["image.png"])
    assert got.html == "<pre>Before</pre>\n<pre>After</pre>\n<b>End</b>"


def test_html_that_repeats_the_text_beside_it_is_not_read_twice() -> None:
    got = multipart("mixed", "\nGood day,\nAnn", "Content-Type: text/html\n\n<p>Good day,<br>Ann</p>")
    assert (got.text, got.html) == ("Good day,\nAnn", "<p>Good day,<br>Ann</p>")


def test_a_named_or_attached_text_is_an_attachment() -> None:
    got = multipart(
        "mixed",
        "\nSee below",
        'Content-Type: text/plain; name="notes.txt"\nContent-Disposition: inline\n\nnotes',
        "Content-Disposition: attachment\n\nmore",
    )
    assert (got.text, names(got)) == ("See below", ["notes.txt", "text.txt"])


def test_a_named_text_is_the_words_where_there_are_no_others() -> None:
    assert multipart("mixed", "Content-Type: text/plain; name=body.txt\n\nHello").text == "Hello"
    got = multipart("mixed", "Content-Disposition: attachment; filename=body.txt\n\nHello")
    assert (got.text, names(got)) == ("", ["body.txt"])


def test_a_nested_message_is_one_attachment_with_its_bytes_as_they_stand() -> None:
    inner = "From old line\nSubject: Your: order\nFrom: x@y.example\n\n--a\n>From the shop\n"
    got = multipart("mixed", "\nForwarded", f"Content-Type: message/rfc822\n\n{inner}")
    [part] = got.attachments
    assert part.content == inner.replace("\n", "\r\n").encode()
    assert part.name == "Your- order.eml"
    assert multipart("digest", f"\n{inner}").attachments[0].content_type == "message/rfc822"


def test_every_part_of_a_report_that_is_not_its_words_is_kept() -> None:
    got = multipart(
        "report; report-type=delivery-status",
        "\nCould not deliver",
        "Content-Type: message/delivery-status\n\nStatus: 5.1.1",
        "Content-Type: text/rfc822-headers\n\nSubject: x",
    )
    assert got.text == "Could not deliver"
    assert names(got) == ["delivery-status.txt", "headers.txt"]
    assert got.automatic == "bounce"


def test_html_is_read_as_a_person_sees_it() -> None:
    page = (
        "<?xml version='1.0'?><style>p{}</style><title>no</title><div style='display:none'>preheader</div>"
        "<p>Dear <b>A</b>nn,&nbsp;&euro;&amp;lt;</p><ul><li>one<li>two</ul>"
        "<table><tr><td>Item</td><td>Cup</td></tr></table><!-- no -->"
    )
    got = mail("Content-Type: text/html", page)
    assert got.text == "Dear Ann, €&lt;\n\n  * one\n  * two\nItem  Cup"
    assert got.html == page


def test_html_tells_its_charset_where_the_header_does_not() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Привет</p>'
    assert mail("Content-Type: text/html", page.encode("koi8-r")).text == "Привет"


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Subject: My parcel", ""),
        ("Auto-Submitted: no", ""),
        ("Auto-Submitted: auto-generated", "auto-submitted"),
        ("Auto-Submitted: auto-replied (vacation)", "out of office"),
        ("X-Autoreply: yes", "out of office"),
        ("Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : x", "out of office"),
        ("Subject: Abwesenheitsnotiz", "out of office"),
        ("Return-Path: <>", "bounce"),
        ("From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail", "bounce"),
        ("From: postmaster@x.example\nSubject: Hello", "auto-submitted"),
        ("X-Failed-Recipients: a@b.example", "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification", "receipt"),
        ("Content-Type: multipart/report; report-type=feedback-report", "complaint"),
        ("Precedence: bulk", "list"),
        ("List-Id: <x.example>", "list"),
        (f"{LOOP_HEADER}: any", "loop"),
        ("\n".join(["Received: x"] * 50), "loop"),
    ],
)
def test_mail_of_machines_is_told_from_mail_of_people(head: str, why: str) -> None:
    assert mail(f"X-First: 1\n{head}").automatic == why
