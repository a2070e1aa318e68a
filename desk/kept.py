"""Files of customers as they lie on the disk."""

from __future__ import annotations

import logging
from typing import IO, Any

from django.http import Http404

from tickets.models import Attachment

log = logging.getLogger(__name__)
# What every browser shows, and nothing of which can run.
FIRST_BYTES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
PICTURES = frozenset({*FIRST_BYTES.values(), "image/webp", "image/jpg", "image/pjpeg"})


def opened_file(row: Attachment) -> IO[Any]:
    """The bytes of a file, to be read and closed by the caller; 404, and a line in the log, where they are gone."""
    try:
        return row.file.open("rb")
    except FileNotFoundError:
        log.error("the file of attachment %s is gone: %s", row.pk, row.file.name)
        raise Http404 from None


def printable(name: str) -> str:
    """A name for a header: no line ends, no marks that turn words round."""
    return "".join(sign for sign in name if sign.isprintable())


def kind_of_picture(row: Attachment) -> str:
    """The type of a picture by its first bytes, whatever it says it is; "" for everything else."""
    with opened_file(row) as content:
        head = content.read(16)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for first, kind in FIRST_BYTES.items() if head.startswith(first)), "")
