"""Proves the audit of tickets in the database: every line follows from the one before, and none has gone.

Each statement sees one snapshot, in which every deed is whole, so that nothing has to stand still while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from tickets.chain import LINE

NAMED_AT_MOST = 100  # tickets that are told by name for each brand; the others are counted

# The first bad line of each ticket that has one, and how many there are.
BROKEN = f"""
WITH line AS (
    SELECT ticket_id, seq, digest, row_number() OVER chain AS number,
        tickets_event_digest(lag(digest, 1, '') OVER chain, {LINE}) AS fits
    FROM tickets_ticketevent {{narrowed}}
    WINDOW chain AS (PARTITION BY ticket_id ORDER BY seq)
), bad AS (
    SELECT DISTINCT ON (ticket_id) ticket_id, number, seq, digest, fits FROM line
    WHERE seq <> number OR digest <> fits ORDER BY ticket_id, number
), numbered AS (
    SELECT ticket.brand_id, brand.code || '-' || ticket.number AS reference, bad.*,
        row_number() OVER (PARTITION BY ticket.brand_id ORDER BY ticket.id) AS place,
        count(*) OVER (PARTITION BY ticket.brand_id) AS broken
    FROM bad JOIN tickets_ticket ticket ON ticket.id = bad.ticket_id
    JOIN agents_brand brand ON brand.id = ticket.brand_id
)
SELECT brand_id, broken, reference, number, seq, digest, fits FROM numbered
WHERE place <= {NAMED_AT_MOST} ORDER BY brand_id, place
"""  # noqa: S608  our own words

# The lines of each brand, the newest of them, and how many of those that the last proof read are there still.
LINES = """
SELECT ticket.brand_id, brand.code, count(line.id), coalesce(max(line.id), 0),
    count(line.id) FILTER (WHERE line.id <= last.newest), coalesce(max(last.lines), 0)
FROM tickets_ticket ticket JOIN agents_brand brand ON brand.id = ticket.brand_id
LEFT JOIN tickets_ticketevent line ON line.ticket_id = ticket.id
LEFT JOIN (SELECT DISTINCT ON (brand_id) brand_id, lines, newest FROM tickets_ticketproof
           ORDER BY brand_id, at DESC, id DESC) last ON last.brand_id = ticket.brand_id
GROUP BY 1, 2 ORDER BY 1
"""


@dataclass
class Answer:
    """What a brand's audit comes to: how many lines, up to which id, in how many tickets broken, the first by name."""

    lines: int = 0
    newest: int = 0
    broken: int = 0
    findings: list[dict[str, str | int]] = field(default_factory=list)


def prove(*, ticket: int | None = None) -> dict[int, Answer]:
    """By brand (id) what the audit of all tickets comes to, or of one (id); of one, missing ends are not looked for."""
    answers: dict[int, Answer] = {}
    with connection.cursor() as cursor:
        if ticket is None:
            cursor.execute(LINES)
            for brand, code, lines, newest, kept, before in cursor.fetchall():
                answers[brand] = answer = Answer(lines, newest)
                if kept < before:
                    answer.broken += 1
                    answer.findings.append(_told(code, "lines", 0, str(before), str(kept)))
            cursor.execute(BROKEN.format(narrowed=""))
        else:
            cursor.execute(BROKEN.format(narrowed="WHERE ticket_id = %s"), [ticket])
        for brand, broken, reference, number, seq, digest, fits in cursor.fetchall():
            answer = answers.setdefault(brand, Answer())
            if not answer.findings or answer.findings[-1]["check"] == "lines":
                answer.broken += broken
            if seq != number:
                answer.findings.append(_told(reference, "number", number, str(number), str(seq)))
            else:
                answer.findings.append(_told(reference, "chain", number, fits, digest))
    return answers


def _told(subject: str, check: str, line: int, expected: str, found: str) -> dict[str, str | int]:
    return {"ticket": subject, "check": check, "line": line, "expected": expected, "found": found}
