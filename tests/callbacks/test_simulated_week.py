"""A week across the end of summer time: no call at night, none handed out twice, none lost, each missed one told.

The whole week of 5,000 promises runs with `make test-long`; the normal tests run its middle with fewer.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from callbacks import windows
from callbacks.models import Callback
from callbacks.services import claim_due
from tests import make
from tests.callbacks import week
from tests.callbacks.week import HOUR, MINUTE, Week
from tests.infra.servers import own_postgres
from tests.together import at_once

pytestmark = pytest.mark.race

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SATURDAY = make.instant("2026-10-24T00:00+00:00")  # Europe puts the clock back the night after
COUNT, DAYS, STEP = (5000, 7, 10 * MINUTE) if LONG else (90, 2, 20 * MINUTE)
START = SATURDAY - timedelta(days=2 if LONG else 0)
KILLED_OF = 3000 if LONG else 300


def check(found: Week) -> None:
    """All that must hold of a week that is over."""
    assert week.at_night(found) == []
    assert week.handed_out_twice() == []
    assert week.begun_twice(found) == []
    assert week.lost(found.end) == []
    assert week.missed_without_a_word(found.end) == []
    assert week.wrongly_kept_quiet(found.brand, found.supervisors) == []
    assert week.not_made_up_for(found.end) == []


@contextmanager
def postgres() -> Iterator[Callable[[], None] | None]:
    """In the long run a server of the test's own, and the deed that restarts it; else none."""
    if not LONG:
        yield None
        return
    with own_postgres() as server:

        def restart() -> None:
            server.stop()
            server.start()

        yield restart


def test_days_over_which_the_clock_is_put_back(own_db: str) -> None:
    with postgres() as restart:
        found = Week(COUNT, START, START + timedelta(days=DAYS), STEP, killed_of=KILLED_OF, restart=restart)
        found.people()
        found.run(without_redis=(40, 41), cut=(30, 60, 61, 90))
        check(found)
        states = Counter(Callback.objects.values_list("state", flat=True))
        assert states["kept"] > COUNT // 4
        assert states["missed"] > 0
        assert found.kills > 5
        assert len(found.calls) > COUNT // 2


def test_control_without_the_quiet_hours_the_week_has_calls_at_night(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_quiet = windows.Quiet(starts=windows.MIDNIGHT, ends=windows.MIDNIGHT)
    awake = windows.awake
    monkeypatch.setattr(windows, "awake", lambda _quiet, zone: awake(no_quiet, zone))
    found = Week(24, SATURDAY, SATURDAY + timedelta(days=1), step=30 * MINUTE, killed_of=10**6)
    found.people()
    found.run()
    assert week.at_night(found)
    assert week.lost(found.end) == []


def test_control_without_the_lock_a_doubled_beat_hands_out_twice(own_db: str) -> None:
    found = Week(12, SATURDAY, SATURDAY + timedelta(days=1), step=30 * MINUTE)
    found.people()
    at = SATURDAY + 14 * HOUR
    both = at_once(lambda: claim_due(at=at), lambda: claim_due(at=at), unlocked=True)
    assert all(both)
    assert week.handed_out_twice()


def test_control_a_promise_that_nobody_looks_at_is_seen_to_be_lost(own_db: str) -> None:
    found = Week(12, SATURDAY, SATURDAY + timedelta(days=1), step=30 * MINUTE)
    found.people()
    assert len(week.lost(found.end)) == 12
    assert len(week.missed_without_a_word(found.end)) == 12
    found.settle(found.end + 2 * HOUR)
    assert week.lost(found.end) == []
    assert week.wrongly_kept_quiet(found.brand, found.supervisors) == []
    assert week.wrongly_kept_quiet(found.brand, [found.agents[0], make.make_agent(brands=[found.brand])])
