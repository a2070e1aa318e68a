"""How many agents the promised calls of the hours ahead take, and how long callers wait with those who are here.

Calls come at random within their windows: each counts in every hour with the share of its window, as far as that is
still to come, that lies in it; the hour that runs has what is left of it. By Erlang C (callbacks.erlang), as the policy
of the brand wants calls answered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection

from agents.models import Agent, Brand, Team
from agents.presence.models import Kind, Presence
from callbacks import erlang
from callbacks.models import CallbackPolicy
from callbacks.windows import LONGEST

HOUR = timedelta(hours=1)
AHEAD = 24  # hours

# What was due earlier and nobody has called yet is to be called in the first hour.
CALLS = """
WITH open AS (
    SELECT greatest(window_from, %(at)s) AS begins, greatest(window_to, %(at)s + interval '15 minutes') AS ends
    FROM callbacks_callback
    WHERE brand_id = %(brand)s AND state IN ('promised', 'no_answer', 'moved', 'due', 'offered', 'accepted')
        AND window_to < %(until)s + %(longest)s AND window_from < %(until)s AND kind = 'call'
        AND (%(team)s::bigint IS NULL OR team_id = %(team)s OR team_id IS NULL AND owner_id IN (
            SELECT agent_id FROM agents_agent_teams WHERE team_id = %(team)s))
)
SELECT h, sum(extract(epoch FROM least(ends, %(first)s + (h + 1) * interval '1 hour')
        - greatest(begins, %(first)s + h * interval '1 hour')) / extract(epoch FROM ends - begins))::float
FROM open JOIN generate_series(0, %(hours)s - 1) h
    ON begins < %(first)s + (h + 1) * interval '1 hour' AND ends > %(first)s + h * interval '1 hour'
GROUP BY h
"""


@dataclass(frozen=True)
class Hour:
    """An hour from `start`: `calls` expected in it, their `load` in Erlang, how many agents it takes, and what the
    agents who are `here` now would make of it: average wait in seconds (None: the line grows), the share in time."""

    start: datetime
    calls: float
    load: float
    needed: int
    here: int
    wait: float | None
    in_time: float

    @property
    def short(self) -> int:
        """How many agents are missing."""
        return max(0, self.needed - self.here)


@dataclass(frozen=True)
class Staffing:
    """The hours ahead, and how many agents of the brand (or team) are here now: available, and in any work at all."""

    policy: CallbackPolicy
    hours: list[Hour]
    available: int
    here: int


def staffing(brand: Brand, *, at: datetime, team: Team | None = None) -> Staffing:
    """24 hours by the clock, the first of them the one that runs at `at`. Three questions, however many are promised.

    The calls of a `team` are its own, and those of its agents that are no team's.
    """
    policy = CallbackPolicy.objects.of(brand.pk)
    kinds = list(_present(brand, team))
    here = sum(kind != Kind.AWAY for kind in kinds)
    first = at.replace(minute=0, second=0, microsecond=0)
    calls = _calls(brand, team, first, at)
    starts = [max(at, first), *(first + n * HOUR for n in range(1, AHEAD))]
    ends = [first + (n + 1) * HOUR for n in range(AHEAD)]
    hours = [_hour((starts[n], ends[n]), calls.get(n, 0.0), here, policy) for n in range(AHEAD)]
    return Staffing(policy, hours, kinds.count(Kind.AVAILABLE), here)


def _hour(span: tuple[datetime, datetime], calls: float, here: int, policy: CallbackPolicy) -> Hour:
    handling = policy.handling_minutes * 60.0
    load = erlang.load(calls, handling, (span[1] - span[0]).total_seconds())
    share, within = policy.answer_percent / 100, float(policy.answer_seconds)
    needed = erlang.agents_needed(load, handling, share=share, within=within)
    wait = erlang.wait(here, load, handling) if load else 0.0
    in_time = erlang.service_level(here, load, handling, within) if load else 1.0
    return Hour(span[0], calls, load, needed, here, None if math.isinf(wait) else wait, in_time)


def _calls(brand: Brand, team: Team | None, first: datetime, at: datetime) -> dict[int, float]:
    """How many calls are to be expected from `at` on in each of the hours from `first` on, by its number."""
    asked = {
        "brand": brand.pk, "team": team.pk if team else None, "at": at, "first": first, "until": first + AHEAD * HOUR,
        "longest": LONGEST, "hours": AHEAD,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CALLS, cast(Any, asked))
        return dict(cursor.fetchall())


def _present(brand: Brand, team: Team | None) -> list[str]:
    """The states of the agents who are not offline."""
    agents = Agent.objects.serving(brand)
    rows = Presence.objects.filter(agent__in=agents.filter(teams=team) if team else agents)
    return list(rows.exclude(kind=Kind.OFFLINE).values_list("kind", flat=True))
