"""The key of a deed makes a repeat harmless: the same content is answered with what is there, other content refused."""

from __future__ import annotations

import hashlib
import json

from django.db import connection, models
from django.utils.translation import gettext as _

from contactcenter.errors import Refused


def claim(table: type[models.Model], key: str) -> None:
    """Stand in line for `key` of `table` until the transaction ends; only then look for an earlier row.

    A key is unique in its whole table, the lock of a ticket or an account keeps only its own repeats apart.
    Call it once a deed and after the deed's row is locked, so that nobody waits for a row with a key in hand.
    """
    name = f"{table._meta.db_table}:{key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def digest(*content: object) -> str:
    """What was asked for, in 64 characters to keep beside the key: plain values that JSON knows."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def conflict() -> Refused:
    """The refusal of a key that came before with other content."""
    return Refused("key_conflict", _("This request was made before with other content."))
