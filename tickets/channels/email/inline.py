"""The parts of a mail that its HTML names by their Content-ID."""

import hashlib

from tickets.channels.email.mime import DEEPEST, MOST_PARTS, Entity, parts_of
from tickets.channels.email.parse import as_message


def content_ids(raw: bytes) -> dict[str, str]:
    """For each Content-ID in a raw mail, without its brackets, the digest of that part's bytes.

    Never raises, whatever the bytes; looks at as many parts, and as deep, as reading the mail does.
    """
    found: dict[str, str] = {}
    waiting, left = [(Entity(as_message(raw)), 0)], MOST_PARTS
    while waiting:
        entity, depth = waiting.pop()
        if entity.is_multipart and depth < DEEPEST and left > 0:
            parts, _rest = parts_of(entity, left)
            left -= len(parts)
            waiting += [(part, depth + 1) for part in parts]
        elif name := entity.headers.first("content-id").strip().strip("<>"):
            found.setdefault(name, hashlib.sha256(entity.content).hexdigest())
    return found
