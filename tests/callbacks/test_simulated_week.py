"""A week across the end of summer time: no call at night, none handed out twice, none lost, each missed one told.

The whole week of 5,000 promises runs with `make test-long`; the normal tests run its middle with fewer.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

import pytest

from callbacks import windows
from callbacks.models import Callback
from callbacks.services import claim_due
from contactcenter import embedded
from tests import make
from tests.callbacks import week
from tests.callbacks.week import HOUR, MINUTE, Week
from tests.infra.servers import own_postgres
from tests.together import at_once

pytestmark = pytest.mark.race

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SATURDAY = make.instant("2026-10-24T00:00+00:00")  # Europe puts the clock back the night after
DAYS_LONG, DAYS_SHORT = 7, 2


def check(found: Week) -> None:
    """All that must hold of a week that is over."""
    assert week.at_night(found) == []
    assert week.handed_out_twice() == []
    assert week.begun_twice(found) == []
    assert week.lost(found.end) == []
    assert week.missed_without_a_word(found.end) == []
    assert week.wrongly_kept_quiet(found.brand, found.supervisors) == []
    assert week.not_made_up_for(found.end) == []


def test_two_days_over_which_the_clock_is_put_back(own_db: str) -> None:
    found = Week(90, SATURDAY, SATURDAY + timedelta(days=DAYS_SHORT), step=20 * MINUTE, killed_of=300)
    found.people()
    found.run(without_redis=(40, 41), cut=(30, 60, 61, 90))
    check(found)
    states = Counter(Callback.objects.values_list("state", flat=True))
    assert states["kept"] > 20
    assert states["missed"] > 0
    assert found.kills > 5
    assert len(found.calls) > 40


def test_control_without_the_quiet_hours_the_week_has_calls_at_night(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "is_quiet", lambda *_args, **_more: False)
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


@pytest.mark.skipif(not LONG, reason="the whole week: make test-long")
def test_a_week_of_five_thousand_with_its_own_postgresql_restarted(own_db: str) -> None:
    with own_postgres() as server:

        def restart() -> None:
            server.stop()
            server.start()

        found = Week(
            5000, SATURDAY - timedelta(days=2), SATURDAY + timedelta(days=DAYS_LONG - 2), step=10 * MINUTE,
            restart=restart,
        )  # fmt: skip
        found.people()
        found.run(without_redis=(300, 301), cut=(200, 400, 401, 700))
        check(found)
        assert embedded is not None
