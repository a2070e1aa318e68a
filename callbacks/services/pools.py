"""Who can make a call, and what they have promised already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from agents import roles
from agents.models import Agent, Team
from callbacks.capacity import Book, Span
from callbacks.models import Callback
from callbacks.windows import LONGEST
from contactcenter import keys


@dataclass(frozen=True)
class Pool:
    """So many agents who can make a call, the windows of what they have promised, and what room is left beside them."""

    agents: int
    windows: list[Span]
    book: Book


def line_up(owner: Agent | None, team: Team | None) -> None:
    """Stand in line for the time of whoever is to call, until the transaction ends.

    The last lock of the house's order, after the row of the callback. An owner's time is that of their teams as well: a
    team is locked before an agent, teams by their ids.
    """
    teams = [team.pk] if team else []
    if owner is not None:
        teams = sorted(owner.teams.values_list("pk", flat=True))
    for pk in teams:
        keys.claim(Team, f"calls:{pk}")
    if owner is not None:
        keys.claim(Agent, f"calls:{owner.pk}")


def pools_of(
    owner: Agent | None, team: Team | None, *, per_quarter: int, besides: Callback | None, at: datetime
) -> list[Pool]:
    """Whose time a call takes, whoever makes it first: its owner, else its team; two questions.

    An owner's time is also that of each of their teams which has promised calls that nobody owns yet. A team has the
    time of its agents, or of all who serve the brand where nobody works in it, as they are offered its calls; what it
    has promised is what they own and what nobody does.
    """
    crews = _crews(owner, team, at)
    calls = Callback.objects.open().filter(
        # No window is longer: of an agent's past this reads half a day.
        kind="call", window_to__gt=at, window_from__gt=at - LONGEST,
    )  # fmt: skip
    people = {agent for crew in crews.values() for agent in crew} | ({owner.pk} if owner else set())
    calls = calls.filter(Q(owner__in=people) | Q(owner=None, team__in=list(crews)))
    if besides is not None:
        calls = calls.exclude(pk=besides.pk)
    rows = list(calls.values_list("owner", "team", "window_from", "window_to"))
    own = [_pool({owner.pk}, None, rows, per_quarter, at)] if owner else []
    return own + [_pool(crew, pk, rows, per_quarter, at) for pk, crew in crews.items()]


def _pool(
    crew: Collection[int],
    team: int | None,
    rows: list[tuple[int | None, int | None, datetime, datetime]],
    per_quarter: int,
    at: datetime,
) -> Pool:
    windows = [
        (max(start, at), end)
        for owner, of_team, start, end in rows
        if owner in crew or (owner is None and team is not None and of_team == team)
    ]
    return Pool(len(crew), windows, Book(windows, per_quarter * len(crew)))


def _crews(owner: Agent | None, team: Team | None, at: datetime) -> Mapping[int, set[int]]:
    """By team the agents who work in it: of `team`, or of those of the owner that have promised what nobody owns."""
    members = Team.agents.through.objects.filter(agent__is_active=True, agent__brands=F("team__brand"))
    members = members.exclude(agent__groups__name=roles.INTEGRATION)
    if owner is not None:
        unowned = Callback.objects.open().filter(
            kind="call", owner=None, team__agents=owner, window_to__gt=at
        )
        members = members.filter(team__in=unowned.values("team"))
    else:
        members = members.filter(team=team)
    crews: dict[int, set[int]] = defaultdict(set)
    for pk, agent in members.values_list("team", "agent"):
        crews[pk].add(agent)
    if team is not None and owner is None and not crews:
        crews[team.pk] = set(Agent.objects.serving(team.brand).values_list("pk", flat=True))
    return crews
