"""The invariants of the ledger, each one a statement that the database answers over all accounts at once.

A check reads `account`, `entry`, `lot`, `lot_use`, `hold`, `pending_grant` and `extension`: the tables, or the rows of
one account. It gives a row (subject, expected, found) for each account or programme that breaks it. Each statement sees
one snapshot, in which every deed is whole, so that nothing has to stand still while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

NAMED_AT_MOST = 100  # findings of one check that are told by name for each brand; the others are counted


@dataclass(frozen=True)
class Check:
    """One invariant: what must hold, and the statement that finds where it does not."""

    name: str
    holds: str
    sql: str
    subject: str = "loyalty_account"
    label: str = "number"


@dataclass(frozen=True)
class Finding:
    """An invariant that does not hold: of which brand (id), of which account (or programme), and in what figures."""

    brand: int
    check: str
    subject: str
    expected: str
    found: str

    def told(self) -> dict[str, str]:
        """As it is kept and printed."""
        return {
            "check": self.check, "account": self.subject, "expected": self.expected, "found": self.found,
        }  # fmt: skip


CHECKS = (
    Check(
        "balance",
        "balance = Σ points",
        """SELECT id, coalesce(moved, 0), balance FROM account
           LEFT JOIN (SELECT account_id, sum(points) AS moved FROM entry GROUP BY 1) sums ON account_id = id
           WHERE balance <> coalesce(moved, 0)""",
    ),
    Check(
        "version",
        "version = number of entries = highest seq",
        """SELECT id, version, coalesce(lines, 0) || ' entries, highest seq ' || coalesce(last, 0) FROM account
           LEFT JOIN (SELECT account_id, count(*) AS lines, max(seq) AS last, min(seq) AS first
                      FROM entry GROUP BY 1) sums ON account_id = id
           WHERE version <> coalesce(lines, 0) OR version <> coalesce(last, 0) OR first <> 1""",
    ),
    Check(
        "remaining",
        "max(balance, 0) = Σ remaining",
        """SELECT id, greatest(balance, 0), coalesce(open, 0) FROM account
           LEFT JOIN (SELECT account_id, sum(remaining) AS open FROM lot GROUP BY 1) sums ON account_id = id
           WHERE greatest(balance, 0) <> coalesce(open, 0)""",
    ),
    Check(
        "lot",
        "remaining = granted − Σ uses",
        """SELECT account_id, granted - coalesce(used, 0), 'lot ' || id || ' has ' || remaining FROM lot
           LEFT JOIN (SELECT lot_id, sum(points) AS used FROM lot_use GROUP BY 1) sums ON lot_id = id
           WHERE remaining <> granted - coalesce(used, 0)""",
    ),
    Check(
        "chain",
        "balance_after = the one before + points",
        """SELECT account_id, before + points, 'line ' || seq || ' has ' || balance_after
           FROM (SELECT account_id, seq, points, balance_after,
                        lag(balance_after, 1, 0) OVER (PARTITION BY account_id ORDER BY seq) AS before
                 FROM entry) line
           WHERE balance_after <> before + points""",
    ),
    Check(
        "lots of an entry",
        "an entry moves its lots by as many points as it moves what can be spent",
        """SELECT account_id, greatest(balance_after, 0) - greatest(balance_after - points, 0),
                  'line ' || seq || ' moved ' || coalesce(opened, 0) - coalesce(used, 0)
           FROM entry
           LEFT JOIN (SELECT entry_id AS opener, sum(granted) AS opened FROM lot GROUP BY 1) gave ON opener = id
           LEFT JOIN (SELECT entry_id AS user_id, sum(points) AS used FROM lot_use GROUP BY 1) took ON user_id = id
           WHERE coalesce(opened, 0) - coalesce(used, 0)
                 <> greatest(balance_after, 0) - greatest(balance_after - points, 0)""",
    ),
    Check(
        "group",
        "the points of a group sum to 0",
        """SELECT min(account_id), 0, 'group ' || "group" || ' sums to ' || sum(points) FROM loyalty_entry
           WHERE "group" <> '' AND "group" IN (SELECT "group" FROM entry WHERE "group" <> '')
           GROUP BY "group" HAVING sum(points) <> 0""",
    ),
    Check(
        "reversal",
        "reversals take back no more than was moved, and count no more than was counted",
        """SELECT given.account_id, 'at most ' || given.points || ', counting ' || given.qualifying,
                  'line ' || given.seq || ' less ' || -taken || ', counting ' || -uncounted
           FROM (SELECT reverses_id AS origin, sum(points) AS taken, sum(qualifying) AS uncounted FROM entry
                 WHERE reverses_id IS NOT NULL GROUP BY 1) back
           JOIN entry given ON given.id = origin
           WHERE abs(taken) > abs(given.points) OR taken * sign(given.points) > 0
                 OR abs(uncounted) > abs(given.qualifying) OR uncounted * sign(given.qualifying) > 0""",
    ),
    Check(
        "held",
        "0 ≤ held = Σ open holds",
        """SELECT id, coalesce(reserved, 0), held FROM account
           LEFT JOIN (SELECT account_id, sum(points) AS reserved FROM hold WHERE state = 'open' GROUP BY 1) sums
                  ON account_id = id
           WHERE held <> coalesce(reserved, 0) OR held < 0""",
    ),
    Check(
        "pending",
        "pending = Σ pending grants",
        """SELECT id, coalesce(waiting, 0), pending FROM account
           LEFT JOIN (SELECT account_id, sum(points) AS waiting FROM pending_grant WHERE is_open GROUP BY 1) sums
                  ON account_id = id
           WHERE pending <> coalesce(waiting, 0)""",
    ),
    Check(
        "next expiry",
        "next_expiry = when the earliest open lot ends",
        """SELECT id, coalesce(ends::text, 'never'), coalesce(next_expiry::text, 'never') FROM account
           LEFT JOIN (SELECT account_id, min(expires_at) AS ends FROM lot WHERE is_open GROUP BY 1) sums
                  ON account_id = id
           WHERE next_expiry IS DISTINCT FROM ends""",
    ),
    Check(
        "extension",
        "a lot that was extended ends when its newest extension says, and what came back stands in the lines",
        """SELECT account_id, newest.until::text, 'lot ' || lot.id || ' ends ' || coalesce(expires_at::text, 'never')
           FROM (SELECT DISTINCT ON (lot_id) lot_id, until FROM extension ORDER BY lot_id, id DESC) newest
           JOIN lot ON lot.id = newest.lot_id WHERE expires_at IS DISTINCT FROM newest.until
           UNION ALL
           SELECT account_id, coalesce(told, 0)::text, 'came back ' || coalesce(posted, 0)
           FROM (SELECT account_id, sum(points) AS posted FROM entry WHERE contra = 'expire' AND kind = 'reverse'
                 GROUP BY 1) lines
           FULL JOIN (SELECT account_id, sum(points) AS told FROM extension JOIN lot ON lot.id = lot_id GROUP BY 1)
                sums USING (account_id)
           WHERE coalesce(posted, 0) <> coalesce(told, 0)""",
    ),
    Check(
        "outstanding",
        "Σ points by contra = Σ remaining − Σ debts of the programme",
        """SELECT programme_id, sum(open) - sum(debt), sum(moved) FROM (
               SELECT programme_id, 0 AS open, greatest(-balance, 0) AS debt, 0 AS moved FROM account
               UNION ALL SELECT programme_id, open, 0, 0 FROM account
                   JOIN (SELECT account_id, sum(remaining) AS open FROM lot GROUP BY 1) lots ON account_id = id
               UNION ALL SELECT programme_id, 0, 0, moved FROM account
                   JOIN (SELECT account_id, contra, sum(points) AS moved FROM entry GROUP BY 1, 2) lines
                        ON account_id = id
           ) parts GROUP BY 1 HAVING sum(open) - sum(debt) <> sum(moved)""",
        subject="loyalty_programme",
        label="code",
    ),
)  # fmt: skip

TABLES = {
    "account": "SELECT * FROM loyalty_account",
    "entry": "SELECT * FROM loyalty_entry",
    "lot": "SELECT * FROM loyalty_lot",
    "lot_use": "SELECT * FROM loyalty_lotuse",
    "hold": "SELECT * FROM loyalty_hold",
    "pending_grant": "SELECT * FROM loyalty_pendinggrant",
    "extension": "SELECT * FROM loyalty_lotextension",
}
OF_ONE_ACCOUNT = {
    "account": " WHERE id = %(account)s",
    "entry": " WHERE account_id = %(account)s",
    "lot": " WHERE account_id = %(account)s",
    "hold": " WHERE account_id = %(account)s",
    "pending_grant": " WHERE account_id = %(account)s",
    "extension": " WHERE lot_id IN (SELECT id FROM loyalty_lot WHERE account_id = %(account)s)",
    "lot_use": " WHERE lot_id IN (SELECT id FROM loyalty_lot WHERE account_id = %(account)s)",
}
NAMED = """
SELECT brand_id, label, expected, found, total FROM (
    SELECT subject.brand_id, subject.{label} AS label, wrong.expected::text, wrong.found::text,
           count(*) OVER (PARTITION BY subject.brand_id) AS total,
           row_number() OVER (PARTITION BY subject.brand_id ORDER BY subject.id) AS nth
    FROM ({sql}) AS wrong (subject_id, expected, found) JOIN {subject} AS subject ON subject.id = wrong.subject_id
) AS named WHERE nth <= {most} ORDER BY brand_id, nth
"""
LINES = """
SELECT programme.brand_id, count(entry.id) FROM loyalty_programme AS programme
LEFT JOIN account ON account.programme_id = programme.id LEFT JOIN entry ON entry.account_id = account.id
GROUP BY 1
"""
BY_CONTRA = """
SELECT programme.code, contra, sum(points) FROM entry JOIN account ON account.id = account_id
JOIN loyalty_programme AS programme ON programme.id = programme_id GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Broken:
    """What one check found: the first findings of each brand by name, and how many there are of each brand (id)."""

    findings: list[Finding]
    totals: dict[int, int]


def broken(check: Check, *, account: int | None = None) -> Broken:
    """Where `check` does not hold, in the whole house or for one account (id)."""
    sql = NAMED.format(sql=check.sql, subject=check.subject, label=check.label, most=NAMED_AT_MOST)
    findings, totals = [], {}
    for brand, subject, expected, found, total in _ask(sql, account):
        findings.append(Finding(brand, check.name, subject, expected, found))
        totals[brand] = total
    return Broken(findings, totals)


def entries_by_brand(*, account: int | None = None) -> dict[int, int]:
    """How many entries each brand (id) with a programme has; of one account only: those."""
    return dict(_ask(LINES, account))


def outstanding(*, account: int | None = None) -> dict[str, dict[str, int]]:
    """Points by contra for each programme (code): what was issued, what went, and so what is outstanding."""
    sums: dict[str, dict[str, int]] = {}
    for programme, contra, points in _ask(BY_CONTRA, account):
        sums.setdefault(programme, {})[contra] = points
    return sums


def _ask(sql: str, account: int | None) -> list[tuple[Any, ...]]:
    """The rows of `sql` over the tables by their short names; what is sorted and hashed may take some memory."""
    scope = OF_ONE_ACCOUNT if account else dict.fromkeys(TABLES, "")
    named = ", ".join(f"{name} AS NOT MATERIALIZED ({rows}{scope[name]})" for name, rows in TABLES.items())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(f"WITH {named} {sql}", {"account": account})
        return cursor.fetchall()
