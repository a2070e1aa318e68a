"""Links that open one thing to whoever has them: signed, with a purpose, a brand and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from contactcenter.errors import Refused

SEPARATOR = "~"  # survives in every mail program, and stands in no part


@dataclass(frozen=True)
class Opened:
    """What a link is for: the row of its brand."""

    brand: int
    subject: int


def token(purpose: str, *, brand: int, subject: int, until: datetime) -> str:
    """A word for an address that opens the row `subject` of `brand` for `purpose`, up to the instant `until`."""
    return _signer(purpose).sign(f"{brand}.{subject}.{int(until.timestamp())}")


def opened(word: str, purpose: str, *, at: datetime) -> Opened:
    """What a token opens at `at`. Refused: `no_link` for what we never wrote, `link_ended` after its end."""
    try:
        brand, subject, until = map(int, _signer(purpose).unsign(word).split("."))
    except (signing.BadSignature, ValueError):
        raise Refused("no_link", _("This link is not one of ours. Perhaps it was cut off.")) from None
    if datetime.fromtimestamp(until, UTC) <= at:
        raise Refused("link_ended", _("This link has ended."))
    return Opened(brand, subject)


def url(path: str) -> str:
    """The whole address of a path of ours, as it stands in a letter."""
    return settings.PUBLIC_URL.rstrip("/") + path


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"contactcenter.links.{purpose}", sep=SEPARATOR)
