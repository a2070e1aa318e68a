"""A raw mail as the facts the desk needs. Pure: no database, no Django; any bytes give an answer."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from tickets.channels.email.automatic import why_automatic
from tickets.channels.email.body import content_of, html_of, text_of
from tickets.channels.email.decode import clean_line
from tickets.channels.email.headers import Headers, addresses, identifiers, instant, words_decoded
from tickets.channels.email.mime import Entity

_ENVELOPE_LINE = re.compile(rb">?From (?![ \t]*:)")  # of an mbox file
_SENDER_FIELDS = ("from", "sender", "reply-to")
_RECIPIENT_FIELDS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True)
class Part:
    """Something that hangs on a mail: its bytes with the transfer encoding undone."""

    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """Digest of the bytes, in lower-case hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Mail:
    """What one mail says. All text is NFC without NUL or lone surrogates; lines end in LF."""

    message_id: str  # without angle brackets, like the two below; empty where there is none
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender_name: str
    sender: str  # bare address, domain in lower case; empty where none is usable
    recipients: tuple[str, ...]  # To, Cc, Delivered-To, X-Original-To, Envelope-To; each once
    subject: str
    text: str  # the words, quotes and signature included
    html: str  # the same as the sender laid it out, NOT yet safe to show; empty for plain mails
    attachments: tuple[Part, ...]
    sent_at: datetime | None  # UTC
    automatic: str  # why no person wrote it (`automatic.why_automatic`), or empty


def parse(raw: bytes) -> Mail:
    """Read one mail as it came, with LF, CRLF or CR line ends, with or without an mbox `From ` line.

    Never raises, whatever the bytes. Takes time linear in their number.
    """
    message = Entity(as_message(raw))
    content = content_of(message)
    headers = message.headers
    charset = message.charset or next((block.entity.charset for block in content.texts), "")
    name, sender = _sender(headers, charset)
    return Mail(
        message_id=next(iter(identifiers(headers.every("message-id"))), ""),
        in_reply_to=identifiers(headers.every("in-reply-to")),
        references=identifiers(headers.every("references")),
        sender_name=name,
        sender=sender,
        recipients=_recipients(headers, charset),
        subject=words_decoded(headers.first("subject", charset)),
        text=text_of(content),
        html=html_of(content),
        attachments=tuple(_part(entity) for entity in content.attachments),
        sent_at=next(filter(None, map(instant, headers.every("date"))), None),
        automatic=why_automatic(message, sender),
    )


def as_message(raw: bytes) -> bytes:
    """The bytes from the first header line on, with line ends that can be told."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if _ENVELOPE_LINE.match(raw):
        raw = raw.partition(b"\n")[2]
    return raw


def _sender(headers: Headers, charset: str) -> tuple[str, str]:
    """Name and address of who wrote; of two `From` the first usable one, then `Sender`, then `Reply-To`."""
    named = ""
    for field in _SENDER_FIELDS:
        for value in headers.every(field, charset):
            for name, address in addresses(value):
                if address:
                    return name or named, address
                named = named or name
    return named, ""


def _recipients(headers: Headers, charset: str) -> tuple[str, ...]:
    values = (value for field in _RECIPIENT_FIELDS for value in headers.every(field, charset))
    return tuple(dict.fromkeys(address for value in values for _, address in addresses(value) if address))


def _part(entity: Entity) -> Part:
    return Part(clean_line(entity.name), entity.content_type, entity.content)
