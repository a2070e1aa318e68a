"""What a benchmark says, and what it counts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from django.db import connection

from bench.figures import Figure, as_table, keep
from bench.measure import compare


def figure(name: str, ratio: float) -> Figure:
    return Figure(name, "ms", ratio, 1.0, ratio, goal=2.0, reach=1.5, spread=(ratio, ratio))


def test_a_ratio_at_its_goal_is_well_and_one_above_it_is_not() -> None:
    assert figure("a", 2.0).ok
    assert not figure("a", 2.01).ok
    assert "GOAL MISSED" in as_table([figure("a", 2.01)])
    assert "GOAL MISSED" not in as_table([figure("a", 2.0)])


def test_a_room_measured_alone_leaves_the_rows_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results" / "latest.json"
    keep([figure("queue page", 1.9), figure("import", 1.1)], path=path)
    keep([figure("queue page", 1.4)], path=path)
    rows = json.loads(path.read_text())
    assert [(row["name"], row["ratio"]) for row in rows] == [("queue page", 1.4), ("import", 1.1)]
    assert set(rows[0]) == {"name", "value", "reference", "ratio", "goal", "ok"}


def in_the_database(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", [int(seconds * 4_000_000)])


@pytest.mark.django_db
def test_work_is_counted_where_it_is_done_and_waiting_is_not_counted() -> None:
    def waits() -> None:
        time.sleep(0.002)

    found = compare(lambda: in_the_database(0.02), waits, requests=2)
    assert found.product.database > 1 > found.floor.database
    assert found.product.database > found.product.application
    assert found.floor.both < 2
