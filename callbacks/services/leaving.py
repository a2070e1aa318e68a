"""Nobody is waited for who has left: what was offered to them, or accepted by them, is free for the others."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agents.models import Brand
from agents.presence.models import Kind, Presence
from callbacks.models import Callback
from callbacks.models.promises import CallbackQuerySet
from callbacks.services.offering import back_to_due
from callbacks.services.steps import Event, State, read
from contactcenter import clock
from contactcenter.sweeping import each

AT_ONCE = 200


def take_back_some(*, at: datetime | None = None) -> int:
    """Take calls back from agents who are not here any more, at most 200; how many.

    An offer does not wait for whoever is away or offline; a call that was accepted only leaves who is offline, and none
    that has begun. They have not said no: once they are back they are asked again.
    """
    at = at or clock.now()
    return each(_take_back, [(pk, at) for pk in _left_behind().values_list("pk", flat=True)[:AT_ONCE]])


def _left_behind() -> CallbackQuerySet:
    here = Presence.objects.exclude(kind=Kind.OFFLINE)
    asked = Q(offered_to__isnull=False) & ~Exists(
        here.exclude(kind=Kind.AWAY).filter(agent=OuterRef("offered_to"))
    )
    # By brand, for the index of the states.
    taken = Q(brand__in=Brand.objects.values("pk"), state=State.ACCEPTED) & ~Exists(
        here.filter(agent=OuterRef("owner"))
    )
    return Callback.objects.filter(asked | taken)


@transaction.atomic
def _take_back(pk: int, at: datetime) -> int:
    if not _left_behind().filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).only("pk"):
        return 0
    callback = read(pk)
    agent = callback.offered_to_id or callback.owner_id
    if agent is not None:
        back_to_due(callback, Event.RELEASED, agent, by=None, at=at)
    return 1
