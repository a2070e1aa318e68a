"""An agent's promises of the day in the order in which they are to be kept, and all there is to know before a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Agent
from callbacks.links import video_link
from callbacks.models import Attempt, Callback, CallbackPolicy
from callbacks.services import DIRECT, Left, left_of
from contactcenter import clock

SHOWN = 100
OF_TEAM = 20
State = Callback.State
DONE_TODAY = [State.KEPT, State.GIVEN_UP, State.MISSED]


@dataclass(frozen=True)
class Promises:
    """Promises under one heading."""

    title: str
    rows: list[Callback]


def promises_of(rows: Any, agent: Agent) -> list[Promises]:
    """What `agent` has to do now, what their teams have, what comes, and what was done today; of the visible `rows`.

    A hundred at most, and twenty of the teams. Two queries.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    theirs = Q(owner=agent, state__in=Callback.OPEN) | Q(offered_to=agent)
    done = Q(owner=agent, state__in=DONE_TODAY, ended_at__gte=midnight)
    mine = list(rows.filter(theirs | done).order_by("window_from", "id")[:SHOWN])
    free = rows.filter(owner=None, team__in=agent.teams.all(), state=State.DUE).order_by(
        "-priority", "window_to", "id"
    )
    today = timezone.localdate()
    waiting = [row for row in mine if row.state in Callback.WAITING]
    groups = [
        Promises(_("Offered to you"), [row for row in mine if row.offered_to_id == agent.pk]),
        Promises(_("In your hands"), [row for row in mine if row.state in (State.IN_CALL, State.ACCEPTED)]),
        Promises(_("Due now"), _soonest_end(row for row in mine if row.state == State.DUE)),
        Promises(_("Due in your team"), list(free[:OF_TEAM])),
        Promises(_("Later today"), [row for row in waiting if timezone.localdate(row.window_from) <= today]),
        Promises(_("Another day"), [row for row in waiting if timezone.localdate(row.window_from) > today]),
        Promises(_("Done today"), [row for row in mine if row.state in DONE_TODAY]),
    ]
    return [group for group in groups if group.rows]


def _soonest_end(rows: Iterable[Callback]) -> list[Callback]:
    return sorted(rows, key=lambda row: row.window_to)


@dataclass(frozen=True)
class Standing:
    """What can be done with a promise by whoever looks at it, and how it got to them."""

    can_accept: bool
    can_decline: bool
    can_call: bool
    is_theirs: bool
    left: dict[str, Left]
    video: str
    now: datetime


def _can_call(callback: Callback, agent: Agent, attempts: Iterable[Attempt]) -> bool:
    """Whether a number can be rung for it now by this agent: once more where no dialler has rung it."""
    if not callback.is_call:
        return False
    offered = callback.offered_to_id == agent.pk or callback.state == State.DUE
    again = callback.state == State.IN_CALL and any(not one.outcome and one.fell_back for one in attempts)
    return offered or (callback.owner_id == agent.pk and (callback.state == State.ACCEPTED or again))


def _video(callback: Callback) -> str:
    """Where a video call meets; "" for any other."""
    if callback.channel != Callback.Channel.VIDEO:
        return ""
    return video_link(callback, CallbackPolicy.objects.of(callback.brand_id))


def standing_of(callback: Callback, agent: Agent, attempts: Iterable[Attempt]) -> Standing:
    """How a promise stands for `agent`; `left` says of each outcome that reaches nobody what follows."""
    taken = callback.state in (State.ACCEPTED, State.IN_CALL)
    offered = callback.offered_to_id == agent.pk
    theirs = callback.owner_id == agent.pk
    return Standing(
        can_accept=callback.is_call and (offered or callback.state == State.DUE),
        can_call=_can_call(callback, agent, attempts),
        can_decline=offered or (theirs and callback.state == State.ACCEPTED),
        is_theirs=offered or theirs or not taken or agent.has_perm(DIRECT),
        video=_video(callback) if theirs or offered else "",
        left=left_of(callback, attempts) if callback.is_call and callback.is_open else {},
        now=clock.now(),
    )
