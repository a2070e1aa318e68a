"""What becomes of a tier when money comes back after it was reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from customers.models import OrderRefund
from loyalty import tier_rules
from loyalty.models import Account, TierChange
from loyalty.services.standing import Ladder, ladder_of, standings, standings_at
from loyalty.services.tier_reviews import floors_of
from loyalty.services.tiers import change, keep_changes, rank_of


def lower_after_refund(refund: OrderRefund) -> None:
    """Lower the tier of who gave something back, where the version in force says so; else it stays until it ends.

    The window that gave the tier is counted again: only if the order counts in it, and what is left no longer
    reaches the tier, it falls to what is earned without it, never below a floor. In the refund's transaction.
    """
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.filter(customer=refund.order.customer_id).first()
    if account is None or account.tier is None:
        return
    ladder = ladder_of(account.programme, refund.recorded_at)
    if ladder is None or ladder.version.refunds == tier_rules.Refunds.KEEP_UNTIL_EXPIRY:
        return
    gave = account.tier_changes.order_by("-id").first()
    if gave and _undoes(ladder, gave, refund):
        _lower(ladder, account, gave, refund.recorded_at)


def _undoes(ladder: Ladder, gave: TierChange, refund: OrderRefund) -> bool:
    """Whether the refund is of an order that counted for this tier, and in time to cost it."""
    if "from" not in gave.snapshot or gave.to_tier_id is None or gave.cause in ("manual", "merge"):
        return False
    start, end = (datetime.fromisoformat(gave.snapshot[name]) for name in ("from", "to"))
    in_time = refund.refunded_at < gave.effective_at + timedelta(days=ladder.version.refund_days)
    at_once = ladder.version.refunds == tier_rules.Refunds.IMMEDIATE
    return start <= refund.order.placed_at < end and (at_once or in_time)


def _lower(ladder: Ladder, account: Account, gave: TierChange, at: datetime) -> None:
    held = rank_of(account.tier)
    start, end = (datetime.fromisoformat(gave.snapshot[name]) for name in ("from", "to"))
    (now,) = standings(ladder, [(account, (start, end), gave.valid_until)])
    (earned,) = standings_at(ladder, [account], at)
    floor = floors_of([account], at).get(account.pk)
    left, tier, until = earned.rank, ladder.tiers.get(earned.rank), earned.valid_until
    if floor and floor.tier.rank > left:
        left, tier, until = floor.tier.rank, floor.tier, floor.ends_at
    if now.rank >= held or left >= held:
        return
    snapshot = earned.snapshot(ladder.version)
    keep_changes([change(account, tier, until, cause="refund", at=at, now=at, snapshot=snapshot)])
