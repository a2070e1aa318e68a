"""Who can make a call, and what they have promised already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from agents import roles
from agents.models import Agent, Brand, Team
from callbacks.capacity import Book, Crew, Span
from callbacks.models import Callback
from callbacks.windows import LONGEST
from contactcenter import keys

Promised = tuple[int | None, int | None, datetime, datetime]  # owner, team, from, to


@dataclass(frozen=True)
class Pool:
    """So many agents of whom one makes a call, the windows of what takes their time, and what room is left."""

    agents: int
    windows: list[Span]
    book: Book


def line_up() -> None:
    """Stand in line for everybody's time, until the transaction ends: the last lock of the house's order.

    One line for the whole house: agents work in several teams and brands, so that a call of one may have to make way
    for that of any other. A promise holds it for the few statements that follow.
    """
    keys.claim(Callback, "calls")


def pool_of(
    owner: Agent | None, team: Team | None, *, per_quarter: int, besides: Callback | None, at: datetime
) -> Pool | None:
    """Who makes a call and how much time is left: its owner, else one of its team; None where neither is known.

    A team has the time of its agents, or of all who serve the brand where nobody works in it, as they are offered its
    calls. What an owner has promised is made by nobody else. Whoever works in several teams is counted once: the calls
    of all teams that are connected so are looked at together. The same few questions for any number of calls.
    """
    if owner is None and team is None:
        return None
    calls = Callback.objects.open().filter(
        # No window is longer: of an agent's past this reads half a day.
        kind="call", window_to__gt=at, window_from__gt=at - LONGEST,
    )  # fmt: skip
    if besides is not None:
        calls = calls.exclude(pk=besides.pk)
    crews = _crews(calls, None if owner else team)
    mine = frozenset([owner.pk]) if owner else crews[team.pk] if team else Crew()
    people, teams = _connected(mine, crews)
    rows: list[Promised] = list(
        calls.filter(Q(owner__in=people) | Q(owner=None, team__in=teams)).values_list(
            "owner", "team", "window_from", "window_to"
        )
    )
    promised = [((max(start, at), end), _makers(by, of, crews)) for by, of, start, end in rows]
    windows = [window for window, who in promised if who and who <= mine]
    return Pool(len(mine), windows, Book(promised, mine, per_quarter))


def _makers(owner: int | None, team: int | None, crews: Mapping[int, Crew]) -> Crew:
    return Crew([owner]) if owner is not None else crews.get(team or 0, Crew())


def _crews(calls: QuerySet[Callback], team: Team | None) -> Mapping[int, Crew]:
    """By team those who make its calls: of `team`, and of all that have promised calls which nobody owns yet."""
    asked = Q(pk__in=calls.filter(owner=None, team__isnull=False).values("team")) | Q(
        pk=team.pk if team else None
    )
    brands = dict(Team.objects.filter(asked).values_list("pk", "brand"))
    members = Team.agents.through.objects.filter(
        team__in=brands, agent__is_active=True, agent__brands=F("team__brand")
    ).exclude(agent__groups__name=roles.INTEGRATION)
    found: dict[int, set[int]] = defaultdict(set)
    for pk, agent in members.values_list("team", "agent"):
        found[pk].add(agent)
    empty = {pk: brand for pk, brand in brands.items() if pk not in found}
    for brand in Brand.objects.filter(pk__in=set(empty.values())):
        serving = set(Agent.objects.serving(brand).values_list("pk", flat=True))
        found.update({pk: serving for pk, of in empty.items() if of == brand.pk})
    return {pk: Crew(agents) for pk, agents in found.items()}


def _connected(mine: Crew, crews: Mapping[int, Crew]) -> tuple[Collection[int], Collection[int]]:
    """All agents whose time a call of `mine` may take by making others move, and the teams that connect them."""
    people, teams = set(mine), set[int]()
    while near := {pk for pk, crew in crews.items() if pk not in teams and crew & people}:
        teams |= near
        people.update(*(crews[pk] for pk in near))
    return people, teams
