"""The benchmark of the stream: its own words are true of fewer clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import live
from tests import databases

pytestmark = pytest.mark.house


def test_every_event_comes_to_every_client_of_both_servers(
    own_db: str, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("the benchmarks run on Linux only")
    monkeypatch.setattr(settings, "DATABASE_URL", databases.url_of(own_db))
    monkeypatch.setattr(live, "CLIENTS", (5,))
    monkeypatch.setattr(live, "ROUNDS", 1)
    monkeypatch.setattr(live, "EVENTS", 3)
    over_bare, whole, each = live.run()
    assert over_bare.value == whole.value > 0
    assert over_bare.reference > 0
    assert each.unit == "kB"
    assert over_bare.detail.endswith("3 events")
