"""Who looks at which ticket, and who writes there: kept in Redis for a moment, and nowhere where there is none.

Of every ticket two sets, of who looks and of who types, each agent with the instant at which that is over. Nobody reads
and writes back: one adds oneself, and what is over is dropped on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import wire
from tickets.models import Draft, Ticket

LOOKS_SECONDS = 45  # a tab says so every 20 s
TYPES_SECONDS = 12  # whoever types says so every 4 s
OPENED_KEPT = 500  # tickets of one agent: when they had them open last
OPENED_SECONDS = 30 * 24 * 3600
AT_MOST = 60  # rows of a list that are asked about
KINDS = ("reply", "note")


@dataclass(frozen=True)
class Looker:
    """Somebody who looks at a ticket; `types` says what they write there, "" when nothing.

    `begun`: they are not seen there, and words of theirs wait unsent.
    """

    agent: Agent
    types: str = ""
    begun: bool = False

    @property
    def words(self) -> str:
        name = {"name": self.agent.first_name}
        if self.types == "note":
            return _("%(name)s is writing a note") % name
        if self.types:
            return _("%(name)s is writing a reply") % name
        if self.begun:
            return _("%(name)s has not sent what they wrote") % name
        return _("%(name)s is looking") % name


def visible(agent: Agent, pks: Collection[int]) -> dict[int, int]:
    """Of these tickets those the agent may know of, with their brands."""
    return dict(Ticket.objects.visible_to(agent).filter(pk__in=pks).values_list("pk", "brand_id"))


def look(ticket: int, brand: int, agent: Agent, *, types: str, at: datetime) -> None:
    """Note that `agent` looks at the ticket now, and writes what `types` names; the others hear when that is new.

    It is read by that for this agent: the newest 500 tickets that they had open are kept, for thirty days.
    """
    now = at.timestamp()

    def note(client: Any) -> list[int]:
        pipe = client.pipeline(transaction=False)
        for key in (_looks(ticket), _types(ticket)):
            pipe.zremrangebyscore(key, "-inf", now)
        pipe.zadd(_looks(ticket), {str(agent.pk): now + LOOKS_SECONDS})
        for kind in KINDS:
            if kind == types:
                pipe.zadd(_types(ticket), {f"{agent.pk}.{kind}": now + TYPES_SECONDS})
            else:
                pipe.zrem(_types(ticket), f"{agent.pk}.{kind}")
        for key in (_looks(ticket), _types(ticket)):
            pipe.expire(key, LOOKS_SECONDS)
        pipe.zadd(_opened(agent), {str(ticket): now})
        pipe.zremrangebyrank(_opened(agent), 0, -OPENED_KEPT - 1)
        pipe.expire(_opened(agent), OPENED_SECONDS)
        return pipe.execute()[2:5]

    if any(wire.ask(note, otherwise=[])):
        _tell(ticket, brand)


def opened(agent: Agent, tickets: Sequence[int]) -> dict[int, float]:
    """When `agent` had these tickets before their eyes last, in seconds since 1970; 0 of those they had not."""
    keys = [str(ticket) for ticket in tickets]
    found = wire.ask(lambda client: client.zmscore(_opened(agent), keys), otherwise=[]) if keys else []
    return {ticket: at or 0 for ticket, at in zip(tickets, found or [0] * len(keys), strict=True)}


def leave(ticket: int, brand: int, agent: Agent) -> None:
    """Note that `agent` looks at it no more."""

    def note(client: Any) -> list[int]:
        pipe = client.pipeline(transaction=False)
        pipe.zrem(_looks(ticket), str(agent.pk))
        pipe.zrem(_types(ticket), *(f"{agent.pk}.{kind}" for kind in KINDS))
        return pipe.execute()

    if any(wire.ask(note, otherwise=[])):
        _tell(ticket, brand)


def lookers(tickets: Iterable[int], *, but: Agent, at: datetime) -> dict[int, list[Looker]]:
    """Who else looks at each of these tickets, as far as `but` may know them; whoever types stands first. One query."""
    tickets, now = list(tickets), at.timestamp()

    def read(client: Any) -> list[list[str]]:
        pipe = client.pipeline(transaction=False)
        for ticket in tickets:
            pipe.zrangebyscore(_looks(ticket), now, "+inf")
            pipe.zrangebyscore(_types(ticket), now, "+inf")
        return pipe.execute()

    found = wire.ask(read, otherwise=[]) if tickets else []
    there = {
        ticket: {int(pk): "" for pk in looks} | {int(pk): kind for pk, _dot, kind in map(_parted, types)}
        for ticket, looks, types in zip(tickets, found[::2], found[1::2], strict=False)
    }
    named = {pk for looking in there.values() for pk in looking} - {but.pk}
    known = {one.pk: one for one in Agent.objects.visible_to(but).filter(pk__in=named).only("name", "email")}
    return {
        ticket: sorted(
            (Looker(known[pk], types) for pk, types in looking.items() if pk in known),
            key=lambda one: (not one.types, one.agent.pk),
        )
        for ticket, looking in there.items()
    }


def begun(ticket: int, *, but: Agent) -> list[Looker]:
    """Whose words wait unsent in the ticket, those of `but` left out. One query."""
    drafts = Draft.objects.visible_to(but).written().filter(ticket=ticket).exclude(text="").exclude(agent=but)
    return [Looker(draft.agent, begun=True) for draft in drafts.select_related("agent").order_by("agent")]


def _parted(member: str) -> tuple[str, str, str]:
    return member.partition(".")


def _tell(ticket: int, brand: int) -> None:
    wire.publish(f"{wire.LOOKS} {brand} {ticket}")


def _looks(ticket: int) -> str:
    return f"looks:{ticket}"


def _opened(agent: Agent) -> str:
    return f"opened:{agent.pk}"


def _types(ticket: int) -> str:
    return f"types:{ticket}"
