"""Files of customers and of orders taken in by the commands: seconds for 100,000 lines, points and tiers included.

BENCH_ROWS (default 100,000) says how many lines each file has; fewer are told as if there were 100,000.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

import loyalty.services
from agents.models import Brand
from bench.figures import Figure
from customers.importing.examples import write_customers, write_orders
from loyalty.models import Programme

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
TOLD, MINUTE = 100_000, 60.0
TIERS = [("bronze", "Bronze", 0), ("silver", "Silver", 500), ("gold", "Gold", 2000)]


def run() -> list[Figure]:
    """Customers first, then what they bought."""
    brand = Brand.objects.create(code="IMPORTS", name="Imports", time_zone="Europe/Berlin")
    programme = Programme.objects.create(brand=brand, code="imports", name="Imports")
    loyalty.services.first_rule(programme)
    loyalty.services.set_up_tiers(programme, TIERS)
    with tempfile.TemporaryDirectory() as folder:
        people, orders = Path(folder, "people.csv"), Path(folder, "orders.csv")
        write_customers(people, ROWS)
        write_orders(orders, ROWS, customers=ROWS)
        return [_taken_in("import_customers", people), _taken_in("import_orders", orders)]


def _taken_in(command: str, file: Path) -> Figure:
    """Seconds by the clock, for several processes work at a time."""
    told = io.StringIO()
    began = time.perf_counter()
    call_command(command, str(file), brand="IMPORTS", json=True, stdout=told)
    passed = time.perf_counter() - began
    said: dict[str, Any] = json.loads(told.getvalue())
    if said["taken"] != ROWS:
        raise RuntimeError(f"{command} took {said['taken']} of {ROWS} lines")
    value = passed * TOLD / ROWS
    ratio = value / MINUTE
    return Figure(
        name=command.replace("_", " "), unit="s", value=value, reference=MINUTE, ratio=ratio, goal=1.0, reach=0.5,
        spread=(ratio, ratio), detail=f"{ROWS:,} lines in {passed:.1f} s",
    )  # fmt: skip
