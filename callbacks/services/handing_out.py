"""The moment a window opens: each promise becomes due exactly once, whoever looks and however many look at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from callbacks.models import CallbackPolicy
from contactcenter import clock

CLAIM_AT_ONCE = 1000

# One statement claims, marks, logs and tells the owners: what is due at one minute may be very many. A call that nobody
# takes is looked at again when supervisors are to be told (as `offering.told_after` says), a task when its window ends.
# What is over already is missed, and nobody is told that it begins.
CLAIM = """
WITH claimed AS (
    SELECT id, brand_id, state FROM callbacks_callback
    WHERE look_at <= %(at)s AND state IN ('promised', 'no_answer', 'moved') AND window_from <= %(at)s
    ORDER BY look_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), handed AS (
    UPDATE callbacks_callback c
    SET state = 'due', due_since = %(at)s, look_at = CASE WHEN c.kind = 'task' THEN c.window_to
        ELSE LEAST(c.window_to, %(at)s + make_interval(mins => COALESCE(p.team_minutes, %(team)s)
            + CASE WHEN c.owner_id IS NULL THEN 0 ELSE COALESCE(p.owner_minutes, %(owner)s) END)) END
    FROM claimed LEFT JOIN callbacks_callbackpolicy p ON p.brand_id = claimed.brand_id
    WHERE c.id = claimed.id
    RETURNING c.id, c.brand_id, c.owner_id, c.kind, c.ticket_id, c.window_from, c.window_to
), logged AS (
    INSERT INTO callbacks_callbackevent (callback_id, kind, actor, at, data)
    SELECT id, 'due', 'house', %(at)s, jsonb_build_object('before', jsonb_build_object('state', state))
    FROM claimed
), told AS (
    INSERT INTO agents_notification (brand_id, agent_id, kind, subject, data, key, at)
    SELECT h.brand_id, h.owner_id, 'callback_due', COALESCE(b.code || '-' || t.number, '#' || h.id),
        jsonb_build_object('callback', h.id), 'callback:' || h.id || ':callback_due:' || h.window_from, %(at)s
    FROM handed h LEFT JOIN tickets_ticket t ON t.id = h.ticket_id LEFT JOIN agents_brand b ON b.id = t.brand_id
    WHERE h.owner_id IS NOT NULL AND h.window_to > %(at)s
    ON CONFLICT DO NOTHING
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
    usual = CallbackPolicy()
    asked: dict[str, Any] = {
        "at": at or clock.now(),
        "limit": limit,
        "team": usual.team_minutes,
        "owner": usual.owner_minutes,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, asked)
        return [Handed(*row) for row in cursor.fetchall()]
