"""The chain of a ticket's audit: each line bears a digest of itself and of the line before it.

What a digest is taken over stands in one place, the database's function `tickets_event_digest` (migration 0020):
the digest before, ticket, number, kind, actor, agent, instant in microseconds, and the data as jsonb prints it.
"""

from __future__ import annotations

import pgtrigger
from django.db import connection

# A trigger instead of a step of the deeds: it costs no question, and no writer can go past it, COPY included. The
# ticket's lock keeps two writers apart; where it is missing the second is refused by `tickets_ticketevent_seq_once`.
CHAINED = pgtrigger.Trigger(
    name="chained",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
    SELECT seq, digest INTO NEW.seq, NEW.digest FROM tickets_ticketevent
    WHERE ticket_id = NEW.ticket_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(NEW.seq, 0) + 1;
    NEW.digest := tickets_event_digest(coalesce(NEW.digest, ''), NEW.ticket_id, NEW.seq, NEW.kind, NEW.actor, NEW.by_id,
        NEW.at, NEW.data);
    RETURN NEW;
    """,
)
LINE = "ticket_id, seq, kind, actor, by_id, at, data"

CHAIN_AGAIN = f"""
UPDATE tickets_ticketevent line SET digest = chained.digest
FROM (SELECT id, tickets_event_chain({LINE}) OVER (PARTITION BY ticket_id ORDER BY seq) AS digest
      FROM tickets_ticketevent) chained
WHERE line.id = chained.id AND line.digest <> chained.digest
"""  # noqa: S608  our own words


def chain_again() -> None:
    """Give every line the digest that fits it: for the demo alone, whose instants move with its guards set aside."""
    with connection.cursor() as cursor:
        cursor.execute(CHAIN_AGAIN)
