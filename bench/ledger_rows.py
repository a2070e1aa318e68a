"""A ledger of any size, written in SQL: sound to every invariant, for what must not grow dearer with its length."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from agents.models import Brand
from contactcenter import clock
from customers.models import Customer
from loyalty.models import Account, Programme

EACH = 10  # points of a line

# Of each account the first `paired` lines are turns of 10 given and 10 spent, then come lines that only give.
ENTRIES = """
INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash,
    "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
SELECT account, seq, CASE WHEN gives THEN 'earn' ELSE 'redeem' END,
    CASE WHEN gives THEN 'issue.order' ELSE 'redeem.reward' END, CASE WHEN gives THEN 10 ELSE -10 END, 0,
    CASE WHEN seq <= %(paired)s THEN seq %% 2 * 10 ELSE (seq - %(paired)s) * 10 END,
    'rows:' || account || ':' || seq, '', '', at, at, at, CASE WHEN gives THEN 'order:R-' || seq ELSE '' END, '', '{}'
FROM unnest(%(accounts)s::bigint[]) AS account, generate_series(1, %(lines)s) AS seq,
    LATERAL (SELECT seq > %(paired)s OR seq %% 2 = 1 AS gives,
                    %(now)s - (%(lines)s - seq + 1) * interval '5 minutes' AS at) AS told
"""
LOTS = """
INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, is_open, contra, expires_at)
SELECT account_id, id, 10, CASE WHEN seq > %(paired)s THEN 10 ELSE 0 END, seq > %(paired)s, contra,
    %(ends)s + seq %% 12 * interval '30 days'
FROM loyalty_entry WHERE account_id = ANY(%(accounts)s) AND points > 0
"""
USES = """
INSERT INTO loyalty_lotuse (entry_id, lot_id, points)
SELECT spent.id, lot.id, 10 FROM loyalty_entry AS spent
JOIN loyalty_entry AS given ON given.account_id = spent.account_id AND given.seq = spent.seq - 1
JOIN loyalty_lot AS lot ON lot.entry_id = given.id
WHERE spent.account_id = ANY(%(accounts)s) AND spent.points < 0
"""
TOTALS = """
UPDATE loyalty_account SET version = %(lines)s, balance = (%(lines)s - %(paired)s) * 10,
    lifetime_earned = (%(lines)s - %(paired)s / 2) * 10, lifetime_redeemed = %(paired)s / 2 * 10,
    next_expiry = (SELECT min(expires_at) FROM loyalty_lot WHERE account_id = loyalty_account.id AND is_open)
WHERE id = ANY(%(accounts)s)
"""

# What ending all open lots of accounts comes to, told once for all of them.
ENDED = (
    """
    INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash,
        "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
    SELECT id, version + 1, 'expire', 'expire', -balance, 0, 0, 'rows:end:' || id, '', '', %(now)s, %(now)s, %(now)s,
        '', '', '{}'
    FROM loyalty_account WHERE id = ANY(%(accounts)s)
    """,
    """
    INSERT INTO loyalty_lotuse (entry_id, lot_id, points)
    SELECT entry.id, lot.id, lot.remaining FROM loyalty_account AS account
    JOIN loyalty_entry AS entry ON entry.account_id = account.id AND entry.seq = account.version + 1
    JOIN loyalty_lot AS lot ON lot.account_id = account.id AND lot.is_open
    WHERE account.id = ANY(%(accounts)s)
    """,
    """
    UPDATE loyalty_lot SET remaining = 0, is_open = false WHERE account_id = ANY(%(accounts)s) AND is_open
    """,
    """
    UPDATE loyalty_account SET version = version + 1, lifetime_expired = balance, balance = 0, next_expiry = NULL
    WHERE id = ANY(%(accounts)s)
    """,
)


def accounts(brand: Brand, count: int) -> list[int]:
    """So many members of a brand that has a programme, with nothing on their accounts; gives the accounts' ids."""
    programme = Programme.objects.get(brand=brand)
    people = Customer.objects.bulk_create(
        Customer(brand=brand, name=f"Member {number}") for number in range(count)
    )
    rows = Account.objects.bulk_create(
        Account(brand=brand, programme=programme, customer=one, number=f"{programme.code}-R{one.pk}".upper())
        for one in people
    )
    return [row.pk for row in rows]


@transaction.atomic
def lines(accounts: list[int], each: int, *, open_lots: int = 2, ends: datetime | None = None) -> None:
    """Write `each` lines to every one of `accounts` (ids), which have none; the last `open_lots` give what is left.

    Lots end from `ends` on (default: in a year), in twelve steps of 30 days. One transaction: at its end the database
    asks whether lots and balances add up.
    """
    now = clock.now()
    values: dict[str, Any] = {
        "accounts": accounts, "lines": each, "paired": (each - open_lots) // 2 * 2, "now": now,
        "ends": ends or now + timedelta(days=365),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (ENTRIES, LOTS, USES, TOTALS):
            cursor.execute(statement, values)
            # At once: keys to a table that seems empty are checked by reading all of it.
            cursor.execute("ANALYZE loyalty_account, loyalty_entry, loyalty_lot, loyalty_lotuse")


@transaction.atomic
def end(accounts: list[int]) -> None:
    """Let all open lots of `accounts` (ids) end now, in four statements."""
    with connection.cursor() as cursor:
        for statement in ENDED:
            cursor.execute(statement, {"accounts": accounts, "now": clock.now()})
