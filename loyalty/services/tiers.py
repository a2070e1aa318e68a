"""Holding the tier that was earned: raised by the deed that posts the points, lowered only where the rules say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from agents.models import Agent
from contactcenter import bulk, clock
from customers.models import Order
from loyalty.models import Account, Entry, Programme, Tier, TierChange
from loyalty.services.standing import Ladder, Standing, best, ladder_of, standings, standings_at
from loyalty.tier_windows import Kind, Span

Candidate = tuple[
    Account, Span, datetime | None, datetime
]  # whose, which window, held until when, reached when


def reached(accounts: Mapping[int, Account], posted: Iterable[Entry]) -> list[TierChange]:
    """Put locked `accounts` (by id) on the best tier that what was just `posted` reaches; never a lower one.

    Each window that something counts in is looked at, also one that is over: a late order may raise, unless the
    tier it gives would have ended by now. Gives the lines of the history; they and the accounts are not written yet.
    Only entries with qualifying points above zero matter; the programmes of the accounts must be loaded.
    """
    lines: list[TierChange] = []
    by_programme: dict[int, list[Entry]] = {}
    for entry in posted:
        if entry.qualifying > 0:
            by_programme.setdefault(accounts[entry.account_id].programme_id, []).append(entry)
    for entries in by_programme.values():
        now = entries[0].posted_at
        ladder = ladder_of(accounts[entries[0].account_id].programme, now)
        if ladder:
            counted = [(accounts[entry.account_id], entry.counts_at) for entry in entries]
            lines += earned(ladder, counted, now)
    return lines


def earned(ladder: Ladder, counted: Sequence[tuple[Account, datetime]], now: datetime) -> list[TierChange]:
    """Raise locked accounts by what counts at these instants, as things stand at `now`; `keep_changes` writes."""
    candidates = _candidates(ladder, counted, now)
    found = standings(ladder, [candidate[:3] for candidate in candidates])
    best_of: dict[int, tuple[Standing, Candidate]] = {}
    for standing, candidate in zip(found, candidates, strict=True):
        earlier = best_of.get(candidate[0].pk)
        if earlier is None or best([earlier[0], standing]) is standing:
            best_of[candidate[0].pk] = (standing, candidate)
    raised = [
        (standing, candidate)
        for standing, candidate in best_of.values()
        if standing.rank > rank_of(candidate[0].tier)
    ]
    return [
        change(
            account, ladder.tiers[standing.rank], standing.valid_until,
            cause="earned" if standing.span[0] <= now < standing.span[1] else "late_order",
            at=at, now=now, snapshot=standing.snapshot(ladder.version),
        )
        for standing, (account, _span, _until, at) in raised
    ]  # fmt: skip


def joined(winner: Account, at: datetime) -> list[TierChange]:
    """Raise a locked `winner` to what a review at `at` would find, all that was merged into it counted.

    Gives the line of the history, if any; it and the account are not written yet.
    """
    ladder = ladder_of(winner.programme, at)
    if ladder is None:
        return []
    (found,) = standings_at(ladder, [winner], at)
    if found.rank <= rank_of(winner.tier):
        return []
    snapshot = found.snapshot(ladder.version)
    return [
        change(
            winner, ladder.tiers[found.rank], found.valid_until,
            cause="earned", at=at, now=clock.now(), snapshot=snapshot,
        )
    ]  # fmt: skip


def _candidates(
    ladder: Ladder, counted: Sequence[tuple[Account, datetime]], now: datetime
) -> list[Candidate]:
    """The windows in which something counts, each once, without those whose tier would have ended by `now`."""
    if ladder.version.window == Kind.ROLLING:
        counted = [*counted, *_later(counted)]
    found: dict[tuple[int, Span], Candidate] = {}
    for account, at in counted:
        window = ladder.window(account)
        span, until = window.holding(at), window.valid_until(at)
        if until is None or until > now:
            earlier = found.get((account.pk, span))
            found[account.pk, span] = (account, span, until, max(at, earlier[3]) if earlier else at)
    return list(found.values())


def _later(counted: Sequence[tuple[Account, datetime]]) -> list[tuple[Account, datetime]]:
    """What else counts after these instants: the rolling windows that end with it hold them too."""
    first: dict[int, datetime] = {}
    for account, at in counted:
        first[account.pk] = min(at, first.get(account.pk, at))
    accounts = {account.pk: account for account, _at in counted}
    rows = Entry.objects.filter(
        account__in=accounts, counts_at__gt=min(first.values()), qualifying__gt=0
    ).values_list("account", "counts_at")
    return [(accounts[pk], at) for pk, at in rows if at > first[pk]]


def rank_of(tier: Tier | None) -> int:
    """The rank of a tier, 0 for none."""
    return tier.rank if tier else 0


def change(
    account: Account,
    tier: Tier | None,
    valid_until: datetime | None,
    *,
    cause: str,
    at: datetime,
    now: datetime | None = None,
    by: Agent | None = None,
    snapshot: dict[str, Any] | None = None,
    benefits_until: datetime | None = None,
) -> TierChange:
    """Put a locked account on `tier` until `valid_until`; gives the line of its history. `keep_changes` writes."""
    line = TierChange(
        account=account,
        programme_id=account.programme_id,
        from_tier=account.tier,
        to_tier=tier,
        cause=cause,
        effective_at=at,
        recorded_at=now or clock.now(),
        valid_until=valid_until,
        benefits_until=benefits_until,
        snapshot=snapshot or {},
        actor=by,
    )
    account.tier = tier
    account.tier_valid_until = valid_until
    return line


def keep_changes(lines: Sequence[TierChange]) -> None:
    """Write these changes, and the tiers of their accounts as they are now."""
    if not lines:
        return
    bulk.insert(lines)
    bulk.update(
        list({line.account_id: line.account for line in lines}.values()), ["tier_id", "tier_valid_until"]
    )


def raise_for_order(order: Order, by: Agent | None = None) -> None:
    """Raise who bought `order`, where the version in force counts orders or money: also if it gave no points."""
    raise_for_orders([order])


def raise_for_orders(orders: Sequence[Order]) -> None:
    """The same for many orders of one brand at once, in the transaction that records them."""
    now = clock.now()
    programme = Programme.objects.filter(brand__in={order.brand_id for order in orders}).first()
    ladder = ladder_of(programme, now) if programme else None
    if ladder is None or not ladder.counts_orders:
        return
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    members = locked.filter(customer__in={order.customer_id for order in orders}).order_by("pk")
    accounts = {account.customer_id: account for account in members}
    counted = [
        (accounts[order.customer_id], order.placed_at) for order in orders if order.customer_id in accounts
    ]
    keep_changes(earned(ladder, counted, now))
