"""Holding the tier that was earned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from loyalty import tier_windows
from loyalty.models import Account, Entry, Tier


def raise_tiers(accounts: Mapping[int, Account], posted: Iterable[Entry]) -> None:
    """Set on locked `accounts` (by id) the best tier that what was just `posted` reaches; never a lower one.

    The qualifying points of each year in which something was earned count. The accounts are not saved here.
    """
    years: dict[tuple[int, datetime, datetime], set[int]] = {}
    for entry in posted:
        if entry.qualifying > 0:
            programme = accounts[entry.account_id].programme
            start, end = tier_windows.calendar_year(entry.counts_at, programme.zone)
            years.setdefault((programme.pk, start, end), set()).add(entry.account_id)
    for (programme_id, start, end), earning in years.items():
        tiers = list(Tier.objects.filter(programme=programme_id))
        sums = Entry.objects.filter(account__pk__one_of=earning).qualifying_by_account(start, end)
        for account_id, points in sums.items():
            account = accounts[account_id]
            reached = next((tier for tier in reversed(tiers) if tier.qualifying_points <= points), None)
            if reached and (account.tier is None or reached.rank > account.tier.rank):
                account.tier = reached
