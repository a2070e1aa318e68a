"""Names after an @ in a note: whom they mean, and that these are told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.text import slugify

from agents.models import Agent, Team
from agents.telling import notify
from tickets.models import Message, Ticket

NAME = re.compile(r"(?<![\w@./])@([\w][\w.+-]{0,79})")
NAMES_OFFERED = 8
MOST_NAMES = 20  # of one note: nobody means more


def handle_of(agent: Agent) -> str:
    """How an agent is named in a note: what stands before the @ of their address."""
    return agent.email.partition("@")[0].lower()


def handle_of_team(team: Team) -> str:
    """How a team is named in a note: its name in one word."""
    return slugify(team.name, allow_unicode=True)


@dataclass(frozen=True)
class Named:
    """Somebody, or a team, whom a note may name."""

    handle: str
    name: str


def names_for(ticket: Ticket, begun: str) -> list[Named]:
    """Whom a note of `ticket` may name whose name, or a word of it, begins as `begun`; teams stand last."""
    people = Agent.objects.serving(ticket.brand).only("name", "email").order_by("name")
    teams = Team.objects.filter(brand=ticket.brand_id).order_by("name")
    known = [Named(handle_of(agent), agent.name) for agent in people]
    known += [Named(handle_of_team(team), team.name) for team in teams]
    wanted = begun.lower()
    return [one for one in known if _begins(one, wanted)][:NAMES_OFFERED]


def _begins(one: Named, wanted: str) -> bool:
    return any(word.startswith(wanted) for word in (one.handle, *one.name.lower().split()))


def named_in(text: str, ticket: Ticket) -> tuple[list[str], list[Agent]]:
    """The names in a note of `ticket` that mean somebody, as they stand there, and whom they mean.

    Only people who serve the ticket's brand, and its teams, are meant by anything; other words stay words.
    """
    words = list(dict.fromkeys(word.rstrip(".-+") for word in NAME.findall(text)))[:MOST_NAMES]
    if not words:
        return [], []
    serving = list(Agent.objects.serving(ticket.brand).prefetch_related("teams"))
    named: dict[str, list[Agent]] = {}
    for agent in serving:
        for team in agent.teams.all():
            if team.brand_id == ticket.brand_id:
                named.setdefault(handle_of_team(team), []).append(agent)
    for agent in serving:
        named[handle_of(agent)] = [other for other in serving if handle_of(other) == handle_of(agent)]
    names = [word for word in words if word.lower() in named]
    meant = {agent.pk: agent for word in names for agent in named[word.lower()]}
    return names, sorted(meant.values(), key=lambda agent: agent.pk)


def tell_named(meant: list[Agent], note: Message, ticket: Ticket) -> None:
    """Tell those whom a note means, but for its author."""
    told = [agent for agent in meant if agent.pk != note.author_id]
    notify(
        told, brand_id=ticket.brand_id, kind="mentioned", subject=ticket.reference, key=f"mentioned:{note.pk}",
        at=note.created_at, message=note.pk, by=note.author_id,
    )  # fmt: skip
