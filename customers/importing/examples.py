"""Files of any length to measure imports with: made-up customers, and what they bought."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from customers.importing import orders, people

FIRST = ("Maria", "Jonas", "Aiko", "João", "Lena", "Omar", "Chloë", "Søren")
LAST = ("Rossi", "Weber", "Tanaka", "Silva", "Novák", "Haddad", "Dupont", "Berg")
GOODS = (
    ("S-100", "Rain jacket", "jackets"),
    ("S-200", "Hat", "hats"),
    ("S-300", "Shoe, left and right", "shoes"),
)
DAY_ZERO = datetime(2025, 1, 1, 8, tzinfo=UTC)


def write_customers(path: Path, rows: int = 100_000) -> None:
    """A file for import_customers: every row another customer with mail and phone, four of five are members."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, people.COLUMNS, restval="")
        out.writeheader()
        for n in range(rows):
            out.writerow(
                {
                    "name": f"{FIRST[n % 8]} {LAST[n // 8 % 8]}",
                    "mail": f"person{n}@mail.example",
                    "phone": f"+4930{n:07d}",
                    "language": "de",
                    "country": "DE",
                    "city": "Berlin",
                    "time_zone": "Europe/Berlin",
                    "member": "no" if n % 5 == 4 else "yes",
                    "joined": f"{DAY_ZERO - timedelta(days=n % 300):%Y-%m-%d}",
                    "opening_points": "" if n % 5 else "250",
                    "consent_calls": "yes" if n % 2 else "",
                    "consent_marketing": "no" if n % 3 else "yes",
                }
            )


def write_orders(path: Path, rows: int = 100_000, *, customers: int = 100_000, lines: int = 1) -> None:
    """A file for import_orders: `rows` lines, `lines` of them an order, by the customers of `write_customers`."""
    chance = random.Random(1)  # noqa: S311  the same file every time
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, orders.COLUMNS, restval="")
        out.writeheader()
        for n in range(rows):
            order = n // lines
            sku, name, category = GOODS[n % 3]
            placed = DAY_ZERO + timedelta(minutes=order * 5 % 900_000)
            out.writerow(
                {
                    "number": f"E-{order:07d}",
                    "customer": f"person{order * 7919 % customers}@mail.example",
                    "placed_at": placed.isoformat(),
                    "status": "delivered",
                    "currency": "EUR",
                    "sku": sku,
                    "name": name,
                    "category": category,
                    "quantity": chance.randint(1, 3),
                    "amount": f"{chance.randint(500, 20_000) / 100:.2f}",
                }
            )
