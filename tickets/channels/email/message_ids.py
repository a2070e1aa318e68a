"""The name of a mail of ours, signed: an answer that carries it belongs to that ticket, and nobody can make one up."""

from __future__ import annotations

import re

from django.core import signing
from django.utils.crypto import constant_time_compare

from tickets.models import Message

SALT = "tickets.mail"
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


def _signature(pk: int) -> str:
    return signing.Signer(salt=SALT).signature(str(pk))[:27]
