"""What members are about to lose, the most first: points that end, and tiers that were not earned again.

The letters of `loyalty.services.warnings` tell everybody; this is for who is worth more than a letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet, Sum

from loyalty.models import Account, Lot, Programme, Tier
from loyalty.progress import Keeping, Missing, keepings
from loyalty.services import sleeping
from loyalty.tier_windows import last_day_before

LOOKED_AT = 5000  # members whose tier ends that one question looks at, those of the highest tier first
AT_A_TIME = 200
Among = Callable[[QuerySet[Account]], QuerySet[Account]]


@dataclass(frozen=True)
class AtStake:
    """What an account loses at `ends` (UTC): `points`, or its `tier`, which falls to `falls_to` (None: to none).

    Of a tier, `missing` is what keeps it, and `points` what it takes to earn it: by them what is at stake is compared.
    """

    account: Account
    ends: datetime
    points: int
    tier: Tier | None = None
    falls_to: Tier | None = None
    missing: Missing = field(default_factory=Missing)

    @property
    def key(self) -> str:
        """Names it among all that is ever at stake: one group of lots, one end of a tier."""
        day = last_day_before(self.ends, self.account.programme.zone)
        return f"{'tier' if self.tier else 'points'}:{self.account.pk}:{day.isoformat()}"


def points_at_stake(
    programme: Programme, among: Among, *, soonest: datetime, latest: datetime, least: int, limit: int
) -> list[AtStake]:
    """Where at least `least` points end at one instant between `soonest` and `latest`, the most points first.

    `among` narrows whose accounts are looked at. It walks the accounts of which something ends by then.
    """
    if programme.expiry_mode == Programme.Expiry.INACTIVITY:
        return _of_sleepers(programme, among, soonest=soonest, latest=latest, least=least, limit=limit)
    ending = Account.objects.filter(
        next_expiry__lte=latest, programme=programme, status=Account.Status.ACTIVE, balance__gte=least
    )
    lots = Lot.objects.filter(
        account__in=among(ending), is_open=True, expires_at__gte=soonest, expires_at__lte=latest
    )
    groups = lots.values_list("account", "expires_at").annotate(points=Sum("remaining"))
    rows = list(groups.filter(points__gte=least).order_by("-points", "account", "expires_at")[:limit])
    accounts = Account.objects.select_related("programme", "customer__brand").in_bulk(
        {pk for pk, _e, _p in rows}
    )
    found = [
        AtStake(accounts[pk], ends, min(points, accounts[pk].available)) for pk, ends, points in rows if ends
    ]
    return [one for one in found if one.points >= least]


def _of_sleepers(
    programme: Programme, among: Among, *, soonest: datetime, latest: datetime, least: int, limit: int
) -> list[AtStake]:
    """Those who lose all of their points, because they did nothing for too long."""
    rows = among(sleeping.asleep(programme, latest).filter(balance__gte=least)).select_related(
        "programme", "customer__brand"
    )
    found = []
    for account in rows.order_by("-balance", "pk")[:limit]:
        ends = sleeping.end_after(account, account.last_deed)  # type: ignore[attr-defined]
        if soonest <= ends <= latest and account.available >= least:
            found.append(AtStake(account, ends, account.available))
    return found


def tiers_at_stake(
    programme: Programme, among: Among, *, soonest: datetime, latest: datetime, limit: int, at: datetime
) -> list[AtStake]:
    """Whose tier ends between `soonest` and `latest` and falls, as things stand at `at`; the highest tier first."""
    ending = Account.objects.filter(
        tier_valid_until__gte=soonest, tier_valid_until__lte=latest, programme=programme, tier__isnull=False,
        status=Account.Status.ACTIVE,
    )  # fmt: skip
    rows = among(ending).select_related("programme", "tier", "customer__brand").order_by("-tier__rank", "pk")
    return list(islice(_falling(rows, at), limit))


def _falling(rows: QuerySet[Account], at: datetime) -> Iterator[AtStake]:
    accounts = rows[:LOOKED_AT].iterator(chunk_size=AT_A_TIME)
    while batch := list(islice(accounts, AT_A_TIME)):
        for account, keeping in keepings(batch, at):
            if not keeping.is_kept and account.tier and account.tier_valid_until:
                yield AtStake(
                    account,
                    account.tier_valid_until,
                    _takes(keeping),
                    account.tier,
                    keeping.falls_to,
                    keeping.missing,
                )


def _takes(keeping: Keeping) -> int:
    """What the tier takes to earn, as points: a unit of money and a hundredth of an order count as one."""
    level = keeping.level
    return max(level.points or 0, (level.spend_minor or 0) // 100, (level.orders or 0) * 100)
