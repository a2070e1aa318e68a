"""What customers earned: programmes, accounts, and the ledger that is only ever added to."""

from loyalty.models.accounts import Account
from loyalty.models.benefits import Benefit, BenefitUse
from loyalty.models.ledger import Entry, Lot, LotUse
from loyalty.models.programmes import Programme
from loyalty.models.tier_history import TierChange, TierFloor
from loyalty.models.tiers import Criterion, Tier, TierSet

__all__ = [
    "Account",
    "Benefit",
    "BenefitUse",
    "Criterion",
    "Entry",
    "Lot",
    "LotUse",
    "Programme",
    "Tier",
    "TierChange",
    "TierFloor",
    "TierSet",
]
