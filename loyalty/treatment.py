"""How a member's tier has them treated: what queues and promises ask of loyalty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.models import Account, Benefit
from loyalty.services.benefits import benefits_of

USUAL = 100


@dataclass(frozen=True)
class Treatment:
    """The tier (None: none) and its `rank` from 1, whether its members go first, and in how many percent of the
    usual time they are answered."""

    tier: int | None = None
    rank: int = 0
    goes_first: bool = False
    reply_percent: int = USUAL


def treatment_of(customer: int, at: datetime) -> Treatment:
    """What the customer with this key is entitled to at the instant `at`, benefits in their grace included; a frozen
    or closed account entitles to nothing."""
    accounts = Account.objects.select_related("tier", "programme")
    account = accounts.filter(customer=customer, status=Account.Status.ACTIVE).first()
    if account is None:
        return Treatment()
    held = [one.benefit for one in benefits_of(account, at)]
    sooner = [one.value or USUAL for one in held if one.kind == Benefit.Kind.REPLY_TIME]
    return Treatment(
        account.tier_id,
        account.tier.rank if account.tier else 0,
        any(one.kind == Benefit.Kind.PRIORITY for one in held),
        min(sooner, default=USUAL),
    )
