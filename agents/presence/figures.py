"""How long agents were in which state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from agents.presence.models import Stretch


def time_in_states(
    stretches: Iterable[Stretch], start: datetime, end: datetime, *, at: datetime
) -> dict[int, dict[str, timedelta]]:
    """By agent and state, what the `stretches` have between the instants `start` and `end`; what runs, up to `at`."""
    sums: dict[int, dict[str, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    for one in stretches:
        length = min(one.ended_at or at, end) - max(one.started_at, start)
        if length > timedelta(0):
            sums[one.agent_id][one.kind] += length
    return sums


def working_time(
    stretches: Iterable[Stretch], start: datetime, end: datetime, *, at: datetime
) -> dict[int, timedelta]:
    """By agent, what of it counts as work: by its reason, and without one whatever is available or busy."""
    return {
        agent: sum(states.values(), timedelta(0))
        for agent, states in time_in_states(filter(_is_work, stretches), start, end, at=at).items()
    }


def _is_work(stretch: Stretch) -> bool:
    return stretch.reason.counts_as_work if stretch.reason else stretch.kind in ("available", "busy")
