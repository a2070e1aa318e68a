"""How promises of calls were kept: in time or not, how late, in how many tries; by whom, about what, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from agents.models import Agent, Brand, Team
from callbacks.models import Callback
from loyalty.models import Tier
from tickets.models import ContactReason

PARTS = ("team", "topic", "tier", "owner", "source")
MINUTE = timedelta(minutes=1)
# A missed call is made up for by one that follows it, three in a row at most (callbacks.services.missing.MAKES_UP):
# the customer waited until the first of them was called.
KEPT = """
WITH told AS MATERIALIZED (
    SELECT c.state, c.called_at, c.promised_to, c.tries, c.topic_id, c.priority, c.owner_id, c.team_id, c.source,
        coalesce(c.called_at, first.called_at, second.called_at, third.called_at) - c.promised_to AS late,
        EXISTS (SELECT FROM callbacks_callbackevent e WHERE e.callback_id = c.id AND e.kind = 'moved') AS moved,
        CASE
            WHEN c.called_at IS NULL AND c.state = 'cancelled' THEN 'cancelled'
            WHEN c.called_at IS NULL AND c.ended_at IS NULL AND c.promised_to > %(at)s THEN 'to_come'
            WHEN c.called_at <= c.promised_to THEN 'kept'
            ELSE 'broken'
        END AS judged
    FROM callbacks_callback c
        LEFT JOIN callbacks_callback first ON first.follows_id = c.id
        LEFT JOIN callbacks_callback second ON second.follows_id = first.id
        LEFT JOIN callbacks_callback third ON third.follows_id = second.id
    WHERE c.brand_id = %(brand)s AND c.promised_to >= %(since)s AND c.promised_to < %(until)s AND c.kind = 'call'
), lines AS (
    SELECT 'all' AS part, '' AS which, told.* FROM told
    UNION ALL SELECT 'topic', coalesce(topic_id, 0)::text, told.* FROM told
    UNION ALL SELECT 'tier', priority::text, told.* FROM told
    UNION ALL SELECT 'owner', coalesce(owner_id, 0)::text, told.* FROM told
    UNION ALL SELECT 'source', source, told.* FROM told
    UNION ALL SELECT 'week', extract(epoch FROM date_trunc('week', promised_to AT TIME ZONE %(zone)s))::bigint::text,
        told.* FROM told
    UNION ALL SELECT 'team', coalesce(told.team_id, teams.team_id, 0)::text, told.* FROM told LEFT JOIN (
        SELECT m.agent_id, m.team_id FROM agents_agent_teams m JOIN agents_team team ON team.id = m.team_id
        WHERE team.brand_id = %(brand)s
    ) teams ON told.team_id IS NULL AND teams.agent_id = told.owner_id
)
SELECT part, which, count(*), count(*) FILTER (WHERE judged = 'cancelled'), count(*) FILTER (WHERE judged = 'to_come'),
    count(*) FILTER (WHERE judged = 'kept'), count(*) FILTER (WHERE judged = 'broken'), count(*) FILTER (WHERE moved),
    count(*) FILTER (WHERE state = 'missed'), count(*) FILTER (WHERE state = 'given_up'),
    count(*) FILTER (WHERE state = 'kept'), coalesce(sum(tries) FILTER (WHERE state = 'kept'), 0),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY late) FILTER (WHERE late > interval '0')
FROM lines GROUP BY part, which
"""


@dataclass(frozen=True)
class Figures:
    """Promises of calls whose window, as the customer was last told it, ended in the time that is asked about.

    promised: all of them. cancelled: taken back before anybody called; to_come: the window still runs: neither is kept
    or broken. kept: the first try was made before that window ended; broken: it was not. A promise that was moved
    counts once, at the window it was moved to last; moved says how many were. missed: ended as missed; given_up: tried
    and not reached; reached: ended as kept, after `tries` tries in all. late_half, late_tenth: the minutes that half
    and nine tenths of the customers called too late waited at most beyond their window; where we missed it, until the
    call that made up for it. None where nobody was called late.
    """

    promised: int = 0
    cancelled: int = 0
    to_come: int = 0
    kept: int = 0
    broken: int = 0
    moved: int = 0
    missed: int = 0
    given_up: int = 0
    reached: int = 0
    tries: int = 0
    late_half: int | None = None
    late_tenth: int | None = None

    @property
    def judged(self) -> int:
        """Promises that were kept or broken: what a rate is of."""
        return self.kept + self.broken

    @property
    def tries_each(self) -> float | None:
        """How many tries it took to reach somebody, on average; None where nobody was reached."""
        return self.tries / self.reached if self.reached else None


@dataclass(frozen=True)
class Report:
    """Of a brand: in all, in each week (by its Monday), and by part, those with the most promises first."""

    total: Figures
    weeks: list[tuple[date, Figures]]
    parts: dict[str, list[tuple[str, Figures]]]


def kept(brand: Brand, *, since: datetime, until: datetime, at: datetime) -> Report:
    """How the calls of `brand` that were promised until some moment from `since` to before `until` were kept, by `at`.

    The team is that of the promise, else those its owner is in now: it counts in each. The tier is that of the moment
    of the promise. Five questions, however many promises there are.
    """
    zone = ZoneInfo(brand.time_zone)
    asked = {"brand": brand.pk, "since": since, "until": until, "at": at, "zone": zone.key}
    with connection.cursor() as cursor:
        cursor.execute(KEPT, cast(Any, asked))
        rows = cursor.fetchall()
    found: dict[str, dict[str, Figures]] = {}
    for part, which, *figures, late in rows:
        found.setdefault(part, {})[which] = Figures(*map(int, figures), *map(_minutes, late or (None, None)))
    names = _names(brand, found)
    weeks = {_day(week): figures for week, figures in found.get("week", {}).items()}
    return Report(
        found.get("all", {}).get("", Figures()),
        [
            (monday, weeks.get(monday, Figures()))
            for monday in _mondays(since.astimezone(zone).date(), until.astimezone(zone).date())
        ],
        {part: _named(found.get(part, {}), names[part]) for part in PARTS},
    )


def _minutes(late: timedelta | None) -> int | None:
    return None if late is None else round(late / MINUTE)


def _day(epoch: str) -> date:
    return datetime.fromtimestamp(int(epoch), UTC).date()


def _named(rows: dict[str, Figures], names: dict[str, str]) -> list[tuple[str, Figures]]:
    named = [(names.get(which, _("none")), figures) for which, figures in rows.items()]
    return sorted(named, key=lambda row: (-row[1].promised, row[0]))


def _names(brand: Brand, found: dict[str, dict[str, Figures]]) -> dict[str, dict[str, str]]:
    """What the teams, reasons, tiers and agents among `found` are called."""
    tables: dict[str, tuple[Any, str]] = {
        "team": (Team.objects.filter(brand=brand), "pk"),
        "topic": (ContactReason.objects.filter(brand=brand), "pk"),
        "tier": (Tier.objects.filter(programme__brand=brand), "rank"),
        "owner": (Agent.objects.all(), "pk"),
    }
    names = {
        part: {
            str(getattr(row, key)): str(row)
            for row in rows.filter(**{f"{key}__in": [int(which) for which in found.get(part, {})]})
        }
        for part, (rows, key) in tables.items()
    }
    names["source"] = {code: str(words) for code, words in Callback.Source.choices}
    return names


def _mondays(first: date, end: date) -> Iterator[date]:
    """The Mondays of the weeks that have a day in [first, end)."""
    monday = first - timedelta(days=first.weekday())
    while monday < end:
        yield monday
        monday += timedelta(days=7)
