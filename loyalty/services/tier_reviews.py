"""Tiers whose time is over: kept where they were earned again, lowered where the rules say so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from agents.models import Agent
from contactcenter import clock
from loyalty import tier_rules, tier_windows
from loyalty.models import Account, TierChange, TierFloor
from loyalty.services.standing import Ladder, Standing, ladder_of, standings_at
from loyalty.services.tiers import change, keep_changes, rank_of

AT_ONCE = 200  # accounts that one transaction reviews


@transaction.atomic
def review_some(*, at: datetime | None = None) -> int:
    """Review accounts whose tier ended by `at` and that nobody else works on; gives how many, 0 when none is left.

    Each end is reviewed as of its own instant, however late: whoever was forgotten for years goes through all.
    """
    at = at or clock.now()
    due = Account.objects.filter(tier_valid_until__lte=at).exclude(status=Account.Status.MERGED)
    due = due.order_by("tier_valid_until", "id")
    locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("programme", "tier")
    accounts = list(locked[:AT_ONCE])
    lines: list[TierChange] = []
    while left := [one for one in accounts if one.tier_valid_until and one.tier_valid_until <= at]:
        lines += _reviews(left, at)
    keep_changes(lines)
    return len(accounts)


def review_due(account: Account, at: datetime) -> None:
    """Review a locked account whose tier ended by `at`, as `review_some` does."""
    lines: list[TierChange] = []
    while account.tier_valid_until and account.tier_valid_until <= at:
        lines += _reviews([account], at)
    keep_changes(lines)


def review_now(account: Account, at: datetime, *, by: Agent) -> None:
    """Review a locked account at `at`, whenever its tier would have ended; `by` has taken away what held it."""
    account.tier_valid_until = at
    lines = _reviews([account], at)
    for line in lines:
        line.actor = by
    keep_changes(lines)


def _reviews(accounts: Sequence[Account], now: datetime) -> list[TierChange]:
    """One review of each of these locked accounts, as of the end of its tier."""
    together: dict[tuple[int, datetime], list[Account]] = {}
    for account in accounts:
        if account.tier_valid_until:
            together.setdefault((account.programme_id, account.tier_valid_until), []).append(account)
    lines = []
    for (_programme, end), group in together.items():
        ladder = ladder_of(group[0].programme, end)
        if ladder is None:  # the programme has no tiers any more
            lines += [change(account, None, None, cause="version", at=end, now=now) for account in group]
            continue
        floors = floors_of(group, end)
        for account, earned in zip(group, standings_at(ladder, group, end), strict=True):
            lines.append(_review(ladder, account, earned, floors.get(account.pk), end, now))
    return lines


def _review(
    ladder: Ladder, account: Account, earned: Standing, floor: TierFloor | None, end: datetime, now: datetime
) -> TierChange:
    held = rank_of(account.tier)
    rule = tier_rules.Review(ladder.version.review)
    left = tier_rules.reviewed(held, earned.rank, sorted(ladder.tiers), rule)
    until = earned.valid_until if left == earned.rank else ladder.window(account).renewed(end)
    tier, until = ladder.tiers.get(left), ladder.ends(left, until)
    snapshot = earned.snapshot(ladder.version)
    if floor and floor.tier.rank > left:
        left, tier, until = floor.tier.rank, floor.tier, floor.ends_at
        snapshot |= {"floor": floor.pk}
    grace = ladder.version.grace_days if left < held else 0
    return change(
        account,
        tier,
        until,
        cause="lapsed" if left < held else "kept" if left == held else "earned",
        at=end,
        now=now,
        snapshot=snapshot,
        benefits_until=_days_on(end, grace, account.programme.zone) if grace else None,
    )


def floors_of(accounts: Sequence[Account], at: datetime) -> dict[int, TierFloor]:
    """The highest tier that each account (id) may not fall below at `at`, where there is one."""
    holding = TierFloor.objects.filter(account__in=accounts).holding(at).select_related("tier")
    return {floor.account_id: floor for floor in holding.order_by("tier__rank", "id")}


def _days_on(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The local midnight so many days after that of the day of `at`."""
    return tier_windows.midnight(at.astimezone(zone).date() + timedelta(days=days), zone)
