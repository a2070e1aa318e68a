"""The moment a window opens: each promise becomes due exactly once, whoever looks and however many look at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from contactcenter import clock

CLAIM_AT_ONCE = 1000

# One statement claims, marks and logs: what is due at one minute may be very many. A call is looked at again at once,
# to be offered; a task when its window ends.
CLAIM = """
WITH claimed AS (
    SELECT id, state, window_from, window_to FROM callbacks_callback
    WHERE look_at <= %(at)s AND state IN ('promised', 'no_answer', 'moved') AND window_from <= %(at)s
    ORDER BY look_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), handed AS (
    UPDATE callbacks_callback c
    SET state = 'due', due_since = %(at)s,
        look_at = CASE WHEN c.kind = 'call' THEN LEAST(c.window_to, %(at)s) ELSE c.window_to END
    FROM claimed WHERE c.id = claimed.id
    RETURNING c.id, c.brand_id, c.owner_id, c.kind
), logged AS (
    INSERT INTO callbacks_callbackevent (callback_id, kind, actor, at, data)
    SELECT id, 'due', 'house', %(at)s, jsonb_build_object('before', jsonb_build_object('state', state))
    FROM claimed
)
SELECT id, brand_id, owner_id, kind FROM handed ORDER BY id
"""


class Handed(NamedTuple):
    """A promise that became due: its id, brand and owner, and whether it is a call or a task."""

    pk: int
    brand: int
    owner: int | None
    kind: str


@transaction.atomic
def claim_due(*, at: datetime | None = None, limit: int = CLAIM_AT_ONCE) -> list[Handed]:
    """Hand out promises whose window has opened by `at`, at most `limit`; each goes to exactly one caller."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"at": at or clock.now(), "limit": limit})
        return [Handed(*row) for row in cursor.fetchall()]
