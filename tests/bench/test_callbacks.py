"""The benchmark of what comes due: its own words are true of fewer rows."""

from __future__ import annotations

import pytest

from agents.models import Notification
from bench import callbacks

pytestmark = pytest.mark.race


def test_four_workers_hand_out_each_promise_once_and_tell_its_owner(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "DUE", 3_000)
    monkeypatch.setattr(callbacks, "ON_FILE", 5_000)
    handed, idle = callbacks.run()
    assert "each once" in handed.detail
    assert handed.value > 0
    assert idle.detail == "5,050 on file"
    assert Notification.objects.filter(kind="callback_due").count() == 3_000
