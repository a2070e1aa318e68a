"""Whether people come back who were given something, beside customers like them with a like failure and no grant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from agents.models import Brand
from goodwill.reports.difference import Difference, Stratum, difference
from goodwill.reports.failures import USUAL, like_failure, severity_of
from goodwill.reports.standing import GIVEN_AT, THINGS, tier_at

FRESH = timedelta(days=90)  # before the failure, in which neither side was given anything
GIVEN_WITHIN = timedelta(days=14)  # after the ticket was opened; what came later did not answer this failure
AGAIN_WITHIN = timedelta(days=14)  # after a grant, in which a new ticket is a repeated contact
OUTCOMES = ("buys_30", "buys_90", "writes_again", "content")
ALIKE = 7  # columns of a stratum that say who is alike
FAILURE, PRIORITY, INCIDENT = like_failure("t")
# Answered: an apology that somebody chose. Delight and pledges touch a ticket, but answer no failure of its reason.
ANSWERS = "r.state = 'posted' AND g.kind = 'apology' AND r.pledge_id IS NULL"
# The first failure of each customer in these days; what each was like when it began; what came of it.
UNITS = f"""
WITH asked AS MATERIALIZED (
    SELECT coalesce(t.merged_into_id, t.id) AS id, min({GIVEN_AT}) FILTER (WHERE {ANSWERS}) AS given_at,
        bool_or(r.state NOT IN ('declined', 'withdrawn', 'lapsed')) AS is_touched,
        (array_agg(g.severity ORDER BY ({ANSWERS}) DESC, r.asked_at, r.id)
            FILTER (WHERE g.kind = 'apology' AND r.pledge_id IS NULL))[1] AS severity
    FROM goodwill_request r JOIN goodwill_reason g ON g.id = r.reason_id
        JOIN tickets_ticket t ON t.id = r.ticket_id {THINGS}
    WHERE r.brand_id = %(brand)s AND r.asked_at >= %(since)s AND r.asked_at < %(until)s + %(given_within)s
    GROUP BY 1
), answered AS MATERIALIZED (
    SELECT {FAILURE} AS failure, {PRIORITY} AS priority, asked.severity FROM asked JOIN tickets_ticket t USING (id)
    WHERE asked.given_at IS NOT NULL AND {FAILURE} IS NOT NULL
), usual AS MATERIALIZED ({USUAL}), firsts AS MATERIALIZED (
    SELECT DISTINCT ON (t.customer_id) t.id, t.customer_id, t.opened_at, {FAILURE} AS failure,
        {PRIORITY} AS priority, {INCIDENT} AS incident
    FROM tickets_ticket t
    WHERE t.brand_id = %(brand)s AND t.opened_at >= %(since)s AND t.opened_at < %(until)s
        AND t.merged_into_id IS NULL AND {FAILURE} IN (SELECT failure FROM usual)
    ORDER BY t.customer_id, t.opened_at, t.id
), earlier AS MATERIALIZED (
    SELECT t.customer_id, r.asked_at FROM goodwill_request r JOIN tickets_ticket t ON t.id = r.ticket_id
    WHERE r.brand_id = %(brand)s AND r.asked_at >= %(since)s - %(fresh)s AND r.asked_at < %(until)s
        AND r.state = 'posted'
), typical AS (
    SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY given_at - opened_at), interval '0') AS wait
    FROM firsts JOIN asked USING (id) WHERE given_at >= opened_at
), units AS MATERIALIZED (
    SELECT firsts.*, given_at IS NOT NULL AS given, coalesce(given_at, opened_at + wait) AS zero,
        {severity_of("firsts", "asked.severity")} AS severity
    FROM firsts CROSS JOIN typical LEFT JOIN asked USING (id)
    WHERE (asked.is_touched IS NOT TRUE OR given_at BETWEEN opened_at AND opened_at + %(given_within)s)
        AND NOT EXISTS (
            SELECT FROM earlier WHERE earlier.customer_id = firsts.customer_id
                AND earlier.asked_at < firsts.opened_at AND earlier.asked_at >= firsts.opened_at - %(fresh)s
        )
), known AS MATERIALIZED (
    SELECT units.*, coalesce(year.spent, 0) AS spent, opened_at - year.last_at AS since_last,
        {tier_at("units.customer_id", "units.opened_at")} AS tier,
        back.at AS back_at, again.id IS NOT NULL AS writes_again, survey.score
    FROM units
    LEFT JOIN LATERAL (
        SELECT sum(o.total_minor - o.refunded_minor) AS spent, max(o.placed_at) AS last_at
        FROM customers_order o WHERE o.customer_id = units.customer_id AND o.status <> 'cancelled'
            AND o.placed_at > units.opened_at - interval '365 days' AND o.placed_at <= units.opened_at
    ) year ON true
    LEFT JOIN LATERAL (
        SELECT min(o.placed_at) AS at FROM customers_order o
        WHERE o.customer_id = units.customer_id AND o.status <> 'cancelled'
            AND o.placed_at > units.zero AND o.placed_at <= units.zero + interval '90 days'
    ) back ON true
    LEFT JOIN LATERAL (
        SELECT n.id FROM tickets_ticket n WHERE n.customer_id = units.customer_id
            AND n.opened_at > units.zero AND n.opened_at <= units.zero + %(again_within)s
            AND EXISTS (SELECT FROM tickets_message m WHERE m.ticket_id = n.id AND m.kind = 'inbound')
        LIMIT 1
    ) again ON true
    LEFT JOIN tickets_survey survey ON survey.ticket_id = units.id AND survey.state = 'answered'
        AND coalesce(survey.changed_at, survey.answered_at) > units.zero
)
"""  # noqa: S608  our own words
# Worth falls into tenths, and nothing spent into a class of its own: with fifths the better customers within one made
# up a percentage point.
STRATA = "".join(
    [
        UNITS,
        """
, tenths AS (
    SELECT percentile_cont(ARRAY[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) WITHIN GROUP (ORDER BY spent) AS ends
    FROM known WHERE spent > 0
), old AS (
    SELECT *, zero + interval '30 days' <= %(at)s AS old_30, zero + interval '90 days' <= %(at)s AS old_90,
        zero + %(again_within)s <= %(at)s AS old_again
    FROM known
)
SELECT failure, priority, incident, severity, tier,
    CASE WHEN spent <= 0 OR ends IS NULL THEN -1 ELSE width_bucket(spent::float, ends) END AS worth,
    CASE WHEN since_last IS NULL THEN -1
        ELSE width_bucket(extract(epoch FROM since_last) / 86400, ARRAY[30, 90, 180]) END AS recency,
    count(*) FILTER (WHERE given AND old_30),
    count(*) FILTER (WHERE given AND old_30 AND back_at <= zero + interval '30 days'),
    count(*) FILTER (WHERE NOT given AND old_30),
    count(*) FILTER (WHERE NOT given AND old_30 AND back_at <= zero + interval '30 days'),
    count(*) FILTER (WHERE given AND old_90), count(*) FILTER (WHERE given AND old_90 AND back_at IS NOT NULL),
    count(*) FILTER (WHERE NOT given AND old_90), count(*) FILTER (WHERE NOT given AND old_90 AND back_at IS NOT NULL),
    count(*) FILTER (WHERE given AND old_again), count(*) FILTER (WHERE given AND old_again AND writes_again),
    count(*) FILTER (WHERE NOT given AND old_again), count(*) FILTER (WHERE NOT given AND old_again AND writes_again),
    count(score) FILTER (WHERE given), count(*) FILTER (WHERE given AND score >= 4),
    count(score) FILTER (WHERE NOT given), count(*) FILTER (WHERE NOT given AND score >= 4)
FROM old LEFT JOIN tenths ON true
GROUP BY 1, 2, 3, 4, 5, 6, 7
""",
    ]
)


@dataclass(frozen=True)
class Comparison:
    """For each of OUTCOMES the difference; `nameless` is how many grants stand on tickets without a contact reason."""

    outcomes: dict[str, Difference]
    nameless: int = 0


def comparison(brand: Brand, *, since: datetime, until: datetime, at: datetime) -> Comparison:
    """Customers whose first failure in [since, until) was answered with an apology, beside those with none.

    Each customer counts once. A failure is a ticket with a contact reason about which an apology was given in these
    days; alike are those of the same reason, priority and incident (`like_failure`) and severity (`severity_of`), of
    the same tier, tenth of spend in the twelve months before, and time since the last order, all as of the opening of
    the ticket. Left out on both sides: who was given something in the 90 days before; who was given only delight or by
    a pledge, asked for, offered a choice or called instead, or had it taken back. Counted is from the grant, for the
    others from as long after the opening as a grant usually takes; who was not watched for long enough by `at` is left
    out of that outcome. `buys_…`: an order, not cancelled, within 30 or 90 days; `writes_again`: a new ticket of theirs
    within 14 days; `content`: four or five of five, among those who answered after it.
    """
    asked: dict[str, Any] = {
        "brand": brand.pk, "since": since, "until": until, "at": at, "fresh": FRESH,
        "given_within": GIVEN_WITHIN, "again_within": AGAIN_WITHIN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(STRATA, asked)
        rows = cursor.fetchall()
        cursor.execute(NAMELESS, asked)
        (nameless,) = cursor.fetchone()
    return Comparison(
        {name: difference(_strata(rows, number)) for number, name in enumerate(OUTCOMES)}, nameless
    )


NAMELESS = f"""
SELECT count(*) FROM goodwill_request r JOIN goodwill_reason g ON g.id = r.reason_id
    JOIN tickets_ticket t ON t.id = r.ticket_id
WHERE r.brand_id = %(brand)s AND r.asked_at >= %(since)s AND r.asked_at < %(until)s AND {ANSWERS}
    AND {FAILURE} IS NULL
"""  # noqa: S608  our own words


def _strata(rows: Iterable[tuple[int, ...]], number: int) -> Iterable[Stratum]:
    first = ALIKE + 4 * number
    return (Stratum(*row[first : first + 4]) for row in rows)
