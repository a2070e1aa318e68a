"""The name of a mail of ours, signed: an answer that carries it belongs to that ticket, and nobody can make one up."""

from __future__ import annotations

import re

from django.core import signing
from django.utils.crypto import constant_time_compare

from tickets.models import Message, Ticket

SALT = "tickets.mail"
LETTER = re.compile(r"^ld\.(\d{1,18})\.([a-z]{3,20})\.([\w-]{20,})@")
OURS = re.compile(r"^ld\.(\d{1,18})\.([\w-]{20,})@")


def of(message: Message, domain: str) -> str:
    """The Message-ID of an outbound message, without angle brackets; the same at every try to send it."""
    return f"ld.{message.pk}.{_signature(message.pk)}@{domain}"


def ours_in(ids: list[str]) -> int | None:
    """The primary key of the last message of ours that `ids` names with a true signature, else None."""
    for name in reversed(ids):
        found = OURS.match(name)
        if found and constant_time_compare(found[2], _signature(int(found[1]))):
            return int(found[1])
    return None


def of_letter(ticket: Ticket, what: str, domain: str) -> str:
    """The Message-ID of a letter about a ticket that is no message of it: an answer to it belongs to the ticket."""
    return f"ld.{ticket.pk}.{what}.{_signature(f'{what}.{ticket.pk}')}@{domain}"


def ticket_in(ids: list[str]) -> int | None:
    """The primary key of the ticket whose letter `ids` names last with a true signature, else None."""
    for name in reversed(ids):
        found = LETTER.match(name)
        if found and constant_time_compare(found[3], _signature(f"{found[2]}.{found[1]}")):
            return int(found[1])
    return None


def is_plain(name: str) -> bool:
    """Whether a stranger's Message-ID may stand in a header of ours."""
    return name.isascii() and name.isprintable() and not set(name) & set(" <>") and len(name) < 250


def _signature(of: int | str) -> str:
    return signing.Signer(salt=SALT).signature(str(of))[:27]
