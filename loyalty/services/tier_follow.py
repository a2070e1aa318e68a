"""Members are carried over to a new version of the tiers when its day comes, a few hundred at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from contactcenter import clock
from loyalty.models import Account, TierChange, TierSet
from loyalty.services.standing import Ladder, Standing, ladder_of, standings_at
from loyalty.services.tiers import change, keep_changes, rank_of

AT_ONCE = 500


@transaction.atomic
def follow_some(*, at: datetime | None = None) -> bool:
    """Carry the next members over to a version whose day has come; False when all are where they belong.

    Nobody is lowered before the next review: who reaches more now is raised, who holds a tier that is no longer
    there gets the next lower one. The version itself keeps how far the work has come.
    """
    at = at or clock.now()
    version = _to_follow(at)
    if version is None:
        return False
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    members = locked.filter(programme=version.programme_id, pk__gt=version.followed_up_to)
    accounts = list(members.order_by("pk")[:AT_ONCE])
    if not accounts:
        TierSet.objects.filter(pk=version.pk).update(followed_at=at)
        return True
    ladder = ladder_of(version.programme, at)
    if ladder:
        keep_changes(_carried(ladder, accounts, at))
    TierSet.objects.filter(pk=version.pk).update(followed_up_to=accounts[-1].pk)
    return True


def _to_follow(at: datetime) -> TierSet | None:
    """A published version whose day has come and that not all members follow yet, locked."""
    waiting = TierSet.objects.filter(
        published_at__isnull=False,
        followed_at__isnull=True,
        in_force_from__lte=(at + timedelta(days=1)).date(),
    ).order_by("in_force_from", "id")
    for version in waiting.select_for_update(skip_locked=True, of=("self",)).select_related("programme"):
        if version.in_force_from <= at.astimezone(version.programme.zone).date():
            return version
    return None


def _carried(ladder: Ladder, accounts: Sequence[Account], at: datetime) -> list[TierChange]:
    found = zip(accounts, standings_at(ladder, accounts, at), strict=True)
    return [line for account, earned in found if (line := _carry(ladder, account, earned, at))]


def _carry(ladder: Ladder, account: Account, earned: Standing, at: datetime) -> TierChange | None:
    """The change that the new version makes to one member, None for most."""
    held = rank_of(account.tier)
    there = max((rank for rank in ladder.tiers if rank <= held), default=0)
    until = account.tier_valid_until or ladder.ends(there, ladder.window(account).renewed(at))
    rank, ends = (
        (earned.rank, earned.valid_until) if earned.rank > there else (there, ladder.ends(there, until))
    )
    if rank == held and ends == account.tier_valid_until:
        return None
    cause = "kept" if rank == held else "version"
    snapshot = earned.snapshot(ladder.version)
    return change(account, ladder.tiers.get(rank), ends, cause=cause, at=at, now=at, snapshot=snapshot)
