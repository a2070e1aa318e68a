"""How what happens on tickets becomes a job for the rules that wait for it: triggers, with the row that tells of it.

A serial number is not the order of commits, so no cursor over the audit would do. The job is a row of its own, written
by the statement that writes the line or the message; nobody sees it before its deed has committed. It costs a look
into the rules of the brand where one waits for this kind of event, and nothing is written where none does.
"""

from __future__ import annotations

import pgtrigger

# How many rules stand between a person and the deed that is going on; set by the runner for its own transaction.
DEPTH = "tickets.rule_depth"

_WRITE = """
INSERT INTO tickets_occasion (brand_id, ticket_id, event, at, depth)
SELECT DISTINCT r.brand_id, a.ticket_id, v.event, a.at, coalesce(nullif(current_setting('{depth}', true), ''), '0')::int
FROM (SELECT ticket_id, {event} AS event, {at} AS at FROM added) a
JOIN tickets_ticket t ON t.id = a.ticket_id
JOIN tickets_rule r ON r.brand_id = t.brand_id AND r.is_active
JOIN tickets_ruleversion v ON v.id = r.live_id AND v.event = a.event;
RETURN NULL;
"""


def _occasions(event: str, at: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="occasions",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="added"),
        func=_WRITE.format(depth=DEPTH, event=event, at=at),
    )


OF_EVENTS = _occasions("kind", "at")
OF_MESSAGES = _occasions(
    "CASE kind WHEN 'inbound' THEN 'heard' WHEN 'outbound' THEN 'answered' END", "created_at"
)
