from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from contactcenter import clock
from tests.contactcenter.rooms import LEVEL

ASKS_ANOTHER_CLOCK = re.compile(
    r"timezone\.now\(|datetime\.now\(|datetime\.utcnow\(|date\.today\(|\btime\.time\(|\bNow\(\)|auto_now=|"
    r"CURRENT_TIMESTAMP|\bnow\(\)\s*[\"']",
)


def test_the_clock_gives_the_present_in_utc() -> None:
    now = clock.now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=1)


def test_no_room_asks_another_clock() -> None:
    files = [path for room in LEVEL for path in Path(settings.BASE_DIR, room).rglob("*.py")]
    assert len(files) > 30
    asked = [
        f"{path.name}: {line.strip()}"
        for path in files
        if "migrations" not in path.parts
        for line in path.read_text().splitlines()
        if ASKS_ANOTHER_CLOCK.search(line)
    ]
    assert asked == []


def test_the_clock_stands_where_it_is_told_to_and_runs_again_afterwards() -> None:
    then = datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    before = clock.now()
    with clock.standing_at(then):
        assert clock.now() == then
    assert clock.now() >= before
    with pytest.raises(ValueError, match="a deed fails"), clock.standing_at(then):
        raise ValueError("a deed fails")
    assert clock.now() >= before
