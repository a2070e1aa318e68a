"""What becomes of a tier when money or points go back after it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.models import Agent
from customers.models import Order, OrderRefund
from loyalty import tier_rules
from loyalty.models import Account, Entry, TierChange
from loyalty.services.standing import Ladder, ladder_of, standings, standings_at
from loyalty.services.tier_reviews import floors_of
from loyalty.services.tiers import change, keep_changes, rank_of


@dataclass(frozen=True)
class Back:
    """Something that counted at `counted_at` and went back at `at`, written down at `now`."""

    counted_at: datetime
    at: datetime
    now: datetime
    cause: TierChange.Cause = TierChange.Cause.REFUND
    by: Agent | None = None


def lower_after_refund(refund: OrderRefund) -> None:
    """Lower the tier of who gave something back, where the version in force says so; else it stays until it ends.

    The window that gave the tier is counted again: only if the order counts in it, and what is left no longer
    reaches the tier, it falls to what is earned without it, never below a floor. In the refund's transaction.
    """
    _follow(refund.order.customer_id, Back(refund.order.placed_at, refund.refunded_at, refund.recorded_at))


def lower_after_cancel(order: Order, by: Agent | None, at: datetime) -> None:
    """The same for an order that was cancelled, all of which goes back."""
    _follow(order.customer_id, Back(order.placed_at, at, at))


def lower_after_reversal(account: Account, entry: Entry, at: datetime, *, by: Agent | None) -> None:
    """The same for qualifying points of an `entry` that were taken back outside of a refund, in that transaction.

    Of a merged account the tier of the one that has its points now.
    """
    while heir := Account.objects.filter(merged=account.pk).first():
        account = heir
    back = Back(entry.counts_at, at, at, TierChange.Cause.REVERSAL, by)
    _follow(account.customer_id, back)


def _follow(customer: int, back: Back) -> None:
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.filter(customer=customer).first()
    if account is None or account.tier is None:
        return
    ladder = ladder_of(account.programme, back.now)
    if ladder is None or ladder.version.refunds == tier_rules.Refunds.KEEP_UNTIL_EXPIRY:
        return
    gave = account.tier_changes.order_by("-id").first()
    if gave and _undoes(ladder, gave, back):
        _lower(ladder, account, gave, back)


def _undoes(ladder: Ladder, gave: TierChange, back: Back) -> bool:
    """Whether what went back counted for this tier, and in time to cost it."""
    if "from" not in gave.snapshot or gave.to_tier_id is None or gave.cause in ("manual", "merge"):
        return False
    start, end = (datetime.fromisoformat(gave.snapshot[name]) for name in ("from", "to"))
    in_time = back.at < gave.effective_at + timedelta(days=ladder.version.refund_days)
    at_once = ladder.version.refunds == tier_rules.Refunds.IMMEDIATE
    return start <= back.counted_at < end and (at_once or in_time)


def _lower(ladder: Ladder, account: Account, gave: TierChange, back: Back) -> None:
    held = rank_of(account.tier)
    start, end = (datetime.fromisoformat(gave.snapshot[name]) for name in ("from", "to"))
    (now,) = standings(ladder, [(account, (start, end), gave.valid_until)])
    (earned,) = standings_at(ladder, [account], back.now)
    floor = floors_of([account], back.now).get(account.pk)
    left, tier, until = earned.rank, ladder.tiers.get(earned.rank), earned.valid_until
    snapshot = earned.snapshot(ladder.version)
    if floor and floor.tier.rank > left:
        left, tier, until = floor.tier.rank, floor.tier, floor.ends_at
        snapshot |= {"floor": floor.pk}
    if now.rank >= held or left >= held:
        return
    line = change(
        account, tier, until, cause=back.cause, at=back.now, now=back.now, by=back.by, snapshot=snapshot
    )
    keep_changes([line])
