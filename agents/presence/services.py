"""Deeds on presence: the only writers of who is in which state."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.presence.models import Kind, Presence, StateReason, Stretch
from contactcenter import clock
from contactcenter.errors import Refused
from contactcenter.live import nudge

BEAT_EVERY = timedelta(seconds=30)  # so often at most is it written down that a desk was heard of
LOST_AFTER = timedelta(seconds=150)  # a desk beats every 45 s: three beats missed
AT_ONCE = 100
ROUTING = "tickets.tasks.route_waiting"  # who is there now may be given something
Cause = Stretch.Cause


@transaction.atomic
def set_state(
    agent: Agent, kind: str, *, by: Agent, reason: StateReason | None = None, at: datetime | None = None
) -> Presence:
    """Put `agent` into the state `kind`, for a `reason` of a brand they serve; choosing it again only says: still here.

    Refused: `not_allowed` for a colleague without the right, `no_such_state`, `no_such_reason` for one of another
    state, of a brand that is not theirs, or out of use.
    """
    if by != agent and not (by.has_perm("agents.change_presence") and _knows(by, agent)):
        raise Refused("not_allowed", _("Your role does not allow this."))
    if kind not in Kind.values:
        raise Refused("no_such_state", _("There is no such state."))
    if reason is not None and not _fits(reason, agent, kind):
        raise Refused("no_such_reason", _("This reason is not one of this state."))
    at = at or clock.now()
    presence = _lock(agent, at)
    _put(presence, kind, reason, Cause.CHOSEN, by=by, at=at, heard=by == agent)
    return presence


@transaction.atomic
def beat(agent: Agent, *, at: datetime | None = None) -> Presence:
    """Note that the desk of `agent` is open, at most every half minute. Who was never here or was lost is away now.

    Who chose to be offline stays so.
    """
    at = at or clock.now()
    presence = Presence.objects.select_related("reason").filter(agent=agent).first()
    if presence is None or presence.was_lost:
        presence = _lock(agent, at)
        if presence.was_lost:
            _put(presence, Kind.AWAY, None, Cause.OPENED, by=agent, at=at, heard=True)
    elif presence.kind != Kind.OFFLINE and presence.seen_at <= at - BEAT_EVERY:
        Presence.objects.filter(agent=agent, seen_at__lt=at).update(seen_at=at)
    return presence


@transaction.atomic
def lose_some(*, at: datetime | None = None) -> int:
    """Say offline of those whose desk fell silent, a hundred at most; how many those were."""
    at = at or clock.now()
    silent = Presence.objects.to_lose(at - LOST_AFTER).select_for_update(skip_locked=True)
    lost = list(silent[:AT_ONCE])
    for presence in lost:
        _put(presence, Kind.OFFLINE, None, Cause.LOST, by=None, at=at, heard=False)
    return len(lost)


def _knows(by: Agent, agent: Agent) -> bool:
    return Agent.objects.visible_to(by).filter(pk=agent.pk).exists()


def _fits(reason: StateReason, agent: Agent, kind: str) -> bool:
    served = agent.brands.filter(pk=reason.brand_id).exists()
    return served and reason.kind == kind and reason.is_active


def _lock(agent: Agent, at: datetime) -> Presence:
    """The presence of `agent`, locked; who has none yet gets one that says: not here so far."""
    missing = Presence(agent=agent, kind=Kind.OFFLINE, since=at, seen_at=at, was_lost=True)
    if not Presence.objects.filter(agent=agent).exists():
        Presence.objects.bulk_create([missing], ignore_conflicts=True)
    return Presence.objects.select_for_update(of=("self",)).select_related("reason").get(agent=agent)


def _put(
    presence: Presence,
    kind: str,
    reason: StateReason | None,
    cause: str,
    *,
    by: Agent | None,
    at: datetime,
    heard: bool,
) -> None:
    """End the running stretch of a locked presence and begin another; in the same state only the beat counts."""
    at = max(at, presence.since)  # two machines' clocks differ: time in a state never runs backward
    if heard:
        presence.seen_at = max(at, presence.seen_at)
    same = (presence.kind, presence.reason) == (kind, reason) and not presence.was_lost
    if not same:
        Stretch.objects.filter(agent=presence.agent_id, ended_at=None).update(ended_at=at)
        Stretch.objects.create(
            agent_id=presence.agent_id, kind=kind, reason=reason, cause=cause, by=by, started_at=at
        )
        presence.kind, presence.reason, presence.since = kind, reason, at
        presence.was_lost = cause == Cause.LOST
        if kind == Kind.AVAILABLE:
            nudge(ROUTING)
    presence.save(update_fields=["kind", "reason", "since", "seen_at", "was_lost"])
