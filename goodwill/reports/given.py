"""What was given in a time, and how it went on: by reason, agent, team and tier, apologies apart from delight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from agents.models import Agent, Brand, Team
from goodwill.models import Reason
from goodwill.reports.comparison import AGAIN_WITHIN
from goodwill.reports.standing import GIVEN_AT, THINGS, tier_at
from loyalty.models import Programme, Tier

WAITED = timedelta(days=31)  # before what was asked for longer ago was given, or never
PARTS = ("reason", "agent", "team", "tier", "form")
GIVEN = f"""
WITH given AS MATERIALIZED (
    SELECT r.points, r.by_id, r.reason_id, g.kind, t.customer_id, coalesce(t.merged_into_id, t.id) AS ticket_id,
        CASE WHEN v.id IS NOT NULL THEN 2 WHEN b.id IS NOT NULL THEN 3 ELSE 1 END AS form,
        {GIVEN_AT} AS at, {tier_at("t.customer_id", GIVEN_AT)} AS tier
    FROM goodwill_request r JOIN goodwill_reason g ON g.id = r.reason_id
        JOIN tickets_ticket t ON t.id = r.ticket_id {THINGS}
    WHERE r.brand_id = %(brand)s AND r.state = 'posted'
        AND r.asked_at >= %(since)s - %(waited)s AND r.asked_at < %(until)s
        AND {GIVEN_AT} >= %(since)s AND {GIVEN_AT} < %(until)s
), followed AS MATERIALIZED (
    SELECT given.*, at + %(within)s <= %(at)s AS watched, survey.score,
        EXISTS (
            SELECT FROM tickets_ticket n WHERE n.customer_id = given.customer_id
                AND n.opened_at > given.at AND n.opened_at <= given.at + %(within)s
                AND EXISTS (SELECT FROM tickets_message m WHERE m.ticket_id = n.id AND m.kind = 'inbound')
        ) AS again,
        EXISTS (
            SELECT FROM tickets_ticketevent v WHERE v.ticket_id = given.ticket_id AND v.kind = 'reopened'
                AND v.at > given.at AND v.at <= given.at + %(within)s
        ) AS reopened
    FROM given LEFT JOIN tickets_survey survey ON survey.ticket_id = given.ticket_id AND survey.state = 'answered'
        AND coalesce(survey.changed_at, survey.answered_at) > given.at
), lines AS (
    SELECT 'all' AS part, 0::bigint AS which, followed.* FROM followed
    UNION ALL SELECT 'reason', reason_id, followed.* FROM followed
    UNION ALL SELECT 'agent', coalesce(by_id, 0), followed.* FROM followed
    UNION ALL SELECT 'tier', tier, followed.* FROM followed
    UNION ALL SELECT 'form', form, followed.* FROM followed
    UNION ALL SELECT 'week', extract(epoch FROM date_trunc('week', at AT TIME ZONE %(zone)s))::bigint, followed.*
        FROM followed
    UNION ALL SELECT 'team', coalesce(teams.team_id, 0), followed.* FROM followed LEFT JOIN (
        SELECT m.agent_id, m.team_id FROM agents_agent_teams m JOIN agents_team team ON team.id = m.team_id
        WHERE team.brand_id = %(brand)s
    ) teams ON teams.agent_id = followed.by_id
)
SELECT kind, part, which, count(*), sum(points), count(DISTINCT customer_id), count(*) FILTER (WHERE watched),
    count(*) FILTER (WHERE watched AND again), count(*) FILTER (WHERE watched AND reopened),
    count(score), count(*) FILTER (WHERE score >= 4)
FROM lines GROUP BY kind, part, which
"""  # noqa: S608  our own words


@dataclass(frozen=True)
class Figures:
    """Grants, their points, how many customers got them; of the grants `watched` for 14 days after which a customer
    wrote again on a new ticket, and whose ticket was opened again; surveys answered since, and well (four or five).

    A voucher or a benefit counts for the points it was worth.
    """

    grants: int = 0
    points: int = 0
    customers: int = 0
    watched: int = 0
    wrote_again: int = 0
    reopened: int = 0
    answered: int = 0
    content: int = 0


@dataclass
class Kind:
    """What was given of one kind: in all, in each week (by its Monday), and by part the most first."""

    total: Figures = field(default_factory=Figures)
    weeks: list[tuple[date, int]] = field(default_factory=list)
    parts: dict[str, list[tuple[str, Figures]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Apologies and delight; `point_value_minor` is what a point is worth, in minor units of the brand's currency."""

    apology: Kind
    delight: Kind
    point_value_minor: int


def given(brand: Brand, *, since: datetime, until: datetime, at: datetime) -> Given:
    """What was given in `brand` from `since` to before `until` and stands; what was taken back is left out.

    The tier is that of the moment it was given, the teams are those its agent is in now: it counts in each. How it
    went on is known by `at`. Six questions, however much was given.
    """
    zone = ZoneInfo(brand.time_zone)
    asked: dict[str, Any] = {
        "brand": brand.pk, "since": since, "until": until, "at": at, "waited": WAITED, "within": AGAIN_WITHIN,
        "zone": zone.key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, asked)
        rows = cursor.fetchall()
    found: dict[str, dict[str, dict[int, Figures]]] = {kind: {} for kind in Reason.Kind.values}
    for kind, part, which, *figures in rows:
        found[kind].setdefault(part, {})[which] = Figures(*map(int, figures))
    names = _names(brand, found)
    value = Programme.objects.filter(brand=brand).values_list("point_value_minor", flat=True).first()
    mondays = list(_mondays(since.astimezone(zone).date(), until.astimezone(zone).date()))
    kinds = {kind: _kind(parts, names, mondays) for kind, parts in found.items()}
    return Given(kinds[Reason.Kind.APOLOGY], kinds[Reason.Kind.DELIGHT], value or 0)


def _kind(
    parts: dict[str, dict[int, Figures]], names: dict[str, dict[int, str]], mondays: list[date]
) -> Kind:
    in_week = {
        datetime.fromtimestamp(week, UTC).date(): one.points for week, one in parts.get("week", {}).items()
    }
    return Kind(
        parts.get("all", {}).get(0, Figures()),
        [(monday, in_week.get(monday, 0)) for monday in mondays],
        {part: _named(parts.get(part, {}), names[part]) for part in PARTS},
    )


def _named(rows: dict[int, Figures], names: dict[int, str]) -> list[tuple[str, Figures]]:
    named = [(names.get(which, _("none")), figures) for which, figures in rows.items()]
    return sorted(named, key=lambda row: (-row[1].points, row[0]))


def _names(brand: Brand, found: dict[str, Any]) -> dict[str, dict[int, str]]:
    """What the reasons, agents, teams and tiers among `found` are called."""
    tables: dict[str, Any] = {
        "reason": Reason.objects.filter(brand=brand), "agent": Agent.objects.all(),
        "team": Team.objects.filter(brand=brand), "tier": Tier.objects.filter(programme__brand=brand),
    }  # fmt: skip
    names = {
        part: {
            row.pk: str(row)
            for row in rows.filter(
                pk__in={which for parts in found.values() for which in parts.get(part, {})}
            )
        }
        for part, rows in tables.items()
    }
    names["agent"][0] = _("nobody: a pledge paid")
    names["form"] = {1: _("points"), 2: _("a voucher"), 3: _("a benefit")}
    return names


def _mondays(first: date, end: date) -> Iterator[date]:
    """The Mondays of the weeks that have a day in [first, end)."""
    monday = first - timedelta(days=first.weekday())
    while monday < end:
        yield monday
        monday += timedelta(days=7)
