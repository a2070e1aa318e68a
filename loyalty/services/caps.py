"""How much of a rule's caps is left for a member: what it gave them on a day, and ever, on merged accounts too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from contactcenter import clock
from loyalty.models import Account
from loyalty.rulebook import Rulebook

# What was taken back later was given all the same: else buying and giving back would open the cap again.
GIVEN = """
WITH asked AS MATERIALIZED (
    SELECT account, day_from, day_to, ARRAY(
        WITH RECURSIVE merged AS (
            SELECT account AS id
            UNION ALL SELECT m.id FROM merged JOIN loyalty_account m ON m.merged_into_id = merged.id
        ) SELECT id FROM merged
    ) AS own
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS w(account, day_from, day_to)
)
SELECT asked.account, part ->> 'rule',
    sum((part ->> 'points')::bigint),
    coalesce(sum((part ->> 'points')::bigint)
        FILTER (WHERE given.occurred_at >= asked.day_from AND given.occurred_at < asked.day_to), 0)
FROM asked
JOIN LATERAL (
    SELECT occurred_at, breakdown FROM loyalty_entry WHERE account_id = ANY (own) AND kind = 'earn'
    UNION ALL
    SELECT occurred_at, breakdown FROM loyalty_pendinggrant WHERE account_id = ANY (own) AND state <> 'matured'
) AS given ON true
CROSS JOIN LATERAL jsonb_array_elements(given.breakdown -> 'rules') AS part
WHERE part ->> 'rule' = ANY(%s)
GROUP BY 1, 2
"""


def left_for(asked: Sequence[tuple[Account, datetime]], rules: Rulebook) -> dict[int, dict[str, int]]:
    """What is left below the caps at each instant: account (id) to rule to points; rules without caps are left out.

    The accounts are locked, and each is asked for once.
    """
    capped = {
        (account.pk, rule.code): (
            terms,
            clock.day(at.astimezone(account.programme.zone).date(), account.programme.zone),
        )
        for account, at in asked
        for rule in rules.of_programme(account.programme_id)
        if (terms := rule.at(at)) and terms.is_capped
    }
    if not capped:
        return {}
    given = _given(
        {account: day for (account, _rule), (_terms, day) in capped.items()}, {rule for _a, rule in capped}
    )
    left: dict[int, dict[str, int]] = {}
    for (account, rule), (terms, _day) in capped.items():
        ever, today = given.get((account, rule), (0, 0))
        bounds = [
            cap - used
            for cap, used in ((terms.cap_per_customer, ever), (terms.cap_per_day, today))
            if cap is not None
        ]
        left.setdefault(account, {})[rule] = max(0, min(bounds))
    return left


def _given(
    days: dict[int, tuple[datetime, datetime]], rules: set[str]
) -> dict[tuple[int, str], tuple[int, int]]:
    """Points by account and rule: given ever, and given on the account's day."""
    starts, ends = [day[0] for day in days.values()], [day[1] for day in days.values()]
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [list(days), starts, ends, sorted(rules)])
        return {(account, rule): (int(ever), int(today)) for account, rule, ever, today in cursor.fetchall()}
