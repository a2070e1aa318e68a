"""What customers earned: programmes, accounts, and the ledger that is only ever added to."""

from loyalty.models.accounts import Account
from loyalty.models.earning import Campaign, EarningRule, RuleVersion
from loyalty.models.ledger import Entry, Lot, LotUse
from loyalty.models.pending import PendingGrant
from loyalty.models.programmes import Programme
from loyalty.models.tiers import Tier

__all__ = [
    "Account",
    "Campaign",
    "EarningRule",
    "Entry",
    "Lot",
    "LotUse",
    "PendingGrant",
    "Programme",
    "RuleVersion",
    "Tier",
]
