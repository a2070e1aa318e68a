"""Made-up brands whose customers had a failure, some of whom were given something, with an effect that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from agents.models import Agent, Brand
from goodwill.models import Reason, Request
from tests import make
from tests.many import write_many

NOW = make.instant("2026-11-01T12:00:00+00:00")
SINCE, UNTIL = NOW - timedelta(days=220), NOW - timedelta(days=100)
PEOPLE = """
CREATE TEMP TABLE sim AS
SELECT id AS customer, row_number() OVER (ORDER BY id) AS n, random() AS wealth, random() AS luck,
    random() AS given_luck, random() AS spread, 1 + (random() < 0.5)::int AS failure,
    2 + (random() < 0.3)::int AS priority
FROM (SELECT id FROM customers_customer WHERE brand_id = %(brand)s ORDER BY id) people
"""
# The more somebody spends the sooner they come back, whatever is given; where `leaning`, the more they are given, too.
# Where failures are `graver`, three of ten are: their customers come back less and are given something more often.
CHANCES = """
ALTER TABLE sim ADD opened_at timestamptz, ADD given boolean, ADD back boolean, ADD grave boolean;
UPDATE sim SET opened_at = %(since)s + spread * (%(until)s - %(since)s),
    grave = %(graver)s AND abs(hashint8(1000 * n + %(seed)s)) %% 10 < 3;
UPDATE sim SET given = given_luck < CASE WHEN %(leaning)s THEN 0.1 + 0.6 * wealth ELSE 0.35 END
    + CASE WHEN grave THEN 0.3 ELSE 0 END;
UPDATE sim SET back = luck < 0.1 + 0.5 * wealth + CASE WHEN given THEN %(effect)s ELSE 0 END
    - CASE WHEN grave THEN 0.25 ELSE 0 END;
"""
ROWS = [
    """INSERT INTO loyalty_account (brand_id, programme_id, customer_id, number, status, balance, held, pending,
        lifetime_earned, lifetime_redeemed, lifetime_expired, version, joined_at, tier_id)
    SELECT %(brand)s, %(programme)s, customer, customer, 'active', 0, 0, 0, 0, 0, 0, 0, %(since)s,
        (%(tiers)s)[1 + floor(wealth * 4)::int] FROM sim""",
    """INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority,
        opened_at, resolved_at, last_message_at, last_words, last_was_inbound, message_seq, key, reason_id)
    SELECT %(brand)s, 1000 + n, %(queue)s, customer, '', 'mail', 'closed', priority, opened_at,
        opened_at + interval '1 day', opened_at, '', true, 0, 'sim' || customer, (%(failures)s)[failure] FROM sim""",
    """INSERT INTO customers_order (brand_id, customer_id, number, status, currency, total_minor, refunded_minor,
        placed_at)
    SELECT %(brand)s, customer, 'b' || n, 'placed', 'EUR', (wealth * 100000)::int, 0,
        opened_at - interval '5 days' - random() * interval '300 days' FROM sim WHERE wealth > 0.1
    UNION ALL
    SELECT %(brand)s, customer, 'a' || n, 'placed', 'EUR', 1000, 0,
        opened_at + interval '1 hour' + (0.01 + random() * 0.98) * interval '90 days' FROM sim WHERE back""",
    """INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash,
        "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
    SELECT a.id, 1, 'earn', 'issue.goodwill', 100, 0, 100, 'gw:sim' || customer, '', '', opened_at + interval '1 hour',
        opened_at + interval '1 hour', opened_at + interval '1 hour', '', '', '{}'
    FROM sim JOIN loyalty_account a ON a.customer_id = customer WHERE given""",
    "CREATE INDEX ON sim (customer)",
]
ANALYSE = """ANALYZE customers_customer, loyalty_account, loyalty_entry, tickets_ticket, customers_order,
    goodwill_request"""


REQUESTS = """
SELECT t.id, a.id, e.id, sim.grave, sim.opened_at + interval '1 hour', sim.customer
FROM sim JOIN tickets_ticket t ON t.key = 'sim' || customer JOIN loyalty_account a ON a.customer_id = customer
    LEFT JOIN loyalty_entry e ON e.key = 'gw:sim' || customer WHERE sim.given OR sim.grave
"""


@dataclass(frozen=True)
class Simulated:
    """A brand, and how many of its customers were given something."""

    brand: Brand
    given: int


def simulate(
    seed: int,
    *,
    effect: float = 0.0,
    leaning: bool = True,
    graver: bool = False,
    people: int = 3000,
    at: datetime = NOW,
) -> Simulated:
    """A brand with so many customers, each with one failure: those given something buy within 90 days more often by
    `effect` (0 to 1). `leaning`: who spends more is given something more often. `graver`: three of ten failures are
    graver; for each of these goodwill was asked for, and lapsed where nothing was given. The same `seed` makes the
    same.
    """
    brand = make.make_brand()
    programme, by = make.make_programme(brand=brand), make.make_agent(brands=[brand])
    reasons = {grave: make.make_reason(brand=brand, severity=4 if grave else 2) for grave in (False, True)}
    values: dict[str, Any] = {
        "brand": brand.pk, "programme": programme.pk, "queue": make.make_queue(brand=brand).pk,
        "tiers": [tier.pk for tier in programme.tiers.order_by("rank")],
        "failures": [make.make_contact_reason(brand=brand).pk for _ in range(2)],
        "since": SINCE, "until": UNTIL, "effect": effect, "leaning": leaning, "graver": graver, "seed": seed,
        "people": people, "before": at - timedelta(days=900),
    }  # fmt: skip
    write_many(
        "INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)"
        " SELECT %(brand)s, 'Somebody', 'en', '', '', '', %(before)s FROM generate_series(1, %(people)s)",
        values,
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sim")
        cursor.execute("SELECT setseed(%s)", [seed / 1000])
    for statement in [PEOPLE, *CHANCES.split(";")[:-1], *ROWS]:
        write_many(statement, values)
    Request.objects.bulk_create(requests_of(brand, by, reasons))
    with connection.cursor() as cursor:
        cursor.execute(ANALYSE)
        cursor.execute("SELECT count(*) FILTER (WHERE given) FROM sim")
        (given,) = cursor.fetchone()
    return Simulated(brand, given)


def requests_of(brand: Brand, by: Agent, reasons: dict[bool, Reason]) -> list[Request]:
    """What was asked for, not written yet: given where there is an entry, else lapsed."""
    with connection.cursor() as cursor:
        cursor.execute(REQUESTS)
        return [
            Request(
                brand=brand, ticket_id=ticket, account_id=account, entry_id=entry, by=by, reason=reasons[grave],
                points=100, key=f"sim{customer}", state="posted" if entry else "lapsed", asked_at=at,
            )
            for ticket, account, entry, grave, at, customer in cursor.fetchall()
        ]  # fmt: skip
