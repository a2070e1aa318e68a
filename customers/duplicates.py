"""Who may be the same person as somebody else of the brand: what speaks for it, and where to look.

Each arm of the question walks an index of its own and is bounded; a name alone, however alike, is no sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

ENOUGH = 60  # points from which on two are proposed
NEAR = 0.6  # how alike two names are that may be one, 1 is the same
MOST = 50  # of one name that are looked at

# What speaks for it, and how much.
SIGNS = {
    "mailbox": (90, _("the same mailbox, written in another way")),
    "old_address": (70, _("an address that the other one had")),
    "birthday": (50, _("the same birthday")),
    "mail_name": (40, _("the same name before the @")),
    "name": (35, _("the same name")),
    "city": (25, _("the same city")),
    "name_alike": (20, _("nearly the same name")),
}

# What the statements want: how near is near, and that no table is read as a whole; to the end of the transaction.
BEFORE = (
    "SELECT set_config('pg_trgm.similarity_threshold', %s, true), set_config('enable_seqscan', 'off', true)"
)
NAMES = """
WITH asked AS (
    SELECT id, brand_id, findable, birth_month, birth_day, lower(city) AS city FROM customers_customer
    WHERE id = ANY(%(asked)s) AND length(findable) > 4
), pairs AS (
    SELECT a.*, o.id AS other, o.is_same, o.birth_month AS month, o.birth_day AS day, lower(o.city) AS other_city
    FROM asked a CROSS JOIN LATERAL (
        (SELECT true AS is_same, c.* FROM customers_customer c WHERE c.brand_id = a.brand_id
            AND c.findable = a.findable AND c.id <> a.id AND c.merged_into_id IS NULL LIMIT %(most)s)
        UNION ALL
        -- On its own, and with a brand that no other index knows: else all of a brand is read, hoping to meet 50 soon.
        (WITH near AS MATERIALIZED (
            SELECT false, c.* FROM customers_customer c
            WHERE c.findable %% a.findable AND c.brand_id + 0 = a.brand_id
        ) SELECT * FROM near WHERE findable <> a.findable AND id <> a.id AND merged_into_id IS NULL LIMIT %(most)s)
    ) o
)
SELECT id, other, is_same, birth_month = month AND birth_day = day, city <> '' AND city = other_city,
    EXISTS (
        SELECT FROM customers_contactpoint p JOIN customers_contactpoint q
            ON split_part(customers_mailbox(q.value), '@', 1) = split_part(customers_mailbox(p.value), '@', 1)
        WHERE p.customer_id = pairs.id AND p.kind = 'mail' AND q.customer_id = pairs.other AND q.kind = 'mail'
    )
FROM pairs
"""
MAILBOXES = """
SELECT p.customer_id, q.customer_id FROM customers_contactpoint p JOIN customers_contactpoint q
    ON q.brand_id = p.brand_id AND customers_mailbox(q.value) = customers_mailbox(p.value)
    AND q.kind = 'mail' AND q.removed_at IS NULL AND q.customer_id <> p.customer_id
WHERE p.customer_id = ANY(%(asked)s) AND p.kind = 'mail' AND p.removed_at IS NULL
"""
OLD_ADDRESSES = """
SELECT p.customer_id, q.customer_id FROM customers_contactpoint p JOIN customers_contactpoint q
    ON q.value = p.value AND q.brand_id = p.brand_id AND q.kind = p.kind AND q.customer_id <> p.customer_id
    AND q.removed_at IS NOT NULL
WHERE p.customer_id = ANY(%(asked)s) AND p.removed_at IS NULL
UNION
SELECT p.customer_id, q.customer_id FROM customers_contactpoint p JOIN customers_contactpoint q
    ON q.value = p.value AND q.brand_id = p.brand_id AND q.kind = p.kind AND q.customer_id <> p.customer_id
    AND q.removed_at IS NULL
WHERE p.customer_id = ANY(%(asked)s) AND p.removed_at IS NOT NULL
"""


@dataclass(frozen=True)
class Likeness:
    """Two customers (ids, the lower first) and the signs (codes of SIGNS) that they are one."""

    one: int
    other: int
    signs: tuple[str, ...]

    @property
    def score(self) -> int:
        return score_of(self.signs)


def score_of(signs: Iterable[str]) -> int:
    """How much these signs speak for it together, 100 at most."""
    return min(100, sum(SIGNS[sign][0] for sign in signs))


def words_of(signs: Iterable[str]) -> str:
    """The signs as people read them, the strongest first."""
    return ", ".join(str(SIGNS[sign][1]) for sign in SIGNS if sign in signs)


def alike(customers: Collection[int]) -> list[Likeness]:
    """Who may be one person with one of these customers (ids), as far as enough speaks for it. Three statements."""
    found: dict[tuple[int, int], set[str]] = {}
    asked: dict[str, Any] = {"asked": sorted(customers), "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [str(NEAR)])
        cursor.execute(NAMES, asked)
        for one, other, *marks in cursor.fetchall():
            found.setdefault(pair(one, other), set()).update(_signs(*marks))
        for statement, sign in ((MAILBOXES, "mailbox"), (OLD_ADDRESSES, "old_address")):
            cursor.execute(statement, asked)
            for one, other in cursor.fetchall():
                found.setdefault(pair(one, other), set()).add(sign)
    likely = [Likeness(*two, tuple(sorted(signs))) for two, signs in sorted(found.items())]
    return [one for one in likely if one.score >= ENOUGH]


def pair(one: int, other: int) -> tuple[int, int]:
    """Two ids as they are stored: the lower first."""
    return min(one, other), max(one, other)


def _signs(is_same: bool, birthday: bool | None, city: bool | None, mail: bool) -> Sequence[str]:
    signs = ["name" if is_same else "name_alike"]
    signs += ["birthday"] if birthday else []
    signs += ["city"] if city else []
    return signs + (["mail_name"] if mail else [])
