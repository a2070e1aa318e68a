"""Versions of a programme's tiers: set up, drafted, published, and the members carried over to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty.models import Criterion, Programme, Tier, TierSet

FROM_THE_BEGINNING = date(2000, 1, 1)
PUBLISH = "loyalty.change_tierset"
Step = tuple[str, str, int]  # code, name, qualifying points


@transaction.atomic
def set_up_tiers(programme: Programme, steps: Sequence[Step], *, at: datetime | None = None) -> list[Tier]:
    """Give a programme that has none its tiers, from the lowest up, by qualifying points of a calendar year.

    They are version 1, in force from the beginning. No steps: no tiers, and no version.
    """
    tiers = [
        Tier(programme=programme, rank=rank, code=code, name=name)
        for rank, (code, name, _points) in enumerate(steps, start=1)
    ]
    if not tiers:
        return []
    Tier.objects.bulk_create(tiers)
    first = TierSet.objects.create(programme=programme, version=1, in_force_from=FROM_THE_BEGINNING)
    Criterion.objects.bulk_create(
        Criterion(programme=programme, tier_set=first, tier=tier, qualifying_points=step[2])
        for tier, step in zip(tiers, steps, strict=True)
    )
    at = at or clock.now()
    TierSet.objects.filter(pk=first.pk).update(published_at=at, followed_at=at)
    return tiers


@transaction.atomic
def publish(version: TierSet, *, by: Agent, at: datetime | None = None) -> TierSet:
    """Fix a draft for ever: it is in force from the local day it names, which lies ahead or is today.

    Refused: `not_allowed`, `published` (it is already), `no_day`, `day_is_over`, `day_is_taken`, `no_tiers`,
    `not_ascending` where a higher tier asks less of a measure than a lower one.
    """
    expect_right(by, PUBLISH, version.programme.brand_id)
    at = at or clock.now()
    Programme.objects.select_for_update().get(
        pk=version.programme_id
    )  # one at a time, so that days stay apart
    version = TierSet.objects.select_for_update(of=("self",)).select_related("programme").get(pk=version.pk)
    if not version.is_draft:
        raise Refused("published", _("This version is published already."))
    _expect_day(version, at)
    _expect_ascending(version)
    version.published_at, version.published_by = at, by
    version.save(update_fields=["published_at", "published_by"])
    return version


def _expect_day(version: TierSet, at: datetime) -> None:
    if version.in_force_from is None:
        raise Refused("no_day", _("Say from which day on this version is in force."))
    if version.in_force_from < at.astimezone(version.programme.zone).date():
        raise Refused("day_is_over", _("That day is over: choose today or a later day."))
    others = TierSet.objects.filter(programme=version.programme_id, published_at__isnull=False)
    if others.filter(in_force_from=version.in_force_from).exists():
        raise Refused("day_is_taken", _("Another version begins on that day."))


def _expect_ascending(version: TierSet) -> None:
    rows = list(version.criteria.select_related("tier").order_by("tier__rank"))
    if not rows:
        raise Refused("no_tiers", _("This version has no tiers yet."))
    for measure in ("qualifying_points", "spend_minor", "orders"):
        asked = [getattr(row, measure) for row in rows if getattr(row, measure) is not None]
        if asked != sorted(set(asked)):
            raise Refused("not_ascending", _("A higher tier must ask for more than a lower one."))


def next_version(programme: Programme) -> int:
    """The number of the version that is drafted next; in a transaction, others wait for it."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    last = TierSet.objects.filter(programme=programme).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1
